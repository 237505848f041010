"""Recovery codes: ten look-up secrets for the day on which the phone is gone (NIST SP 800-63B-4, section 3.1.2).

Fifty random bits each, shown once, kept as keyed hashes bound to their account, and each works once. A code stands in
for the second factor, never for the password.
"""

import base64
import hashlib
import hmac
from typing import Final

from idp.domain.facts import Fresh
from idp.domain.policy import Policy

HOW_MANY: Final = 10
LENGTH: Final = 10
_ALPHABET: Final = frozenset("abcdefghijklmnopqrstuvwxyz234567")


def drawn(fresh: Fresh) -> tuple[str, ...]:
    """Ten fresh codes as people read them: two groups of five."""
    made = (base64.b32encode(fresh.derived(f"recovery code {place}"))[:LENGTH] for place in range(HOW_MANY))
    return tuple(shown(each.decode("ascii").lower()) for each in made)


def shown(code: str) -> str:
    """``abcde-fghij``."""
    return f"{code[:5]}-{code[5:]}"


def read(text: str) -> str | None:
    """The ten letters of a typed code, or None; 0, 1 and 8 are read as the letters they look like."""
    plain = "".join(text.lower().replace("-", " ").split())
    plain = plain.translate(str.maketrans("018", "olb"))
    return plain if len(plain) == LENGTH and _ALPHABET.issuperset(plain) else None


def hashed(code: str, account_id: str, policy: Policy) -> bytes:
    """What is stored of a code of this account; useless without the deployment's secret."""
    text = f"recovery-code|{account_id}|{code}".encode()
    return hmac.new(policy.pairwise_salt, text, hashlib.sha256).digest()

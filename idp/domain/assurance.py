"""Levels: account level x authentication level x resistance to phishing, a partial order.

Domain facts: e-ID accounts, section 6. The third part are the values ``phr`` and ``phrh`` of OpenID Connect Extended
Authentication Profile ACR Values 1.0. They say how somebody signed in and nothing of who they are: ``phr`` is met at
every account level, and no ``lX-aY`` implies it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "urn:example:vn:acr:"


@dataclass(frozen=True, slots=True)
class Assurance:
    """``account_level`` 1-2 is the strength of enrolment, ``authentication_level`` 1-4 of one sign-in event."""

    account_level: int
    authentication_level: int
    resistance: int = 0
    """To phishing: 0 none, 1 ``phr``, 2 ``phrh``."""

    @property
    def acr(self) -> str:
        """The national ``acr`` value, for example ``urn:example:vn:acr:l2-a2``."""
        return f"{PREFIX}l{self.account_level}-a{self.authentication_level}"

    def satisfies(self, other: "Assurance") -> bool:
        """True when each part reaches the other's; ``l1-a2`` and ``l2-a1`` satisfy each other in no direction."""
        return (
            self.account_level >= other.account_level
            and self.authentication_level >= other.authentication_level
            and self.resistance >= other.resistance
        )


SUPPORTED: Final[tuple[Assurance, ...]] = (
    Assurance(1, 1),
    Assurance(1, 2),
    Assurance(2, 1),
    Assurance(2, 2),
    Assurance(2, 3),
    Assurance(2, 4),
)
ATTAINABLE: Final = 2
"""The highest authentication level that the pages can reach: two factors, none biometric (a phone's own look at a
face is compared with no State record, so it is none)."""
PHR: Final = "phr"
"""EAP ACR Values 1.0 (openid-connect-eap-acr-values-1_0), section 2: "An authentication mechanism where a party
potentially under the control of the Relying Party cannot gain sufficient information to be able to successfully
authenticate to the End User's OpenID Provider as if that party were the End User."
"""
PHRH: Final = "phrh"
"""Likewise, and what is needed to authenticate "is held in a hardware-protected device or component"."""
RESISTANT: Final = {PHR: Assurance(1, 1, 1), PHRH: Assurance(1, 1, 2)}
BY_ACR: Final = {**{level.acr: level for level in SUPPORTED}, **RESISTANT}

KNOWLEDGE: Final = frozenset({"pwd", "pin"})
POSSESSION: Final = frozenset({"otp", "hwk", "swk", "pop"})
BIOMETRIC: Final = frozenset({"face", "fpt"})


def authentication_level(amr: Iterable[str]) -> int:
    """Level 0-4 that a set of used methods reaches (Decree 69/2024, Art. 20).

    A passkey whose authenticator verified its holder is two factors at once (``pop`` and ``mfa``); whether the second
    was a PIN or a finger stays in the device, so it is never a biometric factor here.
    """
    used = frozenset(amr)
    known = bool(used & KNOWLEDGE) or {"pop", "mfa"} <= used
    kinds = [known, bool(used & POSSESSION), bool(used & BIOMETRIC)]
    if all(kinds):
        return 4
    if kinds[2] and sum(kinds) >= 2:  # noqa: PLR2004 - "two or more different factors"
        return 3
    if kinds[0] and kinds[1]:
        return 2
    return 1 if kinds[0] or kinds[1] else 0


def resistance(amr: Iterable[str]) -> int:
    """How resistant to phishing the used methods are: only a passkey is (``pop``), in proven hardware ``hwk``."""
    used = frozenset(amr)
    if "pop" not in used:
        return 0
    return 2 if "hwk" in used else 1


def reached(account_level: int, amr: Iterable[str]) -> Assurance:
    """What somebody with an account of this level has proven by these methods."""
    used = tuple(amr)
    return Assurance(account_level, authentication_level(used), resistance(used))


def known(values: Iterable[object]) -> tuple[Assurance, ...]:
    """The levels behind ``acr`` values, in their order; what nobody knows is left out."""
    return tuple(BY_ACR[value] for value in values if isinstance(value, str) and value in BY_ACR)

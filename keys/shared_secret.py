"""HMAC with a client's secret (RFC 7518 section 3.2), HS256 only, apart from everything that knows public keys.

No function here ever sees a public key and no function of :mod:`keys.public_key_set` ever sees a secret, so the
bytes of a public key can never be taken for one (CVE-2016-10555).
"""

import hmac
from typing import Final

from keys import strict_json
from keys.errors import VerificationFailed
from keys.public_key_set import Typ, checked_header, compact_segments

ALGORITHM: Final = "HS256"
LEAST_SECRET_BYTES: Final = 32


def verify_with_secret(
    token: str, secret: bytes, *, typ: Typ = None, max_bytes: int = 16384
) -> dict[str, object]:
    """Return the claims of a compact JWS under HS256 with this secret; `typ` as in `PublicKeySet.verify`.

    Raises:
        VerificationFailed: the token is refused; `code` says why.
        ValueError: the secret is shorter than the hash (RFC 7518 section 3.2).
    """
    # RFC 7518 3.2: "A key of the same size as the hash output (for instance, 256 bits for "HS256") or larger MUST be
    # used with this algorithm."
    if len(secret) < LEAST_SECRET_BYTES:
        raise ValueError("the secret is shorter than 256 bits")
    header, signed, payload, signature = compact_segments(token, max_bytes)
    checked_header(header, (ALGORITHM,), typ)
    if not hmac.compare_digest(hmac.digest(secret, signed, "sha256"), signature):
        raise VerificationFailed("signature")
    try:
        return strict_json.parse_object(payload)
    except ValueError as broken:
        raise VerificationFailed("payload") from broken

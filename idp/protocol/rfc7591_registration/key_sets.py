"""RFC 7591 section 2, ``jwks``: public keys only, strong ones, each with a name of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from idp.protocol.rfc7591_registration.refusals import Unacceptable
from idp.protocol.rfc7591_registration.terms import Terms
from idp.protocol.rfc7591_registration.values import LONGEST_TEXT, listed
from keys import KeyRefused, PublicKeySet

#: What a public key consists of and is described by (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2).
MEMBERS: Final = frozenset(
    {"kty", "crv", "x", "y", "n", "e", "kid", "alg", "use", "key_ops", "x5c", "x5t#S256"}
)
LONGEST_NUMBER: Final = 2_048
"""Characters; the modulus of an RSA key of 8,192 bits has 1,366."""
MOST_CERTIFICATES: Final = 5
CERTIFICATE: Final = re.compile(r"[A-Za-z0-9+/]{1,8190}={0,2}")
PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def key_set(value: object, terms: Terms) -> Mapping[str, object]:
    """A JWK Set with the members that we understand."""
    del terms
    if not isinstance(value, dict):
        raise Unacceptable("jwks")
    found = [one_key(each) for each in listed(value.get("keys"))]
    if not found:
        raise Unacceptable("empty")
    document: dict[str, object] = {"keys": found}
    try:
        # Every key is imported, also those for encryption: a weak RSA key or a point off its curve ends here.
        PublicKeySet.from_jwks({"keys": [as_verifying(each) for each in found]})
    except KeyRefused as refused:
        raise Unacceptable(refused.code) from refused
    return document


def one_key(value: object) -> dict[str, Any]:
    """One public key."""
    if not isinstance(value, dict):
        raise Unacceptable("jwk")
    # OIDC Registration 2: "The JWK Set MUST NOT contain private or symmetric key values."
    if not PRIVATE.isdisjoint(value) or value.get("kty") == "oct":
        raise Unacceptable("private")
    kid = value.get("kid")
    if kid is not None and (not isinstance(kid, str) or not 0 < len(kid) <= LONGEST_TEXT):
        raise Unacceptable("kid")
    kept = {name: each for name, each in value.items() if name in MEMBERS}
    if not all(is_plain(name, each) for name, each in kept.items()):
        raise Unacceptable("member")
    return kept


def is_plain(name: str, value: object) -> bool:
    """Whether a member is of its type, short, and of characters that every store and every page can hold."""
    if name == "x5c":
        # RFC 7517 4.7: "Each string in the array is a base64-encoded (... not base64url-encoded) DER ... value."
        chain = listed(value)
        return 0 < len(chain) <= MOST_CERTIFICATES and all(
            isinstance(each, str) and CERTIFICATE.fullmatch(each) for each in chain
        )
    several = listed(value) if name == "key_ops" else [value]
    return all(
        isinstance(each, str) and len(each) <= LONGEST_NUMBER and each.isprintable() for each in several
    )


def as_verifying(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """The key as if it were for signatures, so that the strict import looks at its numbers."""
    return {name: each for name, each in jwk.items() if name not in {"use", "key_ops", "alg"}}

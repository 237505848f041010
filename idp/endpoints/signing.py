"""From unsigned claims to tokens, and back: the only place of the endpoints that touches keys."""

from __future__ import annotations

from typing import Final

from idp.domain.outcomes import IssuedTokens, OpaqueAccess
from idp.protocol.oidc_id_token import half_hash
from keys import KeyPurpose, KeyRing, VerificationFailed

ID_TOKEN_ALGORITHMS: Final = ("ES256", "RS256", "PS256", "EdDSA")
ACCESS_ALGORITHMS: Final = ("ES256",)


def token_document(issued: IssuedTokens, ring: KeyRing) -> dict[str, object]:
    """RFC 6749 5.1 and OIDC Core 3.1.3.3: the token answer."""
    access = issued.access
    if isinstance(access, OpaqueAccess):
        token = access.token
    else:
        token = ring.signer(KeyPurpose.ACCESS_TOKEN).sign(access.claims)
    document: dict[str, object] = {
        "access_token": token,
        "token_type": issued.token_type,
        "expires_in": issued.expires_in,
        "scope": " ".join(issued.scopes),
    }
    if issued.refresh_token is not None:
        document["refresh_token"] = issued.refresh_token
    if issued.id_token is not None:
        signer = ring.signer(KeyPurpose.ID_TOKEN, issued.id_token.algorithm)
        claims = {**issued.id_token.claims, "at_hash": half_hash(token, issued.id_token.algorithm)}
        document["id_token"] = signer.sign(claims)
    return document


def verified_hint(token: str | None, ring: KeyRing) -> dict[str, object] | None:
    """The claims of an ID token of ours, whatever its age (OIDC Core 3.1.2.1); None for anything else."""
    return _verified(token, ring, KeyPurpose.ID_TOKEN, ID_TOKEN_ALGORITHMS, "JWT")


def verified_access(token: str | None, ring: KeyRing) -> dict[str, object] | None:
    """The claims of a JWT access token of ours, whatever its age; None for anything else."""
    return _verified(token, ring, KeyPurpose.ACCESS_TOKEN, ACCESS_ALGORITHMS, "at+jwt")


def _verified(
    token: str | None, ring: KeyRing, purpose: KeyPurpose, algorithms: tuple[str, ...], typ: str
) -> dict[str, object] | None:
    if token is None:
        return None
    try:
        return ring.public_keys(purpose).verify(token, algorithms=algorithms, typ=typ)
    except VerificationFailed:
        return None

"""From unsigned claims to tokens, and back: the only place of the endpoints that touches keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import orjson

from idp.domain.outcomes import (
    AnswerJwt,
    Envelope,
    FrontChannelTokens,
    IdTokenClaims,
    IssuedTokens,
    JwtAccessClaims,
    OpaqueAccess,
    RedirectBack,
)
from idp.protocol.oidc_id_token import half_hash
from keys import DecryptionFailed, KeyPurpose, KeyRefused, KeyRing, VerificationFailed
from keys.compact import JWE_PARTS, parts_in

ID_TOKEN_ALGORITHMS: Final = ("ES256", "RS256", "PS256", "EdDSA")
ACCESS_ALGORITHMS: Final = ("ES256",)
"""RFC 7516 7.1: five parts."""


def token_document(issued: IssuedTokens, ring: KeyRing) -> dict[str, object]:
    """RFC 6749 5.1 and OIDC Core 3.1.3.3: the token answer."""
    token = access_text(issued.access, ring)
    document: dict[str, object] = {
        "access_token": token,
        "token_type": issued.token_type,
        "expires_in": issued.expires_in,
        "scope": " ".join(issued.scopes),
    }
    if issued.issued_token_type is not None:
        document["issued_token_type"] = issued.issued_token_type
    if issued.authorization_details:
        document["authorization_details"] = issued.authorization_details
    if issued.refresh_token is not None:
        document["refresh_token"] = issued.refresh_token
    if issued.id_token is not None:
        at_hash = half_hash(token, issued.id_token.algorithm)
        document["id_token"] = id_token_text(issued.id_token, {"at_hash": at_hash}, ring)
    return document


def completed(back: RedirectBack, ring: KeyRing) -> RedirectBack:
    """The authorization response with everything signed that it brings (OIDC Core 3.2.2.5 and 3.3.2.5, JARM 2.1)."""
    params = back.params
    if back.tokens is not None:
        params = (*front_channel(back.tokens, ring), *params)
    if back.jwt is not None:
        signer = ring.signer(KeyPurpose.AUTHORIZATION_RESPONSE, back.jwt.algorithm)
        # The answer's own iss (RFC 9207) and the JWT's are one claim.
        token = signer.sign({**dict(params), **back.jwt.claims})
        params = (("response", enclosed(token, back.jwt.envelope)),)
    return replace(back, params=params, tokens=None, jwt=None)


def front_channel(tokens: FrontChannelTokens, ring: KeyRing) -> list[tuple[str, str]]:
    """The parameters of tokens beside a code."""
    params: list[tuple[str, str]] = []
    hashes: dict[str, str] = {}
    if tokens.access is not None:
        token = access_text(tokens.access, ring)
        params += [("access_token", token), ("token_type", "Bearer"), ("expires_in", str(tokens.expires_in))]
        if tokens.id_token is not None:
            # 3.2.2.9: at_hash is REQUIRED when an access token comes with the ID token from this endpoint.
            hashes["at_hash"] = half_hash(token, tokens.id_token.algorithm)
    if tokens.id_token is not None:
        params.append(("id_token", id_token_text(tokens.id_token, hashes, ring)))
    return params


def access_text(access: OpaqueAccess | JwtAccessClaims, ring: KeyRing) -> str:
    """An access token as it travels."""
    if isinstance(access, OpaqueAccess):
        return access.token
    return ring.signer(KeyPurpose.ACCESS_TOKEN).sign(access.claims)


def id_token_text(id_token: IdTokenClaims, hashes: dict[str, str], ring: KeyRing) -> str:
    """An ID token as it travels: the one place where ID tokens are signed and, where registered, encrypted."""
    signer = ring.signer(KeyPurpose.ID_TOKEN, id_token.algorithm)
    return enclosed(signer.sign({**id_token.claims, **hashes}), id_token.envelope)


def answer_text(answer: AnswerJwt, purpose: KeyPurpose, ring: KeyRing) -> str:
    """An answer as a JWT: signed, encrypted, or both in this order (OIDC Core 16.14, RFC 9701 section 5)."""
    if answer.algorithm is not None:
        return enclosed(ring.signer(purpose, answer.algorithm).sign(answer.claims), answer.envelope)
    if answer.envelope is None:
        raise RuntimeError("an answer in the open is no JWT")
    return answer.envelope.recipient.encrypt(orjson.dumps(answer.claims), answer.envelope.enc)


def enclosed(token: str, envelope: Envelope | None) -> str:
    """A signed token, nested in an encrypted one where its reader registered that (RFC 7519 section 5.2)."""
    if envelope is None:
        return token
    return envelope.recipient.encrypt(token, envelope.enc, cty="JWT")


def verified_hint(token: str | None, ring: KeyRing) -> dict[str, object] | None:
    """The claims of an ID token of ours, whatever its age (OIDC Core 3.1.2.1); None for anything else."""
    # 3.1.2.1: "The Client MAY re-encrypt the signed ID token to the Authentication Server using a key that enables
    # the server to decrypt the ID Token and use the re-encrypted ID token as the id_token_hint value."
    if token is not None and parts_in(token) == JWE_PARTS:
        try:
            token = ring.decryption_keys(KeyPurpose.REQUEST_OBJECT).decrypt(token).nested_token()
        except (DecryptionFailed, KeyRefused):
            return None
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

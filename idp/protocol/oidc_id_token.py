"""OpenID Connect Core 1.0: the ID token.

https://openid.net/specs/openid-connect-core-1_0.html#IDToken
Implemented: 2 (claims; signed, then encrypted where registered), 3.1.3.6 (at_hash; c_hash: oidc_core/flows.py),
5.5 (claims asked by name), 12.2 (refreshed tokens keep auth_time).
Left out: azp (one audience only).
Builds on Authlib's create_half_hash; OpenIDCode signs while it decides and reads the clock, so claims are made here.
"""

from __future__ import annotations

from collections.abc import Mapping

from authlib.oidc.core.util import create_half_hash

from idp.domain.account import Account
from idp.domain.client import Client
from idp.domain.grant import Grant
from idp.domain.outcomes import IdTokenClaims
from idp.domain.policy import Policy
from idp.protocol import oidc_encryption, oidc_pairwise
from idp.protocol.offer import Offer
from idp.protocol.oidc_userinfo import named_claims, with_verified
from keys import KeyPurpose


def id_token(
    grant: Grant,
    client: Client,
    account: Account,
    *,
    now: int,
    policy: Policy,
    refreshed: bool = False,
    published: Mapping[str, object] | None = None,
) -> IdTokenClaims:
    """Unsigned claims; ``at_hash`` joins when the access token has its text.

    ``published`` is what the client publishes at its ``jwks_uri``. Raises ProtocolError temporarily_unavailable when
    the token must be encrypted and cannot be.
    """
    made: dict[str, object] = {
        "iss": policy.issuer,
        "sub": grant.subject,
        "aud": client.client_id,
        "exp": now + policy.id_token_lifetime,
        "iat": now,
    }
    # 2: auth_time is REQUIRED when max_age or an essential claim asks for it; we always say it.
    if grant.auth_time is not None:
        made["auth_time"] = grant.auth_time
    # 2: "If present in the Authentication Request, Authorization Servers MUST include a nonce Claim in the ID Token
    # with the Claim Value being the nonce value sent in the Authentication Request."
    # 12.2: a refreshed ID token "SHOULD NOT have a nonce Claim".
    if grant.nonce is not None and not refreshed:
        made["nonce"] = grant.nonce
    if grant.acr is not None:
        made["acr"] = grant.acr
    if grant.amr:
        made["amr"] = list(grant.amr)
    if grant.session_id is not None:
        made["sid"] = oidc_pairwise.session_identifier(client.client_id, grant.session_id, policy)
    # 5.4: with a token answer, profile claims come from UserInfo; only those asked by name come here.
    for name, value in named_claims(grant, account, grant.claims.id_token).items():
        made.setdefault(name, value)
    with_verified(made, grant, account, grant.claims.verified_id_token, now)
    envelope = oidc_encryption.envelope(
        client.id_token_encrypted_response_alg,
        client.id_token_encrypted_response_enc,
        client.jwks if client.jwks_uri is None else published,
    )
    return IdTokenClaims(client.id_token_signed_response_alg, made, envelope)


def half_hash(text: str, algorithm: str) -> str:
    """3.1.3.6: base64url of the left half of the hash that the signature's algorithm uses.

    EdDSA names no hash; as the OpenID working group advises, Ed25519 uses SHA-512.
    """
    made: bytes = create_half_hash(text, "RS512" if algorithm == "EdDSA" else algorithm)
    return made.decode("ascii")


def metadata(offer: Offer) -> dict[str, object]:
    """OpenID Connect Discovery 1.0 section 3."""
    return {
        "id_token_signing_alg_values_supported": offer.of(KeyPurpose.ID_TOKEN),
        "claims_supported": ["iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"],
    }

"""JWT Secured Authorization Response Mode for OAuth 2.0 (JARM).

https://openid.net/specs/oauth-v2-jarm.html
Implemented: 2.1 (the JWT), 2.2 (signing and encryption), 2.3 (the four modes), 3 (client metadata), 4 (metadata).
Left out: signing with a client secret (only its hash is kept), algorithm none.
Builds on no Authlib class: Authlib has none. One wrapper stands behind every answer of the authorization endpoint,
errors included, so that no path can forget it; the endpoint signs what it leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from idp.domain.client import Client
from idp.domain.errors import PageProblem, ProtocolError
from idp.domain.outcomes import RedirectBack, ResponseJwt
from idp.domain.policy import Policy
from idp.protocol import oidc_encryption
from idp.protocol.offer import Offer
from idp.protocol.oidc_response_modes import JWT
from keys import CONTENT_ENCRYPTION, KEY_MANAGEMENT, KeyPurpose

LIFETIME: Final = 300
"""Seconds. 2.1: "A maximum JWT lifetime of 10 minutes is RECOMMENDED."""
DEFAULT_ALGORITHM: Final = "ES256"
"""For a client of our own manifests; registration writes down what a dynamic client gets (3: RS256 if omitted)."""


def wrapped(
    answer: RedirectBack, client: Client, keys: Mapping[str, object] | None, now: int, policy: Policy
) -> RedirectBack:
    """The same answer, and where its mode asks for it, what must be signed and encrypted around it.

    ``keys`` is the client's key set. Raises PageProblem unavailable when it cannot be encrypted as registered:
    then it cannot be given at all, not even an error.
    """
    if not answer.mode.endswith(JWT):
        return answer
    # 2.1: iss, aud and exp; "the JWT furthermore contains the authorization endpoint response parameters".
    claims = {"iss": policy.issuer, "aud": client.client_id, "exp": now + LIFETIME}
    algorithm = client.authorization_signed_response_alg or DEFAULT_ALGORITHM
    try:
        envelope = oidc_encryption.envelope(
            client.authorization_encrypted_response_alg, client.authorization_encrypted_response_enc, keys
        )
    except ProtocolError as missing:
        raise PageProblem("unavailable", 503, cause=missing.cause) from missing
    return replace(answer, mode=answer.mode.removesuffix(JWT), jwt=ResponseJwt(algorithm, claims, envelope))


def metadata(offer: Offer) -> dict[str, object]:
    """Section 4."""
    return {
        "authorization_signing_alg_values_supported": offer.of(KeyPurpose.AUTHORIZATION_RESPONSE),
        "authorization_encryption_alg_values_supported": list(KEY_MANAGEMENT),
        "authorization_encryption_enc_values_supported": list(CONTENT_ENCRYPTION),
    }

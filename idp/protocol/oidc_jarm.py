"""JWT Secured Authorization Response Mode for OAuth 2.0 (JARM).

https://openid.net/specs/oauth-v2-jarm.html
Implemented: 2.1 (the JWT), 2.2 (signing), 2.3 (the four modes), 3 (client metadata), 4 (metadata).
Left out: signing with a client secret (only its hash is kept), algorithm none.
Builds on no Authlib class: Authlib has none. One wrapper stands behind every answer of the authorization endpoint,
errors included, so that no path can forget it; the endpoint signs what it leaves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from idp.domain.client import Client
from idp.domain.outcomes import RedirectBack, ResponseJwt
from idp.domain.policy import Policy
from idp.protocol.oidc_response_modes import JWT
from keys import KeyPurpose

if TYPE_CHECKING:
    from idp.protocol.provider_metadata import Offer

LIFETIME: Final = 300
"""Seconds. 2.1: "A maximum JWT lifetime of 10 minutes is RECOMMENDED."""
DEFAULT_ALGORITHM: Final = "ES256"
"""For a client of our own manifests; registration writes down what a dynamic client gets (3: RS256 if omitted)."""


def wrapped(answer: RedirectBack, client: Client, now: int, policy: Policy) -> RedirectBack:
    """The same answer, and where its mode asks for it, what must be signed around it."""
    if not answer.mode.endswith(JWT):
        return answer
    # 2.1: iss, aud and exp; "the JWT furthermore contains the authorization endpoint response parameters".
    claims = {"iss": policy.issuer, "aud": client.client_id, "exp": now + LIFETIME}
    algorithm = client.authorization_signed_response_alg or DEFAULT_ALGORITHM
    return replace(answer, mode=answer.mode.removesuffix(JWT), jwt=ResponseJwt(algorithm, claims))


def metadata(offer: Offer) -> dict[str, object]:
    """Section 4."""
    return {"authorization_signing_alg_values_supported": offer.of(KeyPurpose.AUTHORIZATION_RESPONSE)}

"""JSON Web Token (JWT) Response for OAuth Token Introspection.

https://www.rfc-editor.org/rfc/rfc9701
Implemented: 3 (what which resource server may see), 4 (Accept), 5 (the JWT, signed and encrypted), 6 (client
metadata), 7 (metadata), 8.1 (typ and aud against confusion), 9 (personal data only where it is due).
Left out: nothing; a deployment without encryption keys of its resource servers sends signed JWTs.
Builds on no Authlib class: Authlib has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from idp.domain.client import Client
from idp.domain.facts import Facts
from idp.domain.outcomes import AnswerJwt
from idp.domain.policy import Policy
from idp.domain.scopes import OPENID, SCOPE_OF_CLAIM
from idp.protocol import oidc_encryption
from idp.protocol.offer import Offer
from keys import CONTENT_ENCRYPTION, KEY_MANAGEMENT, KeyPurpose

MEDIA_TYPE: Final = "application/token-introspection+jwt"
JSON_TYPE: Final = "application/json"
DEFAULT_ALGORITHM: Final = "ES256"
"""For a client of our own manifests; registration writes down what a dynamic client gets (6: RS256 if omitted)."""
MAX_ACCEPT: Final = 1_024
RIGHTS: Final = frozenset({"introspection"})
"""Scopes of a resource server that say what it may do, not what it is told."""


def wants_jwt(accept: str | None) -> bool:
    """Whether the Accept header prefers the JWT (section 4; RFC 9110 12.5.1); never raises."""
    if accept is None or MEDIA_TYPE not in accept.lower() or len(accept) > MAX_ACCEPT:
        return False
    weights = dict(_weight(part) for part in accept.lower().split(","))
    wanted = weights.get(MEDIA_TYPE, 0.0)
    return wanted > 0 and wanted >= weights.get(JSON_TYPE, 0.0)


def _weight(part: str) -> tuple[str, float]:
    kind, *parameters = (each.strip() for each in part.split(";"))
    for each in parameters:
        if each.startswith("q="):
            try:
                return kind, float(each[2:])
            except ValueError:
                return kind, 0.0
    return kind, 1.0


def minimised(claims: Mapping[str, object], client: Client, owner: str) -> dict[str, object]:
    """What ``client`` may see of a token of ``owner``.

    3: "The AS MUST be able to determine whether an RS is the audience for a particular access token and what data it
    is entitled to receive; otherwise, the RS is not authorized to obtain data for the access token." A resource
    server is entitled to the claims and scopes that it is registered for, and to nothing else of the person.
    """
    if client.client_id == owner:
        return dict(claims)
    told = client.scopes - RIGHTS
    shown = told | {OPENID}
    made = {name: value for name, value in claims.items() if SCOPE_OF_CLAIM.get(name, OPENID) in shown}
    scope = made.get("scope")
    # 5: "The AS SHOULD narrow down the scope value to the scopes relevant to the particular RS."
    if isinstance(scope, str) and told:
        made["scope"] = " ".join(each for each in scope.split(" ") if each in told)
    return made


def signed(claims: Mapping[str, object], client: Client, facts: Facts, policy: Policy) -> AnswerJwt:
    """The JWT around an introspection answer. Raises ProtocolError when it cannot be encrypted as registered."""
    # 5: iss, aud and iat are REQUIRED; "The value of the aud claim MUST identify the resource server receiving the
    # token introspection response"; sub and exp stay out, so that it cannot pass for an access token (8.1).
    made = {
        "iss": policy.issuer,
        "aud": client.client_id,
        "iat": facts.now,
        "token_introspection": dict(claims),
    }
    envelope = oidc_encryption.envelope(
        client.introspection_encrypted_response_alg,
        client.introspection_encrypted_response_enc,
        facts.client_keys,
    )
    return AnswerJwt(made, client.introspection_signed_response_alg or DEFAULT_ALGORITHM, envelope)


def metadata(offer: Offer) -> dict[str, object]:
    """Section 7."""
    return {
        "introspection_signing_alg_values_supported": offer.of(KeyPurpose.INTROSPECTION),
        "introspection_encryption_alg_values_supported": list(KEY_MANAGEMENT),
        "introspection_encryption_enc_values_supported": list(CONTENT_ENCRYPTION),
    }

"""JSON Web Token Profile for OAuth 2.0 Access Tokens.

https://www.rfc-editor.org/rfc/rfc9068
Implemented: 2.1 (typ at+jwt, by the signer of that purpose), 2.2 (claims), 2.2.1 (auth_time, acr), 2.2.3 (scope), 3.
Left out: 2.2.3.1 groups and roles (officers' roles live in the registry), amr (no resource asks for it).
Builds on no Authlib class: JWTBearerTokenGenerator signs while it decides, reads the clock and draws its own jti.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from idp.domain.account import Account
from idp.domain.client import Client
from idp.domain.grant import Grant
from idp.domain.policy import Policy
from idp.protocol import rfc9470_step_up

DOSSIERS: Final = "registry:dossiers"


def claims(
    grant: Grant,
    client: Client,
    account: Account | None,
    audience: str,
    scopes: tuple[str, ...],
    details: tuple[Mapping[str, object], ...] = (),
    *,
    now: int,
    expires_in: int,
    jti: str,
    policy: Policy,
) -> dict[str, object]:
    """The claims to sign. ``jti`` leads with the grant, so that introspection can ask whether it still lives."""
    # 2.2: iss, exp, aud, sub, client_id, iat and jti are REQUIRED; 2.2.3: scope SHOULD be there.
    made: dict[str, object] = {
        "iss": policy.issuer,
        "exp": now + expires_in,
        "aud": audience,
        "sub": grant.subject,
        "client_id": client.client_id,
        "iat": now,
        "jti": f"{grant.grant_id}.{jti}",
        "scope": " ".join(scopes),
        "party_kind": client.party_kind.value,
    }
    if client.agency_code is not None:
        made["agency_code"] = client.agency_code
    # 2.2.1: acr and auth_time: "Their values are fixed and remain the same across all access tokens that derive from
    # a given authorization response".
    acr = rfc9470_step_up.national(grant, account)
    if acr is not None:
        made["acr"] = acr
    if grant.auth_time is not None:
        made["auth_time"] = grant.auth_time
    # RFC 8693 4.1: act "identifies the acting party to whom authority has been delegated".
    if grant.actor is not None:
        made["act"] = grant.actor
    # RFC 9396 9.1: "If the access token is a JWT ... RECOMMENDED to add the authorization_details object, filtered to
    # the specific audience, as a top-level claim."
    if details:
        made["authorization_details"] = details
    # The personal number has a scope of its own (Decree 69/2024, Art. 19: only for the transaction it is for).
    if account is not None and "pid" in scopes and account.personal_number:
        made["pid"] = account.personal_number
    # Ours, for the registry: whose phone is registered signs consents with it (Decree 58/2026 Art. 4(5)).
    if account is not None and account.app_phone and DOSSIERS in scopes:
        made["eid_phone"] = True
    return made


def grant_id_of(jti: object) -> str | None:
    """The grant that a verified ``jti`` names."""
    if not isinstance(jti, str):
        return None
    grant_id, dot, _ = jti.partition(".")
    return grant_id if dot else None

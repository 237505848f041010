"""RFC 6749 section 5.1: what a grant gives, from loaded facts and loaded randomness only."""

from __future__ import annotations

import hashlib

from idp.domain.account import Account
from idp.domain.client import Client
from idp.domain.grant import AccessState, Grant
from idp.domain.outcomes import IssuedTokens, JwtAccessClaims, OpaqueAccess
from idp.domain.scopes import OPENID
from idp.protocol import oidc_id_token, rfc8707_resource_indicators, rfc9068_jwt_access_tokens
from idp.protocol.rfc6749_framework.request import PreloadedRequest


def digest(token: str) -> bytes:
    """How a secret is stored."""
    return hashlib.sha256(token.encode("ascii")).digest()


def issue(
    request: PreloadedRequest,
    grant: Grant,
    client: Client,
    account: Account | None,
    scopes: tuple[str, ...],
    *,
    refresh_token: str | None = None,
    refreshed: bool = False,
) -> tuple[IssuedTokens, AccessState | None]:
    """The answer and, for an opaque token, what must be remembered. Raises ProtocolError invalid_target."""
    now, policy, fresh = request.facts.now, request.policy, request.facts.fresh
    resource = rfc8707_resource_indicators.audience(request.parameters, client, grant.resources)
    access: OpaqueAccess | JwtAccessClaims
    state: AccessState | None = None
    if resource is not None:
        made = rfc9068_jwt_access_tokens.claims(
            grant, client, account, resource, scopes, now=now, jti=fresh.jti, policy=policy
        )
        access, expires_in = JwtAccessClaims(made), policy.jwt_access_lifetime
    else:
        expires_in = max(1, min(policy.opaque_access_lifetime, grant.expires_at - now))
        token = f"{grant.grant_id}.{fresh.access_token}"
        access = OpaqueAccess(token)
        state = AccessState(digest(token), scopes, (policy.issuer,), now, now + expires_in)
    id_token = None
    if account is not None and OPENID in scopes:
        id_token = oidc_id_token.id_token(grant, client, account, now=now, policy=policy, refreshed=refreshed)
    return IssuedTokens(access, expires_in, scopes, id_token, refresh_token), state

"""RFC 6749 section 5.1: what a grant gives, from loaded facts and loaded randomness only."""

from __future__ import annotations

import hashlib
from typing import Final

from idp.domain.account import Account
from idp.domain.client import Client
from idp.domain.grant import AccessState, Grant
from idp.domain.outcomes import IssuedTokens, JwtAccessClaims, OpaqueAccess
from idp.domain.scopes import OPENID
from idp.protocol import (
    oidc_id_token,
    rfc8707_resource_indicators,
    rfc9068_jwt_access_tokens,
    rfc9396_rich_requests,
    rfc9449_dpop,
    sender_constraint,
    withdrawn_rights,
)
from idp.protocol.rfc6749_framework.request import PreloadedRequest

BEARER: Final = "Bearer"


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
    target: str | None = None,
) -> tuple[IssuedTokens, AccessState | None]:
    """The answer and, for an opaque token, what must be remembered; ``target`` is an audience already judged.

    Raises ProtocolError invalid_target, invalid_authorization_details, invalid_scope, or what
    :func:`idp.protocol.sender_constraint.binding` raises.
    """
    bound = sender_constraint.binding(client, request.proven)
    grant, scopes = withdrawn_rights.grant_left(grant, client), withdrawn_rights.scopes_left(scopes, client)
    now, policy, fresh = request.facts.now, request.policy, request.facts.fresh
    details = rfc9396_rich_requests.assigned(request.parameters, client, grant, policy)
    resource = target or rfc8707_resource_indicators.audience(
        request.parameters, client, grant, details, policy
    )
    access: OpaqueAccess | JwtAccessClaims
    state: AccessState | None = None
    if resource is not None:
        details = rfc9396_rich_requests.meant_for(details, resource, policy)
        expires_in = max(1, min(policy.jwt_access_lifetime, grant.expires_at - now))
        made = rfc9068_jwt_access_tokens.claims(
            *(grant, client, account, resource, scopes, details),
            now=now,
            expires_in=expires_in,
            jti=fresh.jti,
            policy=policy,
        )
        # RFC 7800 3.1 by RFC 9449 6.1 and RFC 8705 3.1: whom the token may serve.
        if bound:
            made["cnf"] = bound.as_claim()
        access = JwtAccessClaims(made)
    else:
        details = ()  # they are for resources; this token is for the provider's own
        expires_in = max(1, min(policy.opaque_access_lifetime, grant.expires_at - now))
        token = f"{grant.grant_id}.{fresh.access_token}"
        access = OpaqueAccess(token)
        state = AccessState(
            *(digest(token), scopes, (policy.issuer,), now, now + expires_in, bound.jkt, bound.x5t_s256)
        )
    id_token = None
    if account is not None and OPENID in scopes:
        id_token = oidc_id_token.id_token(
            grant,
            client,
            account,
            now=now,
            policy=policy,
            refreshed=refreshed,
            published=request.facts.fetched_keys,
        )
    # RFC 9449 5: "A token_type of DPoP MUST be included in the access token response".
    token_type = rfc9449_dpop.SCHEME if bound.jkt is not None else BEARER
    return IssuedTokens(access, expires_in, scopes, id_token, refresh_token, token_type, details), state

"""RFC 6749 section 4.4: a client acts for itself."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant as AuthlibClientCredentials

from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.grant import Grant
from idp.domain.scopes import SCOPES_FOR_PEOPLE
from idp.domain.writes import CreateGrant
from idp.protocol import rfc8707_resource_indicators, rfc9396_rich_requests
from idp.protocol.rfc6749_framework import scopes
from idp.protocol.rfc6749_framework.authentication import CONFIDENTIAL
from idp.protocol.rfc6749_framework.issuing import issue
from idp.protocol.rfc6749_framework.request import ClientView, PreloadedRequest


class ClientCredentialsGrant(AuthlibClientCredentials):
    """Issues to an authenticated confidential client; never a refresh token, never a person's scope."""

    # 4.4: "The client credentials grant type MUST only be used by confidential clients."
    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL
    request: PreloadedRequest

    def validate_requested_scope(self) -> None:
        """CVE-2024-52287: only registered scopes, and none about a person. Raises InvalidScopeError."""
        client: ClientView = self.request.client  # type: ignore[assignment]  # Authlib set it after authentication
        wanted = scopes.tokens(self.request.parameters.get("scope"))
        own = client.client.scopes.difference(SCOPES_FOR_PEOPLE)
        # 3.3: without a scope "the authorization server MUST either process the request using a pre-defined
        # default value or fail": the default is everything the client has of its own.
        if not wanted:
            wanted = tuple(sorted(own))
        if not wanted or not own.issuperset(wanted):
            raise InvalidScopeError
        self.request.scope = scopes.joined(wanted)

    def generate_token(self, scope: str | None = None, **_: Any) -> dict[str, Any]:
        """Issue: a grant without a person, born with its token."""
        del scope
        client: ClientView = self.request.client  # type: ignore[assignment]  # Authlib set it after authentication
        facts, policy = self.request.facts, self.request.policy
        granted = scopes.tokens(self.request.scope)
        lifetime = max(policy.jwt_access_lifetime, policy.opaque_access_lifetime)
        grant = Grant(
            grant_id=facts.fresh.grant_id,
            client_id=client.client.client_id,
            account_id="",
            subject=client.client.client_id,
            scopes=granted,
            created_at=facts.now,
            expires_at=facts.now + lifetime,
            resources=rfc8707_resource_indicators.asked(self.request.parameters, client.client, policy),
            authorization_details=rfc9396_rich_requests.asked(self.request.parameters, client.client, policy),
        )
        issued, access = issue(self.request, grant, client.client, None, granted)
        effects = self.request.effects
        effects.issued = issued
        effects.writes.append(CreateGrant(grant, access=access))
        effects.audit.append(AuditEvent(AuditKind.TOKENS_ISSUED, None, grant.client_id, grant.grant_id))
        return {"scope": self.request.scope}

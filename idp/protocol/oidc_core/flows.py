"""OpenID Connect Core sections 3.2 and 3.3: implicit and hybrid flow, for old clients that ask for them by name.

RFC 9700 section 2.1.2 advises against tokens in the front channel, so both are off until a client registered the
very response type and the grant type ``implicit``; never for a FAPI client, never an access token where the client's
tokens must be bound to a key, and ``token`` alone not at all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from authlib.oauth2.rfc6749 import UnauthorizedClientError

from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.authorization import ClaimsRequest
from idp.domain.client import Client
from idp.domain.grant import AccessState, Grant
from idp.domain.outcomes import FrontChannelTokens, IdTokenClaims
from idp.domain.scopes import OFFLINE_ACCESS, OPENID
from idp.domain.writes import CreateGrant
from idp.protocol import oidc_id_token, sender_constraint
from idp.protocol.errors import refusal
from idp.protocol.oidc_userinfo import FOR_GRANTING, released
from idp.protocol.rfc6749_framework import scopes
from idp.protocol.rfc6749_framework.authorization_code import AuthorizationCodeGrant, Granted
from idp.protocol.rfc6749_framework.issuing import issue
from idp.protocol.rfc6749_framework.request import ClientView, PreloadedRequest, canonical

IMPLICIT: Final = "implicit"
IMPLICIT_TYPES: Final = ("id_token", "id_token token")
HYBRID_TYPES: Final = ("code id_token", "code token", "code id_token token")


class FrontChannelGrant(AuthorizationCodeGrant):
    """Answers with tokens in the front channel, with or without a code beside them."""

    NEEDED: frozenset[str]
    """Grant types that the client must have registered (Dynamic Client Registration 1.0, section 2)."""

    @classmethod
    def check_authorization_endpoint(cls, request: PreloadedRequest) -> bool:
        """Multiple Response Types 3: "The order of values within ... response_type ... does not matter"."""
        return canonical(request.parameters.get("response_type") or "") in cls.RESPONSE_TYPES

    def validate_authorization_request(self) -> str:
        """3.2.2.2 and 3.3.2.2. Raises OAuth2Error or ProtocolError."""
        client = self.request.facts.client
        # FAPI 2.0 Security Profile 5.3.2.2: "shall only issue authorization codes" at this endpoint.
        if client is not None and client.fapi2_profile is not None:
            raise refusal("unsupported_response_type")
        redirect_uri: str = super().validate_authorization_request()
        kinds = self.kinds
        if client is None or not client.grant_types >= self.NEEDED or ("token" in kinds and bound(client)):
            raise UnauthorizedClientError
        if "id_token" in kinds:
            # 3.2.2.1 and 3.3.2.11: nonce: "REQUIRED" wherever an ID token comes from this endpoint.
            if "nonce" not in self.request.parameters:
                raise refusal("invalid_request", "nonce missing")
            if OPENID not in scopes.tokens(self.request.scope):
                raise refusal("invalid_scope", "an ID token without openid")
        # 3.2.2.1: "When using this flow, the Redirection URI MUST NOT use the http scheme unless the Client is a
        # native application".
        if "code" not in kinds and redirect_uri.startswith("http:") and client.application_type != "native":
            raise refusal("invalid_request", "redirect_uri must be https")
        return redirect_uri

    @property
    def kinds(self) -> frozenset[str]:
        """What the answer brings: code, id_token, token."""
        return frozenset((self.request.parameters.get("response_type") or "").split(" "))

    def create_authorization_response(self, redirect_uri: str, grant_user: Granted) -> str | None:
        """3.2.2.5 and 3.3.2.5: the code, if any; the tokens beside it are left among the effects."""
        del redirect_uri
        self.request.user = grant_user
        code = self.generate_authorization_code() if "code" in self.kinds else None
        self.save_authorization_code(code or "", self.request)
        effects = self.request.effects
        # The grant is born with its code *and* its first access token, in one write.
        birth = next(write for write in effects.writes if isinstance(write, CreateGrant))
        tokens, access = self._tokens(birth.grant, code, grant_user)
        born = replace(birth, code=birth.code if code else None, access=access)
        effects.writes[:] = [born if write is birth else write for write in effects.writes]
        effects.front = tokens
        if code is None:
            effects.audit[:] = [each for each in effects.audit if each.kind is not AuditKind.CODE_ISSUED]
        effects.audit.append(_event(AuditKind.TOKENS_ISSUED, birth.grant))
        return code

    def _tokens(
        self, grant: Grant, code: str | None, granted: Granted
    ) -> tuple[FrontChannelTokens, AccessState | None]:
        kinds, facts, account = self.kinds, self.request.facts, granted.account
        view: ClientView = self.request.client  # type: ignore[assignment]  # Authlib set it while validating
        client = view.client
        access, state, expires_in = None, None, 0
        if "token" in kinds:
            issued, state = issue(self.request, grant, client, account, grant.scopes)
            access, expires_in = issued.access, issued.expires_in
        id_token = None
        if "id_token" in kinds:
            id_token = oidc_id_token.id_token(
                grant,
                client,
                account,
                now=facts.now,
                policy=self.request.policy,
                published=facts.fetched_keys,
            )
            id_token = with_code_hash(id_token, code)
        if kinds == {"id_token"} and id_token is not None:
            # 5.4: "when no Access Token is issued (which is the case for the response_type value id_token), the
            # resulting Claims are returned in the ID Token."
            claims = released(replace(grant, claims=ClaimsRequest()), account, grant.scopes, now=facts.now)
            id_token = replace(id_token, claims={**claims, **id_token.claims})
            names = tuple(name for name in claims if name not in FOR_GRANTING)
            self.request.effects.audit.append(_event(AuditKind.CLAIMS_RELEASED, grant, names))
        return FrontChannelTokens(access, expires_in, id_token), state


class HybridGrant(FrontChannelGrant):
    """3.3: a code, and tokens before it is redeemed."""

    RESPONSE_TYPES = frozenset(HYBRID_TYPES)
    NEEDED = frozenset({"authorization_code", IMPLICIT})


class ImplicitGrant(FrontChannelGrant):
    """3.2: tokens and no code."""

    RESPONSE_TYPES = frozenset(IMPLICIT_TYPES)
    NEEDED = frozenset({IMPLICIT})


def bound(client: Client) -> bool:
    """Whether this client's access tokens are of no use without a key; nobody proves one in the front channel."""
    return sender_constraint.constrained(client)


def with_code_hash(id_token: IdTokenClaims, code: str | None) -> IdTokenClaims:
    """3.3.2.11: c_hash: "If the ID Token is issued from the Authorization Endpoint with a code ... REQUIRED"."""
    if code is None:
        return id_token
    made = {**id_token.claims, "c_hash": oidc_id_token.half_hash(code, id_token.algorithm)}
    return replace(id_token, claims=made)


def usable_scopes(granted: tuple[str, ...], response_type: str) -> tuple[str, ...]:
    """What remains of the scopes for this response type."""
    # 11: "The Authorization Server MUST ignore the offline_access request unless the Client is using a response_type
    # value that would result in an Authorization Code being returned."
    if "code" in response_type.split(" "):
        return granted
    return tuple(scope for scope in granted if scope != OFFLINE_ACCESS)


def _event(kind: AuditKind, grant: Grant, claims: tuple[str, ...] = ()) -> AuditEvent:
    return AuditEvent(kind, grant.account_id, grant.client_id, grant.grant_id, grant.acr, claims)

"""OAuth 2.0 Token Introspection.

https://www.rfc-editor.org/rfc/rfc7662
Implemented: 2.1 (request, authenticated confidential clients), 2.2 (answer), 2.3 (errors), 4 (who may learn what).
Left out: refresh tokens at resources (only their owner asks).
Builds on Authlib's client authentication; IntrospectionEndpoint would look the token up while it decides.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import field

from authlib.oauth2 import OAuth2Error

from idp.domain import paths
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.grant import Grant
from idp.domain.needs import Needs
from idp.domain.outcomes import IntrospectionAnswer
from idp.domain.policy import Policy
from idp.domain.tokens import Handle
from idp.domain.values import frozen
from idp.domain.writes import Write
from idp.protocol import (
    client_requests,
    fapi2_message_signing,
    rfc8705_mtls,
    rfc9701_jwt_introspection,
    server,
)
from idp.protocol.client_requests import ClientRequest
from idp.protocol.errors import translated
from idp.protocol.offer import Offer
from idp.protocol.rfc6749_framework.authentication import CONFIDENTIAL
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from idp.protocol.rfc7523_client_assertions.verifying import ALGORITHMS
from idp.protocol.rfc9068_jwt_access_tokens import grant_id_of
from keys.proof import Confirmation, ProofRefused, Scheme

# 2.1: "To prevent token scanning attacks, the endpoint MUST also require some form of authorization".
METHODS = CONFIDENTIAL
INACTIVE = {"active": False}


@frozen
class IntrospectionRequest(ClientRequest):
    """``handle`` is an opaque token; ``jwt`` the claims of a JWT access token whose signature is ours.

    ``signed``: the answer is to be a JWT (RFC 9701 section 4).
    """

    handle: Handle | None = field(default=None, repr=False)
    jwt: dict[str, object] | None = field(default=None, repr=False)
    signed: bool = False

    @property
    def grant_id(self) -> str | None:
        """The grant that the token names."""
        if self.handle is not None:
            return self.handle.grant_id
        return grant_id_of(self.jwt.get("jti")) if self.jwt else None

    @property
    def needs(self) -> Needs:
        """The asking client, the grant, its account."""
        access = self.handle.digest if self.handle else None
        return client_requests.needs(self, self.grant_id, account=True, access=access)


def decide(
    request: IntrospectionRequest, facts: Facts, policy: Policy
) -> Decision[IntrospectionAnswer | ProtocolError]:
    """What the asking client may know of the token."""
    preloaded = PreloadedRequest(request.parameters, facts, policy, request.presented)
    writes = preloaded.effects.writes
    try:
        server.check(server.INTROSPECTION, request, facts, policy)
        view = server.PROVIDER.bound(preloaded).authenticate_client(preloaded, METHODS, "introspection")
    except OAuth2Error as refused:
        error = client_requests.challenged(translated(refused))
        return Decision(error, (*writes, *client_requests.failed_guess(request, error)))
    except ProtocolError as refused:
        return Decision(client_requests.challenged(refused), tuple(writes))
    claims = active(request, facts, policy, view.client)
    if claims is None:
        # 2.2: "the authorization server MUST return an introspection response with the "active" field set to
        # "false"" and "SHOULD NOT include any additional information".
        return answered(request, INACTIVE, view.client, facts, policy, tuple(writes))
    event = AuditEvent(
        AuditKind.TOKEN_INTROSPECTED,
        facts.grant.grant.account_id or None if facts.grant else None,
        view.client.client_id,
        request.grant_id,
    )
    # 4: which client may see what is one rule for both forms of the answer (RFC 9701 section 3).
    seen = rfc9701_jwt_introspection.minimised(claims, view.client, str(claims.get("client_id")))
    return answered(request, seen, view.client, facts, policy, tuple(writes), (event,))


def answered(
    request: IntrospectionRequest,
    claims: Mapping[str, object],
    client: Client,
    facts: Facts,
    policy: Policy,
    writes: tuple[Write, ...],
    audit: tuple[AuditEvent, ...] = (),
) -> Decision[IntrospectionAnswer | ProtocolError]:
    """The answer in the form that was asked for; nothing is said when it cannot be encrypted as registered."""
    # FAPI 2.0 Message Signing 5.5: introspection responses are signed, whatever the client says it accepts.
    if not (request.signed or fapi2_message_signing.applies(client)):
        return Decision(IntrospectionAnswer(claims), writes, audit)
    try:
        jwt = rfc9701_jwt_introspection.signed(claims, client, facts, policy)
    except ProtocolError as refused:
        return Decision(refused, writes)
    return Decision(IntrospectionAnswer(claims, jwt), writes, audit)


def active(
    request: IntrospectionRequest, facts: Facts, policy: Policy, client: Client
) -> dict[str, object] | None:
    """The claims of a living token that this client may ask about; None for every other case alike."""
    loaded = facts.grant
    if loaded is None or loaded.grant.expires_at <= facts.now or not usable(loaded.grant, facts):
        return None
    if request.jwt is not None:
        return of_jwt(request.jwt, facts, client)
    if request.handle is None:
        return None
    access = loaded.access
    if access is None or not hmac.compare_digest(access.token_hash, request.handle.digest):
        return of_refresh(request.handle, facts, policy, client)
    if access.expires_at <= facts.now or not may_learn(client, loaded.grant, access.audience):
        return None
    return {
        **basics(loaded.grant, policy),
        "scope": " ".join(access.scopes),
        **constraint(Confirmation(access.jkt, access.x5t_s256)),
        "exp": access.expires_at,
        "iat": access.issued_at,
        "aud": access.audience[0] if len(access.audience) == 1 else list(access.audience),
    }


def of_jwt(claims: dict[str, object], facts: Facts, client: Client) -> dict[str, object] | None:
    """A JWT access token: what it says, while it lives and its grant lives."""
    expires = claims.get("exp")
    audience = claims.get("aud")
    if not isinstance(expires, int) or expires <= facts.now or facts.grant is None:
        return None
    if not isinstance(audience, str) or not may_learn(client, facts.grant.grant, (audience,)):
        return None
    if claims.get("client_id") != facts.grant.grant.client_id:
        return None
    try:
        bound = Confirmation.from_claim(claims.get("cnf"))
    except ProofRefused:
        return None
    return {"active": True, **claims, **constraint(bound)}


def constraint(bound: Confirmation) -> dict[str, object]:
    """How the token may be used: RFC 9449 6.2 and RFC 8705 3.2 give ``cnf`` to the resource."""
    scheme = Scheme.BEARER if bound.jkt is None else Scheme.DPOP
    cnf = bound.as_claim()
    return {"token_type": scheme.value} if cnf is None else {"token_type": scheme.value, "cnf": cnf}


def of_refresh(handle: Handle, facts: Facts, policy: Policy, client: Client) -> dict[str, object] | None:
    """A refresh token: only its owner learns."""
    loaded = facts.grant
    if loaded is None or loaded.refresh is None or loaded.grant.client_id != client.client_id:
        return None
    if not hmac.compare_digest(loaded.refresh.current_hash, handle.digest):
        return None
    if loaded.refresh.expires_at <= facts.now:
        return None
    made = {
        **basics(loaded.grant, policy),
        "scope": " ".join(loaded.grant.scopes),
        "exp": loaded.refresh.expires_at,
    }
    # RFC 9396 9.2: the answer carries the details; JWT tokens carry their own.
    if loaded.grant.authorization_details:
        made["authorization_details"] = loaded.grant.authorization_details
    return made


def basics(grant: Grant, policy: Policy) -> dict[str, object]:
    """What every active answer says."""
    made: dict[str, object] = {
        "active": True,
        "iss": policy.issuer,
        "sub": grant.subject,
        "client_id": grant.client_id,
    }
    # RFC 9470 6.2: acr and auth_time let a resource judge the authentication.
    if grant.acr is not None:
        made["acr"] = grant.acr
    if grant.auth_time is not None:
        made["auth_time"] = grant.auth_time
    return made


def may_learn(client: Client, grant: Grant, audience: tuple[str, ...]) -> bool:
    """4: only the token's owner, or the resource that it is for."""
    return (
        grant.client_id == client.client_id
        or client.client_id in audience
        or (bool(client.resources.intersection(audience)) and "introspection" in client.scopes)
    )


def usable(grant: Grant, facts: Facts) -> bool:
    """A token is as alive as its client, and a person's as the account (CVE-2023-22492)."""
    if facts.owner is None or facts.owner.disabled:
        return False
    if not grant.account_id:
        return True
    return facts.account is not None and facts.account.usable


def metadata(offer: Offer) -> dict[str, object]:
    """RFC 8414 section 2."""
    return {
        "introspection_endpoint": offer.at(paths.INTROSPECT),
        "introspection_endpoint_auth_methods_supported": rfc8705_mtls.offered(offer.policy, METHODS),
        "introspection_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
    }

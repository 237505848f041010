"""OAuth 2.0 Token Revocation.

https://www.rfc-editor.org/rfc/rfc7009
Implemented: 2.1 (request), 2.2 (200 for unknown tokens), 2.2.1 (errors), 2.3 (CORS).
Left out: 2.3 JSONP (a script from elsewhere would run with the page's rights).
Builds on Authlib's client authentication; its RevocationEndpoint refuses unknown hints, which 2.1 says to ignore.

What each token's revocation promises, from the moment of the answer: an opaque access token is unknown everywhere;
a refresh token (also the one before the current) and a JWT access token take their whole grant along, so that no
token is issued from it and introspection knows none of it. A resource that verifies JWTs by itself and does not ask
takes one until it expires: for at most `Policy.jwt_access_lifetime`, five minutes. Codes and ID tokens are no tokens
in the sense of 2.1; nothing happens to them.
"""

from __future__ import annotations

import hmac
from dataclasses import field

from authlib.oauth2 import OAuth2Error

from idp.domain import paths
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.grant import Grant, LoadedGrant
from idp.domain.needs import Needs
from idp.domain.outcomes import Revoked
from idp.domain.policy import Policy
from idp.domain.tokens import Handle
from idp.domain.values import frozen
from idp.domain.writes import KillGrant, RevokeAccess, Write
from idp.protocol import client_requests, rfc8705_mtls, server
from idp.protocol.client_requests import ClientRequest
from idp.protocol.errors import refusal, translated
from idp.protocol.offer import Offer
from idp.protocol.rfc6749_framework.authentication import EVERY
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from idp.protocol.rfc7523_client_assertions.verifying import ALGORITHMS
from idp.protocol.rfc9068_jwt_access_tokens import grant_id_of

METHODS = EVERY


@frozen
class RevocationRequest(ClientRequest):
    """``handle`` is an opaque token; ``jwt`` the claims of a JWT access token whose signature is ours."""

    handle: Handle | None = field(default=None, repr=False)
    jwt: dict[str, object] | None = field(default=None, repr=False)

    @property
    def grant_id(self) -> str | None:
        """The grant that the token names."""
        if self.handle is not None:
            return self.handle.grant_id
        return grant_id_of(self.jwt.get("jti")) if self.jwt else None

    @property
    def needs(self) -> Needs:
        """The client and the grant with the token's state."""
        access = self.handle.digest if self.handle else None
        return client_requests.needs(self, self.grant_id, account=False, access=access)


def decide(request: RevocationRequest, facts: Facts, policy: Policy) -> Decision[Revoked | ProtocolError]:
    """The client's own token dies, another client's is refused; of anything else nothing is said."""
    preloaded = PreloadedRequest(request.parameters, facts, policy, request.presented)
    writes = preloaded.effects.writes
    try:
        server.check(server.REVOCATION, request, facts, policy)
        # 2.1: "The authorization server first validates the client credentials".
        server.PROVIDER.bound(preloaded).authenticate_client(preloaded, METHODS, "revocation")
    except OAuth2Error as refused:
        error = client_requests.challenged(translated(refused))
        return Decision(error, (*writes, *client_requests.failed_guess(request, error)))
    except ProtocolError as refused:
        return Decision(client_requests.challenged(refused), tuple(writes))
    loaded = facts.grant
    death = death_of(request, loaded) if loaded is not None else None
    # 2.2: "invalid tokens do not cause an error response".
    if loaded is None or death is None:
        return Decision(Revoked(), tuple(writes))
    # 2.1: "and then verifies whether the token was issued to the client making the revocation request. If this
    # validation fails, the request is refused and the client is informed of the error". Whoever shows the whole
    # token knows already that it exists.
    if loaded.grant.client_id != request.presented.client_id:
        return Decision(refusal("invalid_grant", "token of another client"), tuple(writes))
    return Decision(Revoked(), (*writes, death), (event(loaded.grant),))


def death_of(request: RevocationRequest, loaded: LoadedGrant) -> Write | None:
    """What revoking this token means, or None when the grant does not know it."""
    grant_id = loaded.grant.grant_id
    if request.handle is None:
        # A JWT cannot be forgotten by itself; introspection asks whether its grant lives.
        return KillGrant(grant_id, "revoked_by_client") if request.grant_id == grant_id else None
    access, refresh = loaded.access, loaded.refresh
    if access is not None and hmac.compare_digest(access.token_hash, request.handle.digest):
        return RevokeAccess(grant_id, access.token_hash)
    # 2.1: "If the particular token is a refresh token ... the authorization server SHOULD also invalidate all
    # access tokens based on the same authorization grant".
    if refresh is not None and request.handle.digest in {refresh.current_hash, refresh.previous_hash}:
        return KillGrant(grant_id, "revoked_by_client")
    return None


def event(grant: Grant) -> AuditEvent:
    """The log's line."""
    return AuditEvent(AuditKind.TOKENS_REVOKED, grant.account_id or None, grant.client_id, grant.grant_id)


def metadata(offer: Offer) -> dict[str, object]:
    """RFC 8414 section 2."""
    return {
        "revocation_endpoint": offer.at(paths.REVOKE),
        "revocation_endpoint_auth_methods_supported": rfc8705_mtls.offered(offer.policy, METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
    }

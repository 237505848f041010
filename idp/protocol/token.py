"""What ``/token`` decides: the checks of :mod:`idp.protocol.server` in their order, then Authlib's grant."""

from __future__ import annotations

from dataclasses import field, replace
from typing import Final

from authlib.oauth2 import OAuth2Error

from idp.domain.decision import Decision
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.outcomes import TokenOutcome
from idp.domain.policy import Policy
from idp.domain.tokens import Handle
from idp.domain.values import frozen
from idp.domain.writes import SpendOnce
from idp.protocol import client_requests, decoupled_grant, sender_constraint, server
from idp.protocol.client_requests import ClientRequest
from idp.protocol.errors import translated
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from idp.protocol.rfc8693_token_exchange import Exchanged

GRANT_SECRETS: Final = {
    "authorization_code": "code",
    "refresh_token": "refresh_token",
    **decoupled_grant.PARAMETERS,
}


@frozen
class TokenRequest(ClientRequest):
    """A request to the token endpoint as it was read."""

    handle: Handle | None = field(default=None, repr=False)
    exchanged: Exchanged | None = None

    @property
    def needs(self) -> Needs:
        """The client, the grant that the secret names with its account, the assertion's jti, the throttle."""
        if self.exchanged is not None:
            subject = self.exchanged.subject
            needs = client_requests.needs(self, subject.grant_id, account=True, access=subject.digest)
            return replace(needs, beside=self.exchanged.needs)
        name = self.handle.grant_id if self.handle else None
        if name is not None and self.parameters.get("grant_type") in decoupled_grant.PARAMETERS:
            needs = client_requests.needs(self, None, account=False)
            return replace(needs, decoupled_id=name, account_of_decoupled=True)
        return client_requests.needs(self, name, account=True)


def secret_of(parameters: Parameters) -> Handle | None:
    """The code or refresh token that a request presents, if we can have issued it."""
    name = GRANT_SECRETS.get(parameters.get("grant_type") or "")
    return Handle.parse(parameters.get(name)) if name else None


def decide(request: TokenRequest, facts: Facts, policy: Policy) -> Decision[TokenOutcome]:
    """Tokens or a refusal; either with what must become true first."""
    preloaded = PreloadedRequest(request.parameters, facts, policy, request.presented)
    preloaded.exchanged = request.exchanged
    effects = preloaded.effects
    outcome: TokenOutcome
    try:
        server.check(server.TOKEN, request, facts, policy)
        preloaded.proven = sender_constraint.proven(request.presented.shown, facts, policy, effects.writes)
        grant = server.PROVIDER.bound(preloaded).get_token_grant(preloaded)
        grant.validate_token_request()
        grant.create_token_response()
        if effects.issued is None:
            raise RuntimeError("a grant answered without issuing")
        outcome = effects.issued
    except OAuth2Error as refused:
        outcome = client_requests.challenged(translated(refused))
    except ProtocolError as refused:
        outcome = client_requests.challenged(refused)
    if isinstance(outcome, ProtocolError):
        if outcome.code == "invalid_client":
            # Whoever is nobody fills no store: a proof that paid for nothing is not remembered.
            effects.writes[:] = [each for each in effects.writes if not isinstance(each, SpendOnce)]
        effects.writes += client_requests.failed_guess(request, outcome)
    return Decision(outcome, tuple(effects.writes), tuple(effects.audit))

"""The first step of acting for a dependant: client and guardian are proven before anybody is looked for.

Used by the token endpoint (RFC 8693, :mod:`idp.protocol.rfc8693_token_exchange.representation`) and by the list of
those whom somebody may act for. Nothing is spent here but one question of this sign-in's budget.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from authlib.oauth2 import OAuth2Error

from idp.domain.account import Account
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.values import frozen
from idp.domain.writes import CountAttempt, Write
from idp.protocol import client_requests, sender_constraint, server
from idp.protocol.client_requests import ClientRequest
from idp.protocol.errors import refusal, translated
from idp.protocol.rfc6749_framework.authentication import CONFIDENTIAL
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from idp.protocol.rfc8693_token_exchange import GRANT_TYPE, Exchanged, ShownToken
from idp.protocol.rfc8693_token_exchange.presented import judged
from idp.protocol.rfc8693_token_exchange.representation import allowed

HOUR: Final = 3_600
ASKED_AN_HOUR: Final = 120
"""Times that one sign-in may make us ask the registry who acts for whom."""


@frozen
class Guardian:
    """Who asks to act for somebody, proven by client and token."""

    account: Account
    client: Client
    acr: str
    scopes: tuple[str, ...] = ()


@frozen
class Representing(ClientRequest):
    """A client with the token of somebody who acts for others."""

    exchanged: Exchanged = Exchanged(ShownToken(), ShownToken())

    @property
    def count(self) -> CountAttempt:
        """One more question to the registry by this sign-in."""
        return CountAttempt(f"represents:{self.exchanged.actor.grant_id}", HOUR, ASKED_AN_HOUR)

    @property
    def needs(self) -> Needs:
        """The client, and the guardian beside it."""
        needs = client_requests.needs(self, None, account=False)
        throttles = (*needs.throttles, self.count.bucket)
        return replace(needs, throttles=throttles, beside=self.exchanged.needs)


def admit(request: Representing, facts: Facts, policy: Policy) -> Decision[Guardian | ProtocolError]:
    """The guardian, once client and token are proven. What proves the client is spent by the step that follows."""
    preloaded = PreloadedRequest(request.parameters, facts, policy, request.presented)
    spent: list[Write] = []
    try:
        server.check(server.PUSHED, request, facts, policy)
        proven = sender_constraint.proven(request.presented.shown, facts, policy, spent)
        view = server.PROVIDER.bound(preloaded).authenticate_client(preloaded, CONFIDENTIAL, "token")
        client: Client = view.client
        if GRANT_TYPE not in client.grant_types:
            raise refusal("unauthorized_client")
        party = judged(request.exchanged.actor, facts.beside, client, policy, proven)
        allowed(party)
        if facts.throttles.get(request.count.bucket, 0) >= ASKED_AN_HOUR:
            raise client_requests.too_many()
    except OAuth2Error as refused:
        error = client_requests.challenged(translated(refused))
        return Decision(error, client_requests.failed_guess(request, error))
    except ProtocolError as refused:
        return Decision(client_requests.challenged(refused))
    guardian = Guardian(party.account, client, party.grant.acr or "", party.scopes)
    return Decision(guardian, (request.count,))


def listed(request: Representing, facts: Facts, policy: Policy) -> Decision[Guardian | ProtocolError]:
    """The same where nothing follows: what proves the client is spent at once."""
    decision = admit(request, facts, policy)
    preloaded = PreloadedRequest(request.parameters, facts, policy, request.presented)
    if isinstance(decision.outcome, ProtocolError):
        return decision
    server.PROVIDER.bound(preloaded).authenticate_client(preloaded, CONFIDENTIAL, "token")
    spent = preloaded.effects.writes
    sender_constraint.proven(request.presented.shown, facts, policy, spent)
    return replace(decision, writes=(*spent, *decision.writes))

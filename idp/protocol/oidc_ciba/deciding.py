"""CIBA Core 1.0 sections 7.2, 7.3 and 13: what ``/bc-authorize`` decides, in two decisions.

:func:`admit` proves the client and reads its request; only then :func:`open_request` looks for the person. So nobody
who is not such a client can make us look somebody up, not even to measure how long it takes (attack 40).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Final

from authlib.oauth2 import OAuth2Error

from idp.accounts.assistance import may_be_helped
from idp.accounts.life import NotAllowed
from idp.domain.account import Account
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.decoupled import MOST_WAITING, DecoupledRequest, Flow
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.outcomes import BackchannelAnswer
from idp.domain.policy import Policy
from idp.domain.values import frozen
from idp.domain.writes import CountAttempt, OpenDecoupled, Write
from idp.protocol import client_requests, oidc_pairwise, sender_constraint, server
from idp.protocol.client_requests import ClientRequest
from idp.protocol.decoupled_grant import CibaGrant, may_ask
from idp.protocol.errors import refusal, translated
from idp.protocol.oidc_ciba import assisted, hints, reading, signed
from idp.protocol.oidc_ciba.reading import Asked
from idp.protocol.rfc6749_framework.issuing import digest
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from idp.protocol.rfc8693_token_exchange import Exchanged, ShownToken

INTERVAL: Final = 5
MOST_ASKED: Final = 10
WINDOW: Final = 600
"""Requests of one client for one person: at most :data:`MOST_ASKED` in so many seconds."""
NOBODY: Final = ""


@frozen
class BackchannelRequest(ClientRequest):
    """A request as it was read. ``id_token`` holds the claims of an ``id_token_hint`` whose signature is ours."""

    id_token: Mapping[str, object] | None = field(default=None, repr=False)
    actor: ShownToken | None = field(default=None, repr=False)
    """Of somebody who helps the person (assisted filing)."""

    @property
    def needs(self) -> Needs:
        """The client, and whether its assertion and its signed request were used before."""
        needs = client_requests.needs(self, None, account=False)
        replay = signed.replay_key(self.parameters)
        texts = [self.parameters.get("request"), signed.peeked(self.parameters).get("login_hint_token")]
        named = tuple(text for text in texts if text is not None)
        if named:
            needs = replace(needs, client_keys_for=(*(needs.client_keys_for or ()), *named))
        if self.actor is not None:
            beside = Exchanged(ShownToken(), self.actor).needs
            needs = replace(needs, beside=beside)
        return needs if replay is None else replace(needs, replay=(*needs.replay, replay))


@frozen
class Search:
    """An admitted request that looks for its person."""

    asked: Asked

    @property
    def count(self) -> CountAttempt:
        """One more request of this client for this hint; counted alike for people who do not exist."""
        whom = self.asked.hint.number or self.asked.hint.subject or "nobody"
        return CountAttempt(f"ciba:{self.asked.request.client_id}|{whom}", WINDOW, MOST_ASKED)

    @property
    def needs(self) -> Needs:
        """The person, what waits for them already, and the client once more."""
        hint = self.asked.hint
        return Needs(
            client_id=self.asked.request.client_id,
            personal_number=hint.number,
            subject=hint.subject,
            waiting=True,
            throttles=(self.count.bucket,),
        )


def admit(request: BackchannelRequest, facts: Facts, policy: Policy) -> Decision[Asked | ProtocolError]:
    """The request, once the client is proven and everything but the person is judged."""
    preloaded = PreloadedRequest(request.parameters, facts, policy, request.presented)
    writes = preloaded.effects.writes
    try:
        server.check(server.BACKCHANNEL_AUTHENTICATION, request, facts, policy)
        bound = server.PROVIDER.bound(preloaded)
        client = bound.authenticate_client(
            preloaded, CibaGrant.TOKEN_ENDPOINT_AUTH_METHODS, "backchannel_authentication"
        ).client
        # 13: unauthorized_client: "The Client is not authorized to use this authentication flow."
        if not may_ask(client):
            raise refusal("unauthorized_client")
        parameters, spent = signed.effective(request.parameters, client, facts, policy)
        hint = hints.read(parameters, client, request.id_token, facts, policy)
        asked = reading.read(parameters, client, hint, policy, knows_numbers=hints.knows_numbers(client))
        asked = with_helper(asked, request, facts, client, policy)
    except OAuth2Error as refused:
        error = client_requests.challenged(translated(refused))
        return Decision(error, (*writes, *client_requests.failed_guess(request, error)))
    except ProtocolError as refused:
        return Decision(client_requests.challenged(refused), tuple(writes))
    return Decision(asked, (*writes, *spent))


def with_helper(
    asked: Asked, request: BackchannelRequest, facts: Facts, client: Client, policy: Policy
) -> Asked:
    """The request with whoever helps, limited to what a helper may do. Raises ProtocolError."""
    helper = assisted.helper_of(
        request.parameters, request.actor, facts, client, policy, sender_constraint.UNPROVEN
    )
    if helper is None:
        return asked
    return replace(asked, assistance=helper, request=assisted.limited(asked.request, helper.way, policy))


def open_request(search: Search, facts: Facts, policy: Policy) -> Decision[BackchannelAnswer | ProtocolError]:
    """The request waits for its person, or for nobody where the client may not know who has an account."""
    asked, client = search.asked, facts.client
    if client is None or client.disabled or not may_ask(client):
        return Decision(refusal("unauthorized_client"))
    if facts.throttles.get(search.count.bucket, 0) >= MOST_ASKED:
        return Decision(client_requests.too_many())
    account = reached(asked, client, facts, policy)
    if account is not None and asked.assistance is not None:
        try:
            may_be_helped(asked.assistance, account)
        except NotAllowed as refused:
            return Decision(assisted.denied(refused), (search.count,))
    too_much = facts.blocked or len(facts.waiting) >= MOST_WAITING
    if asked.knows_numbers and (account is None or too_much):
        event = event_of(asked, None, "unknown" if account is None else "refused_for_person")
        # 13: unknown_user_id: "not able to identify which end-user the Client wishes to be authenticated"; and
        # "HTTP 403 Forbidden" with access_denied, "The resource owner or OpenID Provider denied the ... request."
        error = refusal("unknown_user_id") if account is None else refusal("access_denied", "too many")
        error.status = 400 if account is None else 403
        return Decision(error, (search.count,), (event,))
    if too_much:
        account = None
    return opened(search, account, facts)


def reached(asked: Asked, client: Client, facts: Facts, policy: Policy) -> Account | None:
    """The person, if they exist and may act (CVE-2026-9798: a locked account starts nothing)."""
    account, hint = facts.account, asked.hint
    if account is None or not account.usable or (hint.number is None and hint.subject is None):
        return None
    # Pseudonyms of every client lead back from one place: one that another sector was given names nobody here, or two
    # clients could join what they know of a person (OIDC Core 8.1).
    if hint.subject is not None and hint.subject != oidc_pairwise.subject(client, account.account_id, policy):
        return None
    return account


def opened(
    search: Search, account: Account | None, facts: Facts
) -> Decision[BackchannelAnswer | ProtocolError]:
    """A request begins to wait; one for nobody looks the same and costs the same."""
    asked = search.asked
    secret = f"{facts.fresh.grant_id}.{facts.fresh.code}"
    made = DecoupledRequest(
        request_id=facts.fresh.grant_id,
        secret_hash=digest(secret),
        flow=Flow.CIBA,
        request=asked.request,
        created_at=facts.now,
        expires_at=facts.now + asked.lifetime,
        account_id=account.account_id if account else NOBODY,
        binding_message=asked.binding_message,
        notification_token=asked.notification_token,
        auth_req_id=secret if asked.notification_token else None,
        assistance=asked.assistance,
    )
    writes: tuple[Write, ...] = (search.count, OpenDecoupled(made, INTERVAL))
    event = event_of(asked, account, None if account else "nobody")
    # 7.3: auth_req_id and expires_in are REQUIRED, interval OPTIONAL.
    return Decision(BackchannelAnswer(secret, asked.lifetime, INTERVAL), writes, (event,))


def event_of(asked: Asked, account: Account | None, reason: str | None) -> AuditEvent:
    """The log's line."""
    return AuditEvent(
        AuditKind.APPROVAL_ASKED,
        account.account_id if account else None,
        asked.request.client_id,
        reason=reason,
    )

"""The person's answer to a decoupled request: pure decisions, whoever asks for them (a page here, an app elsewhere).

The same rules as at the authorization endpoint judge level, age of the sign-in, consent and locked accounts
(:mod:`idp.protocol.oidc_core.judging`). Approving is always a deliberate act of a signed-in person who was shown
who asks for what: no link approves anything (attack 45).
"""

from __future__ import annotations

import hmac
from dataclasses import field
from enum import StrEnum
from typing import Final

from idp.domain.account import Account, Credentials
from idp.domain.assistance import Assistance
from idp.domain.assurance import authentication_level, reached
from idp.domain.audit import ACTOR_ITEM, AuditEvent, AuditKind
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.decoupled import Approval, DecoupledRequest, Flow, LoadedDecoupled, Status
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.rich_requests import items_of
from idp.domain.scopes import consent_items
from idp.domain.session import Session
from idp.domain.values import frozen
from idp.domain.writes import (
    BlockClient,
    DecideDecoupled,
    KeepApproved,
    PingClient,
    RememberConsent,
    SendMail,
    Write,
)
from idp.protocol import rfc9470_step_up
from idp.protocol.decoupled_grant import PING
from idp.protocol.oidc_core import judging

NOT_SIGNED_IN: Final = "sign_in_needed"
GONE: Final = "approval_gone"
BLOCKED_FOR: Final = 86_400
"""Seconds for which a client that the person reported reaches them no more."""


class Answer(StrEnum):
    """What the person says."""

    APPROVE = "approve"
    DENY = "deny"
    NOT_ME = "not_me"


@frozen
class GivenAnswer:
    """One answer. ``user_code`` is what the person compared, for a device; empty for a back-channel request."""

    digest: bytes | None
    request_id: str
    answer: Answer
    user_code: str = field(default="", repr=False)

    @property
    def needs(self) -> Needs:
        """The person with their factors, the request and its client; for a report also what else waits."""
        return Needs(
            session_digest=self.digest,
            account_of_session=True,
            credentials=True,
            decoupled_id=self.request_id,
            client_of_decoupled=True,
            waiting=self.answer is Answer.NOT_ME,
        )


@frozen
class Answered:
    """The answer is true now."""

    answer: Answer


@frozen
class ProveAgain:
    """The person must first sign in anew, at least with this authentication level."""

    level: int


def decide(given: GivenAnswer, facts: Facts, policy: Policy) -> Decision[Answered | ProveAgain]:
    """The answer. Raises PageProblem when nobody is signed in or nothing waits for this person by this name."""
    del policy
    session, account = person_of(facts)
    loaded, client = facts.decoupled, facts.client
    if not answerable(loaded, client, account, facts) or loaded is None or client is None:
        raise PageProblem(GONE, 410)
    # RFC 8628 3.3: what is approved is what the person compared, not what a link or a hidden field says.
    if not hmac.compare_digest((loaded.request.user_code or "").encode(), given.user_code.encode()):
        raise PageProblem(GONE, 410, cause="another code was shown")
    if given.answer is Answer.DENY:
        return denied(loaded.request, client, account)
    if given.answer is Answer.NOT_ME:
        return reported(loaded.request, client, account, facts)
    lacking = missing(loaded, session, account, facts)
    if lacking is not None:
        return Decision(lacking)
    return approved(loaded, client, session, account, facts)


def person_of(facts: Facts) -> tuple[Session, Account]:
    """Who is signed in and may act. Raises PageProblem."""
    person = judging.signed_in(facts)
    if person is None:
        raise PageProblem(NOT_SIGNED_IN, 401)
    return person


def answerable(loaded: LoadedDecoupled | None, client: Client | None, account: Account, facts: Facts) -> bool:
    """Whether this person may answer this request now."""
    if loaded is None or client is None or client.disabled:
        return False
    asked = loaded.request
    # A device's request is anybody's who has its code; a back-channel request is one person's alone.
    whose = {None} if asked.flow is Flow.DEVICE else {account.account_id}
    return (
        loaded.status is Status.PENDING
        and asked.expires_at > facts.now
        and asked.client_id == client.client_id
        and asked.account_id in whose
    )


def missing(loaded: LoadedDecoupled, session: Session, account: Account, facts: Facts) -> ProveAgain | None:
    """What the asked level or age of the sign-in still needs. Raises PageProblem when it is out of reach."""
    request = loaded.request.request
    wished = rfc9470_step_up.wish(request)
    if request.max_age is not None and facts.now - session.auth_time > request.max_age:
        return ProveAgain(wished.level_to_ask(account))
    lacking = judging.level_lacking(request, account, reached(account.level, session.amr), None)
    if isinstance(lacking, judging.Impossible):
        raise PageProblem(GONE, 410, cause="level out of reach")
    if lacking is None:
        return None
    # A wished level that this account has no means for is let go, as at the authorization endpoint.
    able = account.resistance > 0 or (facts.credentials is not None and facts.credentials.has_second_factor)
    # Signing in for an approval is not told of phr: a wish that only a passkey would grant is let go.
    able = able and lacking.required_level > authentication_level(session.amr)
    return ProveAgain(lacking.required_level) if able or wished.essential else None


def approved(
    loaded: LoadedDecoupled, client: Client, session: Session, account: Account, facts: Facts
) -> Decision[Answered | ProveAgain]:
    """A yes, with the consent that it is."""
    asked = loaded.request
    acr = rfc9470_step_up.wish(asked.request).said(reached(account.level, session.amr))
    approval = Approval(account.account_id, acr, session.amr, session.auth_time, facts.now)
    items = consent_items(asked.request)
    writes = yes_writes(asked, approval, client, account, facts.credentials)
    events: tuple[AuditEvent, ...] = (event(AuditKind.APPROVAL_GIVEN, asked, account, acr=acr),)
    if judging.must_consent(asked.request, client, account, None):
        before = account.consents.get(client.client_id, frozenset())
        writes += (RememberConsent(account.account_id, client.client_id, items | before),)
        given = AuditEvent(
            AuditKind.CONSENT_GIVEN,
            account.account_id,
            client.client_id,
            claims=tuple(sorted(items)),
        )
        events += (given,)
    return Decision(Answered(Answer.APPROVE), writes, events)


def yes_writes(
    asked: DecoupledRequest,
    approval: Approval,
    client: Client,
    account: Account,
    credentials: Credentials | None,
) -> tuple[Write, ...]:
    """A yes, however it was said; the person is told by mail when somebody helped."""
    writes: tuple[Write, ...] = (
        DecideDecoupled(asked, approval),
        KeepApproved(asked, account.account_id, account.epoch),
        *pings(asked, client),
    )
    email = credentials.email if credentials is not None else None
    if asked.assistance is None or email is None:
        return writes
    values = (*about_helper(asked.assistance), *about_dossier(asked))
    return (*writes, SendMail(email, "assisted_done", account.locale, values))


def about_helper(helped: Assistance) -> tuple[tuple[str, str], ...]:
    """What a mail says of who helps."""
    return (("helper", helped.name), ("organisation", helped.organisation))


def about_dossier(asked: DecoupledRequest) -> tuple[tuple[str, str], ...]:
    """What a mail says of the one dossier: its code and the purpose as it stands in the request."""
    detail = next(iter(asked.request.authorization_details), {})
    return (("dossier", str(detail.get("dossier", ""))), ("purpose", str(detail.get("purpose", ""))))


def denied(asked: DecoupledRequest, client: Client, account: Account) -> Decision[Answered | ProveAgain]:
    """A no: the client hears access_denied."""
    writes: tuple[Write, ...] = (DecideDecoupled(asked), *pings(asked, client))
    return Decision(Answered(Answer.DENY), writes, (event(AuditKind.APPROVAL_REFUSED, asked, account),))


def reported(
    asked: DecoupledRequest, client: Client, account: Account, facts: Facts
) -> Decision[Answered | ProveAgain]:
    """The person did not ask for this: a no to everything of this client that waits, and silence for a day."""
    others = [
        each.request
        for each in facts.waiting
        if each.request.client_id == client.client_id and each.request.request_id != asked.request_id
    ]
    writes: list[Write] = []
    for each in (asked, *others):
        writes += [DecideDecoupled(each), *pings(each, client)]
    if asked.flow is Flow.CIBA:
        writes.append(BlockClient(account.account_id, client.client_id, BLOCKED_FOR))
    return Decision(
        Answered(Answer.NOT_ME), tuple(writes), (event(AuditKind.APPROVAL_REPORTED, asked, account),)
    )


def pings(asked: DecoupledRequest, client: Client) -> tuple[PingClient, ...]:
    """The client's bell, if it registered one (CIBA Core 10.2)."""
    uri, token, name = (
        client.backchannel_client_notification_endpoint,
        asked.notification_token,
        asked.auth_req_id,
    )
    if client.backchannel_token_delivery_mode != PING or uri is None or token is None or name is None:
        return ()
    return (PingClient(client.client_id, uri, name, token, asked.expires_at),)


def event(
    kind: AuditKind, asked: DecoupledRequest, account: Account, *, acr: str | None = None
) -> AuditEvent:
    """The log's line: which procedures and dossiers, and who helps; its reason says by which flow."""
    helped = asked.assistance
    who = (ACTOR_ITEM + helped.helper,) if helped is not None else ()
    return AuditEvent(
        *(kind, account.account_id, asked.client_id, asked.request_id, acr),
        (*who, *items_of(asked.request.authorization_details)),
        asked.flow.value,
    )

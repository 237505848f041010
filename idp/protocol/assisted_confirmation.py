"""The two ways in which a citizen at a counter confirms without an app: a code by mail, and a signed paper.

The helper's portal speaks, with its own authentication, the helper's token and the ``auth_req_id`` of the request
that the helper opened (:mod:`idp.protocol.oidc_ciba.assisted`). A code is for one request; it is counted before it is
compared, so that parallel guesses cannot outrun the limit. Papers are counted per helper and day.
"""

from __future__ import annotations

import hmac
from dataclasses import field
from enum import StrEnum
from typing import Final

from authlib.oauth2 import OAuth2Error

from idp.accounts import assistance
from idp.accounts.life import NotAllowed
from idp.domain.account import Account
from idp.domain.assistance import Paper, Way
from idp.domain.audit import PAPER_ITEM, AuditEvent, AuditKind
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.decoupled import Approval, DecoupledRequest, Flow, LoadedDecoupled, Status
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.tokens import Handle
from idp.domain.values import frozen
from idp.domain.writes import CountAttempt, SendMail, Write
from idp.protocol import client_requests, sender_constraint, server
from idp.protocol.client_requests import ClientRequest
from idp.protocol.decoupled_answers import about_dossier, about_helper, event, yes_writes
from idp.protocol.decoupled_grant import CibaGrant
from idp.protocol.errors import refusal, translated
from idp.protocol.oidc_ciba.assisted import acting
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from idp.protocol.rfc8693_token_exchange import Exchanged, ShownToken

HOUR: Final = 3_600
DAY: Final = 86_400
WINDOW: Final = 900
"""Longer than any request lives."""


class Deed(StrEnum):
    """What the helper's portal asks for."""

    SEND_CODE = "send_code"
    CONFIRM_CODE = "confirm_code"
    RECORD_PAPER = "record_paper"


@frozen
class ConfirmationRequest(ClientRequest):
    """One act as it was read; ``citizen`` and ``helper`` name the buckets only, as a first look said."""

    handle: Handle | None = field(default=None, repr=False)
    actor: ShownToken = field(default=ShownToken(), repr=False)
    citizen: str = ""
    helper: str = ""

    @property
    def tries(self) -> CountAttempt:
        """Of the code of this request."""
        name = self.handle.grant_id if self.handle is not None else ""
        return CountAttempt(f"assisted-code:{name}", WINDOW, assistance.TRIES)

    @property
    def codes(self) -> CountAttempt:
        """Codes sent to this citizen."""
        return CountAttempt(f"assisted-send:{self.citizen}", HOUR, assistance.CODES_AN_HOUR)

    @property
    def papers(self) -> CountAttempt:
        """Papers that this helper recorded."""
        return CountAttempt(f"assisted-paper:{self.helper}", DAY, assistance.PAPERS_A_DAY)

    @property
    def needs(self) -> Needs:
        """Client, request, citizen with mailbox, and the helper beside with what they recorded today."""
        needs = client_requests.needs(self, None, account=False)
        handle = self.handle
        return Needs(
            client_id=needs.client_id,
            replay=needs.replay,
            throttles=(*needs.throttles, *(each.bucket for each in (self.tries, self.codes, self.papers))),
            client_keys_for=needs.client_keys_for,
            decoupled_id=handle.grant_id if handle is not None else None,
            account_of_decoupled=True,
            credentials=True,
            beside=Exchanged(ShownToken(), self.actor).needs,
        )


@frozen
class Sent:
    """A code is on its way to a mailbox, shown masked."""

    to: str


@frozen
class Wrong:
    """Another code; so many tries are left."""

    left: int


@frozen
class Confirmed:
    """The citizen's yes is true; the request can be redeemed once."""


@frozen
class NotDone:
    """It may not be; ``code`` is stable and free of language."""

    code: str


ConfirmationOutcome = Sent | Wrong | Confirmed | NotDone | ProtocolError


def decide(request: ConfirmationRequest, facts: Facts, policy: Policy) -> Decision[ConfirmationOutcome]:
    """What became of it."""
    preloaded = PreloadedRequest(request.parameters, facts, policy, request.presented)
    writes = preloaded.effects.writes
    try:
        server.check(server.BACKCHANNEL_AUTHENTICATION, request, facts, policy)
        client = (
            server.PROVIDER.bound(preloaded)
            .authenticate_client(
                preloaded, CibaGrant.TOKEN_ENDPOINT_AUTH_METHODS, "backchannel_authentication"
            )
            .client
        )
        helper = acting(request.actor, facts, client, policy, sender_constraint.UNPROVEN).account
        asked, citizen = waiting(request, facts, client, helper)
        done = done_about(request, asked, citizen, client, facts, policy)
    except OAuth2Error as refused:
        error = client_requests.challenged(translated(refused))
        return Decision(error, (*writes, *client_requests.failed_guess(request, error)))
    except ProtocolError as refused:
        return Decision(client_requests.challenged(refused), tuple(writes))
    except NotAllowed as refused:
        return Decision(NotDone(refused.code), tuple(writes))
    return Decision(done.outcome, (*writes, *done.writes), done.audit)


def waiting(
    request: ConfirmationRequest, facts: Facts, client: Client, helper: Account
) -> tuple[DecoupledRequest, Account]:
    """The request that this very helper opened at this client, and its citizen. Raises ProtocolError, NotAllowed."""
    loaded, handle, citizen = facts.decoupled, request.handle, facts.account
    if not names(loaded, handle, client) or loaded is None:
        raise refusal("invalid_request", "no such request of this client")
    asked = loaded.request
    if asked.assistance is None or asked.assistance.helper != helper.account_id:
        raise refusal("invalid_request", "another helper's request")
    if loaded.status is not Status.PENDING or asked.expires_at <= facts.now:
        raise NotAllowed("not_waiting")
    # Attack 28: whoever was locked meanwhile confirms nothing, by any way.
    if citizen is None or citizen.account_id != asked.account_id or not citizen.usable:
        raise NotAllowed("nobody_to_confirm")
    assistance.may_be_helped(asked.assistance, citizen)
    return asked, citizen


def names(loaded: LoadedDecoupled | None, handle: Handle | None, client: Client) -> bool:
    """Whether the secret names this back-channel request of this client."""
    return (
        loaded is not None
        and handle is not None
        and loaded.request.flow is Flow.CIBA
        and loaded.request.client_id == client.client_id
        and hmac.compare_digest(loaded.request.secret_hash, handle.digest)
    )


def done_about(
    request: ConfirmationRequest,
    asked: DecoupledRequest,
    citizen: Account,
    client: Client,
    facts: Facts,
    policy: Policy,
) -> Decision[ConfirmationOutcome]:
    """The act itself. Raises NotAllowed and ProtocolError."""
    said = request.parameters.get("act")
    if said not in set(Deed):
        raise refusal("invalid_request", "act")
    deed, helped = Deed(said or ""), asked.assistance
    wanted = Way.PAPER if deed is Deed.RECORD_PAPER else Way.CODE
    if helped is None or helped.way is not wanted:
        raise NotAllowed("another_way")
    code = assistance.code_of(policy.pairwise_salt, asked.request_id, citizen.account_id)
    if deed is Deed.SEND_CODE:
        return sent(request, asked, citizen, code, facts)
    if deed is Deed.CONFIRM_CODE:
        return compared(request, asked, citizen, client, code, facts)
    values = (request.parameters.get(f"paper_{part}") or "" for part in ("number", "scan", "witness"))
    return recorded(request, assistance.paper_of(*values), asked, citizen, client, facts)


def sent(
    request: ConfirmationRequest, asked: DecoupledRequest, citizen: Account, code: str, facts: Facts
) -> Decision[ConfirmationOutcome]:
    """A code goes to the registered mailbox, with who asks and for which dossier."""
    not_full(request.codes, facts, "too_many_codes")
    email = facts.credentials.email if facts.credentials is not None else None
    if email is None or asked.assistance is None:
        raise NotAllowed("no_mailbox")
    values = (("code", code), *about_helper(asked.assistance), *about_dossier(asked))
    writes: tuple[Write, ...] = (request.codes, SendMail(email, "assisted_code", citizen.locale, values))
    return Decision(Sent(masked_mailbox(email)), writes, (event(AuditKind.CODE_SENT, asked, citizen),))


def compared(
    request: ConfirmationRequest,
    asked: DecoupledRequest,
    citizen: Account,
    client: Client,
    code: str,
    facts: Facts,
) -> Decision[ConfirmationOutcome]:
    """The code as the citizen read it aloud: right, and it is a yes; wrong, and one try is gone."""
    used = not_full(request.tries, facts, "too_many_tries")
    if not assistance.is_code((request.parameters.get("code") or "")[:32], code):
        return Decision(Wrong(assistance.TRIES - used - 1), (request.tries,))
    given = confirmed(asked, citizen, client, facts, amr=("otp",), items=())
    return Decision(given.outcome, (request.tries, *given.writes), given.audit)


def recorded(
    request: ConfirmationRequest,
    paper: Paper,
    asked: DecoupledRequest,
    citizen: Account,
    client: Client,
    facts: Facts,
) -> Decision[ConfirmationOutcome]:
    """The paper is a yes, as often as a helper may say so within a day."""
    not_full(request.papers, facts, "paper_limit")
    items = tuple(PAPER_ITEM + each for each in (paper.number, paper.scan, paper.witness))
    given = confirmed(asked, citizen, client, facts, amr=(), items=items)
    return Decision(given.outcome, (request.papers, *given.writes), given.audit)


def confirmed(
    asked: DecoupledRequest,
    citizen: Account,
    client: Client,
    facts: Facts,
    *,
    amr: tuple[str, ...],
    items: tuple[str, ...],
) -> Decision[ConfirmationOutcome]:
    """A yes. ``acr`` is how the helper signed in: the citizen proved little here, and ``act`` says how much."""
    helped = asked.assistance
    acr = helped.acr if helped is not None else ""
    approval = Approval(citizen.account_id, acr, amr, facts.now, facts.now)
    line = event(AuditKind.APPROVAL_GIVEN, asked, citizen, acr=acr)
    way = helped.way.value if helped is not None else None
    told = AuditEvent(
        *(line.kind, line.account_id, line.client_id, line.grant_id, line.acr), (*line.claims, *items), way
    )
    return Decision(Confirmed(), yes_writes(asked, approval, client, citizen, facts.credentials), (told,))


def not_full(count: CountAttempt, facts: Facts, code: str) -> int:
    """How much is in a bucket. Raises NotAllowed when it is full."""
    used = facts.throttles.get(count.bucket, 0)
    if used >= (count.limit or 0):
        raise NotAllowed(code)
    return used


def masked_mailbox(email: str) -> str:
    """Enough for its owner to know which one it is."""
    name, _, host = email.rpartition("@")
    return f"{name[:1]}•••@{host}"

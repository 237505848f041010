"""After a factor was proven: what is still missing, and what therefore becomes true.

No session exists before *all* asked factors are proven (Zitadel CVE-2025-64103: one factor counted as two).
"""

from dataclasses import dataclass, field, replace

from idp.authentication import one_time_code, session, step_up
from idp.authentication.devices import Device
from idp.authentication.steps import move
from idp.authentication.throttling import MAILS_AT_ACCOUNT
from idp.domain import paths
from idp.domain.account import Account, Credentials
from idp.domain.assurance import reached
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.domain.session import AuthenticationEvent, Interaction, Step
from idp.domain.writes import CountAttempt, FinishInteraction, NotifyLogout, Write

HOME = paths.ACCOUNT


@dataclass(frozen=True, slots=True)
class Advanced:
    """The answer was right: go to ``path``. ``cookie`` is the new session's, ``device`` the browser's, if any.

    ``session_id`` names the session that begins or goes on with the cookie.
    """

    path: str
    cookie: str | None = field(default=None, repr=False)
    device: Device | None = field(default=None, repr=False)
    session_id: str | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """Whose factor was proven in which interaction, and what the browser brought with it."""

    interaction: Interaction
    account: Account
    credentials: Credentials | None
    events: tuple[AuthenticationEvent, ...]
    old_digest: bytes | None
    device: Device | None
    service: str
    farewell: tuple[NotifyLogout, ...] = ()
    """What the services of the browser's present session must hear if it ends."""
    raises_session: bool = False
    """A further factor on a living session, instead of a whole sign-in."""
    agent: str = ""
    """Kind of browser, for its owner to recognise the session."""
    ask_second_factor: bool = False
    """Ask for the second factor whatever level was asked for (decision 0005)."""


def advance(proven: Proven, facts: Facts, policy: Policy) -> Decision[Advanced]:
    """The second factor, the explanation of a level out of reach, or a session and the way on."""
    amr = _amr(proven, facts)
    lacking = step_up.missing(
        proven.interaction.request,
        proven.interaction.required_level,
        proven.account,
        proven.credentials,
        amr,
    )
    second = lacking is step_up.Missing.SECOND_FACTOR or proven.ask_second_factor
    if second and proven.interaction.step == Step.PASSWORD:
        return _ask_second_factor(proven, facts, policy)
    return _signed_in(proven, facts, policy, explain=lacking is not step_up.Missing.NOTHING)


def way_on(interaction: Interaction, to: Step, **changes: object) -> tuple[str, Write]:
    """Where the browser goes, and the write that makes it true; a visit without a client simply ends."""
    here = f"?i={interaction.interaction_id}"
    if to is Step.CONTINUE and interaction.request is None:
        return interaction.next_path or HOME, FinishInteraction(interaction.interaction_id)
    pages = {
        Step.SECOND_FACTOR: paths.SECOND_FACTOR,
        Step.STEP_UP: paths.STEP_UP,
        Step.CONTINUE: paths.CONTINUE,
    }
    return pages[to] + here, move(interaction, to, **changes)


def _ask_second_factor(proven: Proven, facts: Facts, policy: Policy) -> Decision[Advanced]:
    writes: list[Write] = []
    changes: dict[str, object] = {
        "account_id": proven.account.account_id,
        "events": proven.events,
        "withheld": proven.ask_second_factor,
    }
    credentials = proven.credentials
    # Decision 0005: ten mails an hour, whichever way they are asked for; else a password is a mail bomb.
    full = facts.throttles.get(mail_bucket(proven.account.account_id), 0) >= MAILS_AT_ACCOUNT.tries
    by_mail = credentials is not None and credentials.totp_secret is None and not full
    # Who has a passkey is asked for it first; a code by mail is for the asking.
    by_mail = by_mail and not proven.account.resistance
    if by_mail and credentials is not None and credentials.email is not None:
        owned = replace(proven.interaction, account_id=proven.account.account_id)
        sent, mail = one_time_code.issue(owned, credentials.email, facts, policy, service=proven.service)
        changes |= {"otp_hash": sent.otp_hash, "otp_expires_at": sent.otp_expires_at}
        writes += [mail, count_mail(proven.account.account_id)]
    path, saved = way_on(proven.interaction, Step.SECOND_FACTOR, **changes)
    return Decision(Advanced(path), (saved, *writes))


def _signed_in(proven: Proven, facts: Facts, policy: Policy, *, explain: bool) -> Decision[Advanced]:
    account_id = proven.account.account_id
    if proven.raises_session and facts.session is not None:
        opened = session.step_up(
            facts.session, proven.account, proven.events, facts, old_digest=proven.old_digest
        )
    else:
        opened = session.sign_in(
            proven.account,
            proven.events,
            facts,
            policy,
            old_digest=proven.old_digest,
            locale=proven.interaction.locale,
            farewell=proven.farewell,
            agent=proven.agent,
        )
    path, saved = way_on(
        proven.interaction,
        Step.STEP_UP if explain and proven.interaction.request else Step.CONTINUE,
        account_id=account_id,
        events=proven.events,
        withheld=False,
    )
    device = proven.device
    if device is None or not device.known_for(account_id, facts.now):
        device = Device(facts.fresh.jti, account_id, facts.now)
    if any(event.method != "pwd" for event in proven.events):
        device = replace(device, two_factors=True)
    level = reached(proven.account.level, opened.session.amr)
    request = proven.interaction.request
    advanced = Advanced(path, opened.cookie, device, opened.session.session_id)
    event = AuditEvent(
        AuditKind.SIGN_IN,
        account_id=account_id,
        client_id=request.client_id if request else None,
        acr=level.acr,
    )
    return Decision(advanced, (saved, *opened.writes), (event,))


def count_mail(account_id: str) -> CountAttempt:
    """One more mail to this account; a flood ends here (only who knows the password gets this far)."""
    return CountAttempt(mail_bucket(account_id), MAILS_AT_ACCOUNT.window)


def mail_bucket(account_id: str) -> str:
    """The bucket of mails to an account."""
    return f"code:mails:{account_id}"


def _amr(proven: Proven, facts: Facts) -> tuple[str, ...]:
    before = facts.session.amr if proven.raises_session and facts.session else ()
    return (*before, *(event.method for event in proven.events))


def with_event(interaction: Interaction, *methods: str, now: int) -> tuple[AuthenticationEvent, ...]:
    """The factors proven in this interaction, with what was proven now."""
    return (*interaction.events, *(AuthenticationEvent(method, now) for method in methods))

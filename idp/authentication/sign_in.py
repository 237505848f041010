"""The password step, in two decisions around the hashing: :func:`admit` counts the attempt, :func:`judge` answers it.

Counting first bounds parallel guesses. Unknown, locked, closed and wrong look alike: the same hashing, the same
writes, the same answer (attacks: Keycloak CVE-2026-4633, PR#51953; Zitadel GHSA-pvm5-9frx-264r).
"""

from dataclasses import dataclass, field, replace

from idp.authentication.devices import Device
from idp.authentication.pool import Verdict
from idp.authentication.progress import Advanced, Proven, advance, mail_bucket, way_on, with_event
from idp.authentication.steps import answering
from idp.authentication.throttling import PRESSURE, Buckets, attempts_to_count, buckets, under_pressure, wait
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.session import Step
from idp.domain.writes import ClearAttempts, CountAttempt, NotifyLogout, UpgradePassword, Write


@dataclass(frozen=True, slots=True)
class PasswordAttempt:
    """One answer to the password page. ``browser`` and ``old_digest`` are hashes of the browser's cookies.

    ``device`` is what the sealed device cookie said, None without one. ``service`` is the client's name for mails.
    """

    interaction_id: str
    browser: bytes | None
    number: str = field(repr=False)
    address: str = field(repr=False)
    old_digest: bytes | None = None
    device: Device | None = None
    service: str = ""
    farewell: tuple[NotifyLogout, ...] = ()
    agent: str = ""

    def buckets(self, policy: Policy) -> Buckets:
        """The throttle buckets of this attempt."""
        return buckets(self.number, self.address, self.device, policy)

    def needs(self, policy: Policy) -> Needs:
        """The facts that both decisions are made from."""
        return Needs(
            interaction_id=self.interaction_id,
            personal_number=self.number,
            session_digest=self.old_digest,
            throttles=self.buckets(policy).names,
            credentials=True,
        )


@dataclass(frozen=True, slots=True)
class Admitted:
    """The attempt is counted; now check the password against this hash (None: do the same work for nobody)."""

    password_hash: str | None = field(repr=False)
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class TooMany:
    """Too many attempts by this browser or address; ``retry_after`` in seconds. Nothing was checked."""

    retry_after: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Number and password do not fit, or the account may not sign in. Nobody outside learns which."""


@dataclass(frozen=True, slots=True)
class CheckedPassword:
    """The attempt with the verdict on ``against``, the hash that :class:`Admitted` gave for ``account_id``."""

    attempt: PasswordAttempt
    against: str | None = field(repr=False)
    verdict: Verdict
    account_id: str | None = None

    def needs(self, policy: Policy) -> Needs:
        """As the attempt, and how many mails the account got: a right password may send one more."""
        needed = self.attempt.needs(policy)
        if self.account_id is None:
            return needed
        return replace(needed, throttles=(*needed.throttles, mail_bucket(self.account_id)))


def admit(attempt: PasswordAttempt, facts: Facts, policy: Policy) -> Decision[Admitted | TooMany]:
    """May this be tried at all? Raises PageProblem when the interaction does not wait for a password."""
    answering(facts, attempt.browser, Step.PASSWORD)
    counts = attempts_to_count(attempt.buckets(policy), known_device=_known(attempt, facts))
    seconds = wait(counts, facts)
    if seconds:
        return Decision(TooMany(seconds))
    against = facts.credentials.password_hash if facts.credentials else None
    return Decision(Admitted(against, facts.account.account_id if facts.account else None), counts)


def judge(checked: CheckedPassword, facts: Facts, policy: Policy) -> Decision[Advanced | Refused]:
    """The answer to the password, once it was checked."""
    attempt = checked.attempt
    interaction = answering(facts, attempt.browser, Step.PASSWORD)
    account, credentials = facts.account, facts.credentials
    names, known = attempt.buckets(policy), _known(attempt, facts)
    withhold = not known and under_pressure(names, facts)
    right = (
        checked.verdict.correct
        and account is not None
        and account.usable
        and credentials is not None
        # The very hash that was checked: a password changed meanwhile is not proven by its predecessor.
        and credentials.password_hash == checked.against
        and (credentials.has_second_factor or account.resistance > 0 or not withhold)
    )
    if not right or account is None:
        return _refused(checked, facts, policy, withhold=withhold)
    proven = Proven(
        interaction,
        account,
        credentials,
        with_event(interaction, "pwd", now=facts.now),
        attempt.old_digest,
        attempt.device if known else None,
        attempt.service,
        attempt.farewell,
        agent=attempt.agent,
        ask_second_factor=withhold,
    )
    decision = advance(proven, facts, policy)
    writes: tuple[Write, ...] = ()
    if not withhold:
        writes = (ClearAttempts(names.device if known and names.device else names.address_at_account),)
    if checked.verdict.upgraded:
        writes += (UpgradePassword(account.account_id, checked.verdict.upgraded),)
    return Decision(decision.outcome, (*decision.writes, *writes), decision.audit)


def _refused(
    checked: CheckedPassword, facts: Facts, policy: Policy, *, withhold: bool
) -> Decision[Advanced | Refused]:
    attempt, account = checked.attempt, facts.account
    interaction = answering(facts, attempt.browser, Step.PASSWORD)
    writes: tuple[Write, ...] = ()
    if not _known(attempt, facts):
        writes = (CountAttempt(attempt.buckets(policy).pressure, PRESSURE.window),)
    if account is None:
        reason = "unknown_number"
    elif not account.usable:
        reason = f"account_{account.status}"
    else:
        reason = "wrong_password"
    request = interaction.request
    event = AuditEvent(
        AuditKind.SIGN_IN_REFUSED,
        account_id=account.account_id if account else None,
        client_id=request.client_id if request else None,
        reason=reason,
    )
    if withhold:
        path, saved = way_on(interaction, Step.SECOND_FACTOR, withheld=True)
        return Decision(Advanced(path), (saved, *writes), (event,))
    return Decision(Refused(), writes, (event,))


def _known(attempt: PasswordAttempt, facts: Facts) -> bool:
    account_id = facts.account.account_id if facts.account else None
    return attempt.device is not None and attempt.device.known_for(account_id, facts.now)

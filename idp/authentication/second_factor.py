"""The second factor: a code of the authenticator app, one sent by e-mail, or a recovery code.

Five tries per interaction, ten an hour at the account from unknown devices, each counted in the same atomic step that
would accept it, so that parallel guesses gain nothing (logto#9109, keycloak#26177).
"""

from dataclasses import dataclass, field

from idp.authentication import one_time_code, recovery_codes, totp
from idp.authentication.devices import Device
from idp.authentication.progress import Advanced, Proven, advance, count_mail, mail_bucket, with_event
from idp.authentication.steps import GONE, answering, move
from idp.authentication.throttling import (
    CODES_AT_ACCOUNT,
    DEVICE,
    MAILS_AT_ACCOUNT,
    MAILS_PER_INTERACTION,
    wait,
)
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.needs import Needs, ReplayKey
from idp.domain.policy import Policy
from idp.domain.session import Interaction, Step
from idp.domain.writes import (
    CountAttempt,
    FinishInteraction,
    NotifyLogout,
    SendMail,
    SpendOnce,
    UseRecoveryCode,
    Write,
)

NOBODY = bytes(20)
TOO_MANY_CODES = "too_many_codes"


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """One answer to the code page, or (with an empty code) a wish for a code by e-mail.

    ``account_id`` is what a first look at the interaction gave; the rule refuses when it has changed since.
    """

    interaction_id: str
    browser: bytes | None
    account_id: str | None
    code: str = field(default="", repr=False)
    old_digest: bytes | None = None
    device: Device | None = None
    service: str = ""
    farewell: tuple[NotifyLogout, ...] = ()
    agent: str = ""

    @property
    def plain_code(self) -> str:
        """The code without the spaces that people and phones put into it."""
        return "".join(self.code.split())

    @property
    def own_bucket(self) -> str:
        """Tries of this interaction."""
        return f"code:interaction:{self.interaction_id}"

    @property
    def sent_bucket(self) -> str:
        """Mails sent in this interaction."""
        return f"code:sent:{self.interaction_id}"

    def known(self, now: int) -> bool:
        """True in a browser in which this account has signed in before."""
        return self.device is not None and self.device.known_for(self.account_id, now)

    def counts(self, now: int, policy: Policy) -> tuple[CountAttempt, ...]:
        """What one try costs."""
        own = CountAttempt(self.own_bucket, policy.interaction_lifetime, policy.otp_attempts)
        if self.account_id is None:
            return (own,)
        # A password alone makes a browser known: it must not buy tries at the second factor.
        if self.device is not None and self.device.two_factors and self.known(now):
            limit = DEVICE
            shared = f"code:device:{self.device.device_id}"
        else:
            limit, shared = CODES_AT_ACCOUNT, f"code:account:{self.account_id}"
        return (own, CountAttempt(shared, limit.window, limit.tries))

    @property
    def _replay(self) -> tuple[ReplayKey, ...]:
        if self.account_id is None or not self.plain_code:
            return ()
        return (
            totp.spent_code(self.account_id, self.plain_code),
            one_time_code.spent_code(self.interaction_id, self.plain_code),
        )

    @property
    def needs(self) -> Needs:
        """The facts that a code is judged by."""
        buckets = [self.own_bucket, self.sent_bucket]
        if self.account_id is not None:
            buckets += [f"code:account:{self.account_id}", mail_bucket(self.account_id)]
        if self.device is not None:
            buckets.append(f"code:device:{self.device.device_id}")
        return Needs(
            interaction_id=self.interaction_id,
            session_digest=self.old_digest,
            account_of_interaction=True,
            credentials=True,
            throttles=tuple(buckets),
            replay=self._replay,
        )


@dataclass(frozen=True, slots=True)
class WrongCode:
    """Not the code. ``left`` tries remain in this interaction."""

    left: int


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code is on its way, if there is an address. ``False``: too many were sent, look for the last one."""

    sent: bool = True


def judge(answer: CodeAnswer, facts: Facts, policy: Policy) -> Decision[Advanced | WrongCode | PageProblem]:
    """The answer to a code. A spent code and a wrong code look alike."""
    interaction = _waiting(answer, facts)
    counts = answer.counts(facts.now, policy)
    if interaction.withheld and not wait(counts[:1], facts) and wait(counts[1:], facts):
        # Only the right password fills the account's bucket: that it is full would give the verdict away.
        return _wrong(answer, interaction, facts, policy, counts[:1])
    if wait(counts, facts):
        return Decision(
            PageProblem(TOO_MANY_CODES, 429),
            (FinishInteraction(interaction.interaction_id),),
            (_refusal(interaction, answer, "too_many_codes"),),
        )
    proof = _proof(answer, interaction, facts, policy)
    account = facts.account
    if proof is None or account is None or not account.usable or account.account_id != answer.account_id:
        return _wrong(answer, interaction, facts, policy, counts)
    raises = not interaction.events
    session = facts.session
    if raises and (
        session is None or session.account_id != account.account_id or session.expires_at <= facts.now
    ):
        raise PageProblem(GONE, 410, cause="the session to be raised is over")
    proven = Proven(
        interaction,
        account,
        facts.credentials,
        with_event(interaction, "otp", now=facts.now),
        answer.old_digest,
        answer.device if answer.known(facts.now) else None,
        answer.service,
        answer.farewell,
        raises_session=raises,
        agent=answer.agent,
    )
    decision = advance(proven, facts, policy)
    writes = (proof, *counts, *decision.writes)
    if isinstance(proof, UseRecoveryCode):
        return Decision(
            decision.outcome,
            (*writes, *_told(facts, account.locale)),
            (*decision.audit, AuditEvent(AuditKind.RECOVERY_CODE_USED, account.account_id)),
        )
    return Decision(decision.outcome, writes, decision.audit)


def _told(facts: Facts, locale: str) -> tuple[Write, ...]:
    """How many are left; so that a code that somebody else used does not go unnoticed."""
    held = facts.credentials
    if held is None or held.email is None:
        return ()
    left = len(held.recovery) - 1
    return (SendMail(held.email, "recovery_code_used", locale, (("left", str(left)),)),)


def send_code(answer: CodeAnswer, facts: Facts, policy: Policy) -> Decision[CodeSent]:
    """Mail a fresh code; the one before it dies.

    Nobody's account (a withheld verdict) is answered alike and sends nothing; nor does an account that had too many.
    """
    interaction = _waiting(answer, facts)
    sent_here = CountAttempt(answer.sent_bucket, MAILS_PER_INTERACTION.window, MAILS_PER_INTERACTION.tries)
    limits: tuple[CountAttempt, ...] = (sent_here,)
    if answer.account_id is not None:
        limits += (
            CountAttempt(mail_bucket(answer.account_id), MAILS_AT_ACCOUNT.window, MAILS_AT_ACCOUNT.tries),
        )
    full = wait(limits, facts) > 0
    if wait((sent_here,), facts) or (full and not interaction.withheld):
        return Decision(CodeSent(sent=False))
    email = facts.credentials.email if facts.credentials and facts.account else None
    if answer.account_id is None or email is None or full:
        return Decision(CodeSent(), (sent_here,))
    changed, mail = one_time_code.issue(interaction, email, facts, policy, service=answer.service)
    saved = move(
        interaction, Step.SECOND_FACTOR, otp_hash=changed.otp_hash, otp_expires_at=changed.otp_expires_at
    )
    return Decision(CodeSent(), (sent_here, saved, mail, count_mail(answer.account_id)))


def _waiting(answer: CodeAnswer, facts: Facts) -> Interaction:
    interaction = answering(facts, answer.browser, Step.SECOND_FACTOR)
    if interaction.account_id != answer.account_id:
        raise PageProblem(GONE, 410, cause="the interaction changed hands")
    return interaction


def _proof(
    answer: CodeAnswer, interaction: Interaction, facts: Facts, policy: Policy
) -> SpendOnce | UseRecoveryCode | None:
    """The claim that makes this code single-use, or None when it is wrong."""
    code = answer.plain_code
    credentials = facts.credentials
    secret = (credentials.totp_secret if credentials else None) or NOBODY
    step = totp.matching_step(secret, code, facts.now)
    mailed = one_time_code.is_right(code, interaction, facts.now, policy)
    if answer.account_id is None or credentials is None:
        return None
    letters = recovery_codes.read(answer.code)
    if letters is not None:
        digest = recovery_codes.hashed(letters, answer.account_id, policy)
        return UseRecoveryCode(answer.account_id, digest) if digest in credentials.recovery else None
    claim = None
    if mailed:
        claim = one_time_code.spend(interaction, code, policy)
    elif step is not None and credentials.totp_secret is not None:
        claim = totp.spend_code(answer.account_id, code, step)
    return claim if claim is not None and claim.key not in facts.spent else None


def _wrong(
    answer: CodeAnswer,
    interaction: Interaction,
    facts: Facts,
    policy: Policy,
    counts: tuple[CountAttempt, ...],
) -> Decision[Advanced | WrongCode | PageProblem]:
    left = max(0, policy.otp_attempts - facts.throttles.get(answer.own_bucket, 0) - 1)
    return Decision(WrongCode(left), counts, (_refusal(interaction, answer, "wrong_code"),))


def _refusal(interaction: Interaction, answer: CodeAnswer, reason: str) -> AuditEvent:
    request = interaction.request
    return AuditEvent(
        AuditKind.SIGN_IN_REFUSED,
        account_id=answer.account_id,
        client_id=request.client_id if request else None,
        reason=reason,
    )

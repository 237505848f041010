"""A person's own authenticator app (RFC 6238): set up in one interaction of one session, or taken away."""

from dataclasses import dataclass
from typing import Final

from idp.accounts.telling import told
from idp.authentication import totp
from idp.authentication.begin import person_of
from idp.authentication.own_credentials import (
    WINDOW,
    Changed,
    KeepCredentials,
    NotRight,
    TooOften,
    app_bucket,
    fresh,
)
from idp.authentication.passkey_keeping import ProveFirst
from idp.authentication.steps import GONE, answering, enrolling
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.domain.session import Challenge, Step
from idp.domain.writes import CountAttempt, FinishInteraction, SaveInteraction, SetTotp, Write

TOTP_STEP: Final = "totp"
SECRET_BYTES: Final = 20
"""RFC 4226 section 4, R6: 160 bits."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An app may be set up in this interaction."""

    interaction_id: str


def begin_app(act: KeepCredentials, facts: Facts, policy: Policy) -> Decision[Begun | ProveFirst]:
    """A fresh secret, in an interaction that only this session sees and confirms."""
    person = person_of(act.digest, facts, policy)
    if not fresh(person, facts, policy):
        return Decision(ProveFirst())
    ends = facts.now + policy.interaction_lifetime
    challenge = Challenge(facts.fresh.derived("totp secret")[:SECRET_BYTES], TOTP_STEP, ends)
    interaction = enrolling(facts, act.digest or b"", person.account.account_id, challenge)
    return Decision(Begun(interaction.interaction_id), (SaveInteraction(interaction),))


def confirm_app(
    act: KeepCredentials, facts: Facts, policy: Policy
) -> Decision[Changed | NotRight | ProveFirst | TooOften]:
    """The app shows the right code: it is the second factor from now on, and this code is spent."""
    person = person_of(act.digest, facts, policy)
    account_id = person.account.account_id
    interaction = answering(facts, act.digest, Step.ENROL)
    challenge = interaction.challenge
    if challenge is None or challenge.step != TOTP_STEP or interaction.account_id != account_id:
        raise PageProblem(GONE, 410, cause="an enrolment of somebody else")
    if not fresh(person, facts, policy):
        return Decision(ProveFirst())
    code = "".join(act.code.split())
    step = totp.matching_step(challenge.value, code, facts.now)
    count = CountAttempt(app_bucket(interaction.interaction_id), WINDOW, policy.otp_attempts)
    if facts.throttles.get(count.bucket, 0) >= policy.otp_attempts:
        return Decision(TooOften(), (FinishInteraction(interaction.interaction_id),))
    if step is None:
        return Decision(NotRight(), (count,))
    writes: tuple[Write, ...] = (
        totp.spend_code(account_id, code, step),
        FinishInteraction(interaction.interaction_id),
        SetTotp(account_id, challenge.value),
        *told(person.account, facts.credentials, "app_added"),
    )
    return Decision(Changed(), writes, (AuditEvent(AuditKind.APP_ADDED, account_id),))


def remove_app(
    act: KeepCredentials, facts: Facts, policy: Policy
) -> Decision[Changed | NotRight | ProveFirst]:
    """No app any more; refused (:class:`NotRight`) when nothing else would be a second factor."""
    person = person_of(act.digest, facts, policy)
    if not fresh(person, facts, policy):
        return Decision(ProveFirst())
    held = facts.credentials
    if held is None or held.totp_secret is None or (held.email is None and not facts.passkeys):
        return Decision(NotRight())
    account_id = person.account.account_id
    writes = (SetTotp(account_id, None), *told(person.account, held, "app_removed"))
    return Decision(Changed(), writes, (AuditEvent(AuditKind.APP_REMOVED, account_id),))

"""A person's own password, changed in the account centre: whoever has an open session must know the present one."""

from dataclasses import dataclass, field
from typing import Final

from idp.accounts.telling import told
from idp.authentication.begin import person_of
from idp.authentication.own_credentials import (
    WINDOW,
    Changed,
    KeepCredentials,
    NotRight,
    TooOften,
    fresh,
    password_bucket,
)
from idp.authentication.passkey_keeping import ProveFirst
from idp.authentication.password_choice import Weak, weakness
from idp.authentication.pool import Verdict
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.writes import ChangePassword, CountAttempt, EndSessionsOf, Write

TRIES: Final = 10


@dataclass(frozen=True, slots=True)
class CheckedOld:
    """The act with the verdict on the present password, judged against ``against``, and the hash of the new one."""

    act: KeepCredentials
    against: str = field(repr=False)
    verdict: Verdict
    new_hash: str = field(repr=False)

    @property
    def needs(self) -> Needs:
        """As the act."""
        return self.act.needs


@dataclass(frozen=True, slots=True)
class AdmittedChange:
    """Check the present password against this."""

    password_hash: str = field(repr=False)


def admit_change(
    act: KeepCredentials, facts: Facts, policy: Policy
) -> Decision[AdmittedChange | ProveFirst | Weak | TooOften]:
    """Count the attempt; whoever holds an open session must not guess the password in it."""
    person = person_of(act.digest, facts, policy)
    if facts.credentials is None or not fresh(person, facts, policy):
        return Decision(ProveFirst())
    account = person.account
    weak = weakness(act.password, account.personal_number, account.profile)
    if weak is not None:
        return Decision(weak)
    bucket = password_bucket(account.account_id)
    count = CountAttempt(bucket, WINDOW, TRIES)
    if facts.throttles.get(bucket, 0) >= TRIES:
        return Decision(TooOften())
    return Decision(AdmittedChange(facts.credentials.password_hash), (count,))


def change_password(
    checked: CheckedOld, facts: Facts, policy: Policy
) -> Decision[Changed | NotRight | ProveFirst]:
    """Another password; every other session of the account ends, and its services hear of it."""
    act = checked.act
    person = person_of(act.digest, facts, policy)
    if facts.credentials is None or not fresh(person, facts, policy):
        return Decision(ProveFirst())
    if not checked.verdict.correct or facts.credentials.password_hash != checked.against:
        return Decision(NotRight())
    account_id = person.account.account_id
    writes: tuple[Write, ...] = (
        ChangePassword(account_id, checked.new_hash, replaces=checked.against),
        EndSessionsOf(account_id, besides=person.session.session_id),
        *act.farewell,
        *told(person.account, facts.credentials, "password_changed"),
    )
    return Decision(Changed(), writes, (AuditEvent(AuditKind.PASSWORD_CHANGED, account_id),))

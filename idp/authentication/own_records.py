"""What people do about their own records: report a look at them, ask to be closed, name dependants, download.

Only ever for the account of the session; the rest of an act is data.
"""

from dataclasses import asdict, dataclass, field
from typing import Final

from idp.accounts import cases
from idp.accounts.cases import OPEN, Case, CaseKind
from idp.authentication.begin import SignedInPerson, person_of
from idp.domain.audit import AuditEvent, AuditKind
from idp.domain.decision import Decision
from idp.domain.facts import Facts
from idp.domain.needs import Needs
from idp.domain.policy import Policy
from idp.domain.writes import (
    CountAttempt,
    ForgetDependant,
    KeepCase,
    KeepDependant,
    ReportMisuse,
    Write,
)

DAY: Final = 86_400
REPORTS_A_DAY: Final = 20
QUESTIONS_A_DAY: Final = 10
"""Tries to name a dependant; the registry has a budget of its own behind it."""
MOST_DEPENDANTS: Final = 30
LONGEST_WORDS: Final = 1_000
SOURCES: Final = frozenset({"provider", "registry"})


@dataclass(frozen=True, slots=True)
class OwnRecordAct:
    """An act of the holder of the session cookie; ``account_id`` names the buckets only, as a first look said."""

    digest: bytes | None
    account_id: str = ""

    @property
    def needs(self) -> Needs:
        """The session, its account, and how much was done today."""
        names = (
            tuple(bucket(kind, self.account_id) for kind in ("report", "dependant"))
            if self.account_id
            else ()
        )
        return Needs(session_digest=self.digest, account_of_session=True, throttles=names)


@dataclass(frozen=True, slots=True)
class MisuseReport(OwnRecordAct):
    """One entry of the own log should not be."""

    source: str = ""
    reference: str = ""
    said: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CloseRequest(OwnRecordAct):
    """Ask that the account be closed, or take that back; ``cases`` are the account's own."""

    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class NameDependant(OwnRecordAct):
    """Keep somebody whom the registry has just confirmed, with the relation that it named."""

    reference: bytes = b""
    number: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    born: str = field(default="", repr=False)
    relation: str = ""
    known: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """It is kept."""


@dataclass(frozen=True, slots=True)
class Enough:
    """Too many for one day."""


def report(act: MisuseReport, facts: Facts, policy: Policy) -> Decision[Said | Enough]:
    """Keep the report; an officer who is no part of it will look."""
    account_id = person_of(act.digest, facts, policy).account.account_id
    count = CountAttempt(bucket("report", account_id), DAY, REPORTS_A_DAY)
    if facts.throttles.get(count.bucket, 0) >= REPORTS_A_DAY:
        return Decision(Enough())
    write = ReportMisuse(account_id, act.source, act.reference, act.said[:LONGEST_WORDS])
    return Decision(Said(), (count, write), (AuditEvent(AuditKind.MISUSE_REPORTED, account_id),))


def ask_to_close(act: CloseRequest, facts: Facts, policy: Policy) -> Decision[Said]:
    """A case for the centre; asking twice is asking once. Data stay as the law asks (Decree 59/2022, Art. 21)."""
    account_id = person_of(act.digest, facts, policy).account.account_id
    if waiting(act.cases) is not None:
        return Decision(Said())
    case = cases.own_close(facts.fresh.jti, account_id, facts.now)
    return Decision(Said(), (kept(case),), (AuditEvent(AuditKind.CLOSE_ASKED, account_id),))


def withdraw_close(act: CloseRequest, facts: Facts, policy: Policy) -> Decision[Said]:
    """Take the request back, while nobody has decided."""
    account_id = person_of(act.digest, facts, policy).account.account_id
    case = waiting(act.cases)
    if case is None:
        return Decision(Said())
    after = cases.withdraw(case, account_id)
    event = AuditEvent(AuditKind.CLOSE_WITHDRAWN, account_id)
    return Decision(Said(), (kept(after, replaces=case),), (event,))


def may_ask(act: OwnRecordAct, facts: Facts, policy: Policy) -> Decision[Said | Enough]:
    """Count one question to the registry about somebody who may be a dependant, before it is asked."""
    account_id = person_of(act.digest, facts, policy).account.account_id
    count = CountAttempt(bucket("dependant", account_id), DAY, QUESTIONS_A_DAY)
    if facts.throttles.get(count.bucket, 0) >= QUESTIONS_A_DAY:
        return Decision(Enough())
    return Decision(Said(), (count,))


def name_dependant(act: NameDependant, facts: Facts, policy: Policy) -> Decision[Said | Enough]:
    """Keep what the registry said of them."""
    account_id = person_of(act.digest, facts, policy).account.account_id
    if act.known >= MOST_DEPENDANTS:
        return Decision(Enough())
    write = KeepDependant(account_id, act.reference, act.number, act.name, act.born, act.relation)
    return Decision(Said(), (write,), (AuditEvent(AuditKind.DEPENDANT_ADDED, account_id),))


def forget_dependant(act: NameDependant, facts: Facts, policy: Policy) -> Decision[Said]:
    """Show somebody no more; the registry's record stays as it is."""
    account_id = person_of(act.digest, facts, policy).account.account_id
    write: Write = ForgetDependant(account_id, act.reference)
    return Decision(Said(), (write,), (AuditEvent(AuditKind.DEPENDANT_FORGOTTEN, account_id),))


def download(act: OwnRecordAct, facts: Facts, policy: Policy) -> Decision[SignedInPerson]:
    """The log says that everything was taken, before it leaves."""
    person = person_of(act.digest, facts, policy)
    return Decision(person, (), (AuditEvent(AuditKind.DATA_DOWNLOADED, person.account.account_id),))


def waiting(of: tuple[Case, ...]) -> Case | None:
    """The person's own request to close that nobody has decided."""
    return next(
        (
            each
            for each in of
            if each.kind is CaseKind.CLOSE and each.state in OPEN and each.requested_by == each.account_id
        ),
        None,
    )


def kept(case: Case, *, replaces: Case | None = None) -> KeepCase:
    """The write that makes a case true."""
    return KeepCase(**asdict(case), replaces=replaces.state.value if replaces is not None else None)


def bucket(kind: str, account_id: str) -> str:
    """How often somebody did something today."""
    return f"own:{kind}:{account_id}"

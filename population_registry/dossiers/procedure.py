"""What a procedure is to the engine: one frozen value of pure functions. See the package for how to add one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from population_registry.domain import PersonFacts, RegistryFacts
from population_registry.dossiers.changes import Change
from population_registry.dossiers.checks import Check
from population_registry.dossiers.codes import PUBLIC_SECURITY, RESIDENCE_AGENCY
from population_registry.dossiers.consents import ConsentNeed
from population_registry.dossiers.dossier import Filing, Form
from population_registry.dossiers.fees import FREE, Fee
from population_registry.dossiers.insurance_changes import PaidPremium
from population_registry.dossiers.linked import Part
from population_registry.dossiers.terms import Term
from population_registry.dossiers.working_days import VIET_NAM
from population_registry.matching import Successors


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged: the inputs of a dossier and the registry's facts of this very moment.

    `facts` hold the applicant, everybody whom `Procedure.numbers` names, and the owners, housemates and kin of these.
    `held` are persons whose e-identity is locked now: nothing may be decided on what they filed online. `occupants`
    are who is registered at each dwelling of the facts; `least_area` the m² per person by commune, where more than
    the floor of 8 is asked.
    """

    inputs: Any
    applicant: PersonFacts
    facts: RegistryFacts
    now: datetime
    filing: Filing
    held: frozenset[int] = frozenset()
    payments: tuple[PaidPremium, ...] = ()
    """Premiums of the households concerned, where the procedure asks for them."""
    paid: int | None = None
    """What was paid for this dossier in đồng; None until something was."""
    paid_at: datetime | None = None
    occupants: Mapping[int, frozenset[int]] = field(default_factory=dict)
    least_area: Mapping[str, int] = field(default_factory=dict)
    successors: Successors = field(default_factory=lambda: Successors({}))

    @property
    def today(self) -> date:
        """The day in Việt Nam."""
        return self.now.astimezone(VIET_NAM).date()

    @property
    def paid_on(self) -> date:
        """The day of payment in Việt Nam; while nothing is paid, today."""
        return (self.paid_at or self.now).astimezone(VIET_NAM).date()

    def person(self, number: str) -> PersonFacts | None:
        """Whoever holds that number, current or former."""
        return self.facts.get(number)

    def by_id(self, person_id: int) -> PersonFacts | None:
        """A person of the facts by internal id."""
        return next((p for p in self.facts.people.values() if p.person.person_id == person_id), None)


@dataclass(frozen=True, slots=True)
class StatedDays:
    """Days of the inputs that can contradict each other or the day of filing, by their place under `inputs`.

    `periods`: first day, place of the last one, last day. `happened`: what is stated to have happened.
    """

    periods: tuple[tuple[date, str, date], ...] = ()
    happened: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an approval does: the changes in their order, and the paper that says so."""

    changes: tuple[Change, ...] = ()
    form: Form = Form.NOTICE
    result: Mapping[str, Any] = field(default_factory=dict)


def _nobody(_inputs: Any) -> tuple[str, ...]:
    return ()


def _no_consents(_case: Case) -> Sequence[ConsentNeed]:
    return ()


def _no_days(_inputs: Any) -> StatedDays:
    return StatedDays()


def _free(_case: Case) -> Fee:
    return FREE


def _applicant(case: Case) -> Sequence[int]:
    return (case.applicant.person.person_id,)


def _no_commune(_case: Case) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Procedure:
    """One administrative procedure.

    read: JSON → typed inputs; raises `Refusal` naming the place; bounded, looks nothing up.
    checks: every condition with its flag, at filing and again at the decision.
    term: the legal time from receipt. outcome: the changes of an approval; called only when no check fails.
    days: days of the inputs that are refused at filing where they contradict each other or the day of filing.
    numbers: whom to load beside the applicant. consents: who must agree first. fee: what it costs.
    subjects: whose record it is about. commune: whose police decide. code_agency, code_system: how its dossiers are
    numbered (`codes`).
    payments: whether premiums of the households are loaded. linked: the parts that other bodies decide (`linked`).
    automatic: decided without an officer when every check passes and nobody need consent.
    ex_officio: an officer may open it without an application. centre: only the centre's
    officers decide. legal_basis, name: for documents.
    """

    code: str
    name_vi: str
    name_en: str
    legal_basis: str
    read: Callable[[object], Any]
    checks: Callable[[Case], Sequence[Check]]
    term: Callable[[Case], Term]
    outcome: Callable[[Case], Outcome]
    numbers: Callable[[Any], tuple[str, ...]] = _nobody
    days: Callable[[Any], StatedDays] = _no_days
    consents: Callable[[Case], Sequence[ConsentNeed]] = _no_consents
    fee: Callable[[Case], Fee] = _free
    subjects: Callable[[Case], Sequence[int]] = _applicant
    commune: Callable[[Case], str | None] = _no_commune
    code_agency: str = RESIDENCE_AGENCY
    code_system: str = PUBLIC_SECURITY
    payments: bool = False
    linked: tuple[Part, ...] = ()
    automatic: bool = False
    ex_officio: bool = False
    centre: bool = False

"""1.003677, declaration of absence (`khai báo tạm vắng`).

Sources: Law on Residence 68/2020 Art. 31; residence.md section 8. Points a and b (accused, administrative
measures) from one day and with permission, decided within 1 working day (at most 2); c (military age, State duty)
from three months and d (everybody else) from twelve: noted at once. The criminal side of a and b is no more than
the category here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from population_registry.domain import AbsenceCategory, PersonFacts, ResidenceKind
from population_registry.dossiers import (
    AT_ONCE,
    Case,
    Check,
    CheckFlag,
    ConsentNeed,
    Outcome,
    Procedure,
    StatedDays,
    Term,
    from_rule,
    open_check,
)
from population_registry.dossiers.changes import NoteAbsence
from population_registry.procedures.calendar_terms import add_months
from population_registry.procedures.inputs import read_choice, read_day, read_inputs
from population_registry.procedures.residence_moves import standing_residence
from population_registry.procedures.residence_people import (
    Stated,
    found,
    numbers_stated,
    people_consents,
    person_checks,
    read_people,
    subjects,
    subjects_stated,
)
from population_registry.procedures.residence_places import read_commune_code
from population_registry.verification.asking import read_text

BY_PERMISSION: Final = frozenset({AbsenceCategory.ACCUSED, AbsenceCategory.ADMINISTRATIVE})
LEAST_MONTHS: Final[Mapping[AbsenceCategory, int]] = {AbsenceCategory.DUTY: 3, AbsenceCategory.LONG: 12}


@dataclass(frozen=True, slots=True)
class Inputs:
    """Who is away, where, for how long; `permission` names the decision that lets somebody of a or b go."""

    people: tuple[Stated, ...]
    category: AbsenceCategory
    commune: str
    destination: str
    begins: date
    ends: date
    reason: str
    permission: str | None


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(
        raw,
        required={"category", "commune", "destination", "from", "until", "reason"},
        optional={"people", "permission"},
    )
    permission = given.get("permission")
    return Inputs(
        people=read_people(given),
        category=AbsenceCategory(read_choice(given, "category", frozenset(AbsenceCategory), "")),
        commune=read_commune_code(given["commune"], "inputs.commune"),
        destination=read_text(given["destination"], "inputs.destination", range(1, 201)),
        begins=read_day(given, "from"),
        ends=read_day(given, "until"),
        reason=read_text(given["reason"], "inputs.reason", range(1, 201)),
        permission=None if permission is None else read_text(permission, "inputs.permission", range(1, 101)),
    )


def _people(case: Case) -> list[PersonFacts]:
    return [each.record for each in found(case, case.inputs.people) if each.record is not None]


def _checks(case: Case) -> tuple[Check, ...]:
    inputs: Inputs = case.inputs
    checks = (*person_checks(case, inputs.people), _length(inputs), _outside(case))
    if inputs.category not in BY_PERMISSION:
        return checks
    if inputs.permission is None:
        return (*checks, Check("permission", CheckFlag.FAIL, ("permission_missing",)))
    return (*checks, open_check("permission", "decision_to_be_seen"))


def _length(inputs: Inputs) -> Check:
    """Shorter than the duty begins, nothing need be declared."""
    months = LEAST_MONTHS.get(inputs.category)
    least = inputs.begins + timedelta(days=1) if months is None else add_months(inputs.begins, months)
    return from_rule("length", holds=inputs.ends >= least, why="no_duty_to_declare")


def _outside(case: Case) -> Check:
    """The absence is from the commune of permanent residence; whoever has none has nothing to be absent from."""
    for person in _people(case):
        residence = standing_residence(person, ResidenceKind.PERMANENT)
        if residence is None:
            return Check("outside_commune", CheckFlag.FAIL, ("not_registered",))
        if residence.address.commune_code == case.inputs.commune:
            return Check("outside_commune", CheckFlag.FAIL, ("inside_commune",))
    return Check("outside_commune", CheckFlag.PASS)


def _consents(case: Case) -> tuple[ConsentNeed, ...]:
    return people_consents(case, case.inputs.people)


def _outcome(case: Case) -> Outcome:
    inputs: Inputs = case.inputs
    return Outcome(
        tuple(
            NoteAbsence(each, inputs.category, inputs.destination, inputs.begins, inputs.ends)
            for each in subjects(case, inputs.people)
        ),
        result={"slip": inputs.category in BY_PERMISSION, "until": inputs.ends.isoformat()},
    )


def _commune(case: Case) -> str | None:
    places = (standing_residence(each, ResidenceKind.PERMANENT) for each in _people(case))
    return next((each.address.commune_code for each in places if each is not None), None)


PROCEDURE = Procedure(
    code="1.003677",
    name_vi="Khai báo tạm vắng",
    name_en="Declaration of absence",
    legal_basis="Luật Cư trú 68/2020/QH14, Điều 31; Thông tư 116/2026/TT-BCA",
    read=read,
    checks=_checks,
    term=lambda case: Term.days(1) if case.inputs.category in BY_PERMISSION else AT_ONCE,
    outcome=_outcome,
    days=lambda inputs: StatedDays(((inputs.begins, "until", inputs.ends),)),
    numbers=numbers_stated,
    consents=_consents,
    subjects=subjects_stated,
    commune=_commune,
    automatic=True,
)

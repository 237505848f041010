"""Declaration of current residence (`khai báo thông tin về cư trú`) of somebody who can register nowhere.

Sources: Law on Residence 68/2020 Art. 11, 19; Decree 154/2024 Art. 4; residence.md sections 2 and 3. Deadline: 5
working days for people of the population database; others (30, at most 60 days) have no record here to file with.
No fee. `residence.declare-current` is this registry's own code.
"""

from dataclasses import dataclass

from population_registry.domain import Address, EndReason, PersonFacts, ResidenceKind, Tenure
from population_registry.dossiers import (
    Case,
    Check,
    ConsentNeed,
    Outcome,
    Procedure,
    Reason,
    Term,
    from_rule,
    open_check,
)
from population_registry.dossiers.changes import Change, RegisterResidence
from population_registry.procedures.inputs import read_inputs
from population_registry.procedures.residence_moves import leave
from population_registry.procedures.residence_people import (
    Stated,
    found,
    numbers_stated,
    people_consents,
    person_checks,
    read_people,
    subjects_stated,
)
from population_registry.procedures.residence_places import Place, find_dwelling, read_place

REGISTERED = (ResidenceKind.PERMANENT, ResidenceKind.TEMPORARY)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Who lives where."""

    people: tuple[Stated, ...]
    place: Place


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required={"dwelling"}, optional={"people"})
    return Inputs(read_people(given), read_place(given["dwelling"], "inputs.dwelling"))


def _people(case: Case) -> list[PersonFacts]:
    return [each.record for each in found(case, case.inputs.people) if each.record is not None]


def _checks(case: Case) -> tuple[Check, ...]:
    registered = any(each.residence(kind, case.today) for each in _people(case) for kind in REGISTERED)
    return (
        *person_checks(case, case.inputs.people),
        from_rule("not_registered", holds=not registered, why="has_registration"),
        open_check("actual_place", "verification_record"),
    )


def _consents(case: Case) -> tuple[ConsentNeed, ...]:
    return people_consents(case, case.inputs.people)


def _outcome(case: Case) -> Outcome:
    """`nơi ở hiện tại` is the legal residence only while neither of the others exists (Art. 11)."""
    place: Place = case.inputs.place
    dwelling = find_dwelling(case, place)
    changes: list[Change] = []
    for person in _people(case):
        changes += leave(case, person, ResidenceKind.CURRENT, case.today, EndReason.MOVED)
        changes.append(
            RegisterResidence(
                person.person.person_id,
                ResidenceKind.CURRENT,
                Address(place.commune, place.address),
                None if dwelling is None else dwelling.dwelling_id,
                Tenure.BORROWED,
                case.today,
                None,
                Reason.DECLARED,
            )
        )
    return Outcome(tuple(changes))


PROCEDURE = Procedure(
    code="residence.declare-current",
    name_vi="Khai báo thông tin về cư trú",
    name_en="Declaration of current residence",
    legal_basis="Luật Cư trú 68/2020/QH14, Điều 11, 19; Nghị định 154/2024/NĐ-CP, Điều 4",
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(5),
    outcome=_outcome,
    numbers=numbers_stated,
    consents=_consents,
    subjects=subjects_stated,
    commune=lambda case: case.inputs.place.commune,
)

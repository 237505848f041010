"""linked.death.residence: residence of somebody who died is deleted ex officio, and a household gets a new head.

Sources: Law on Residence 68/2020 Art. 10, 24(1)(a), 29(1)(a); Decree 58/2026 Art. 4(6): within one working day of the
registry's or another database's report; residence.md section 7. History stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from population_registry.domain import (
    EndReason,
    Household,
    PersonFacts,
    PersonStatus,
    Relation,
    ResidenceKind,
)
from population_registry.dossiers import (
    Case,
    Check,
    CheckFlag,
    Outcome,
    Procedure,
    Reason,
    Term,
    from_rule,
    open_check,
)
from population_registry.dossiers.changes import Change, ChangeRelation
from population_registry.procedures.deceased import deceased_of
from population_registry.procedures.inputs import read_inputs
from population_registry.procedures.kin import relation_between, successor
from population_registry.procedures.residence_moves import leave, standing_residence
from population_registry.procedures.residence_people import is_adult
from population_registry.verification.asking import read_number

CODE: Final = "linked.death.residence"
WORKING_DAYS: Final = 1


@dataclass(frozen=True, slots=True)
class Inputs:
    """Who died, and whom the members chose as head, where they did."""

    deceased: str
    new_head: str | None


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    return read_end(read_inputs(raw, required={"deceased"}, optional={"new_head"}))


def read_end(given: Mapping[str, Any]) -> Inputs:
    """The members that this part needs.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    head = given.get("new_head")
    return Inputs(
        read_number(given.get("deceased"), "inputs.deceased"),
        None if head is None else read_number(head, "inputs.new_head"),
    )


def _headless(case: Case, person: PersonFacts) -> list[Household]:
    """The households that lose their head and still have members."""
    person_id = person.person.person_id
    return [
        home
        for home in case.facts.households.values()
        if home.relation_of(person_id) is Relation.HEAD and len(home.members) > 1
    ]


def _next_head(case: Case, home: Household, gone: int) -> PersonFacts | None:
    """Whom the members chose, when an adult of them; else the nearest adult."""
    number = case.inputs.new_head
    chosen = None if number is None else case.person(number)
    if (
        chosen is not None
        and home.relation_of(chosen.person.person_id) is not None
        and is_adult(chosen, case)
    ):
        return chosen
    return successor(case, home, gone)


def _checks(case: Case) -> tuple[Check, ...]:
    person = deceased_of(case)
    if person is None:
        return (Check("deceased", CheckFlag.FAIL, ("person_not_known",)),)
    dead = person.person.status is PersonStatus.DECEASED
    gone = person.person.person_id
    adults = all(_next_head(case, home, gone) is not None for home in _headless(case, person))
    return (
        from_rule("deceased", holds=dead, why="no_death_recorded"),
        # Children alone in a household need a guardian first (Law on Residence Art. 10).
        Check("new_head", CheckFlag.PASS) if adults else open_check("new_head", "no_adult_left"),
    )


def _outcome(case: Case) -> Outcome:
    person = deceased_of(case)
    assert person is not None
    died = person.person.status_since
    assert died is not None
    gone = person.person.person_id
    changes: list[Change] = []
    for kind in ResidenceKind:
        on = died
        residence = standing_residence(person, kind)
        if residence is not None:
            on = max(died, residence.since)
        changes += leave(case, person, kind, on, EndReason.DEATH)
    for home in _headless(case, person):
        changes += _succession(case, home, gone)
    return Outcome(tuple(changes), result={"ended": bool(changes)})


def _succession(case: Case, home: Household, gone: int) -> list[Change]:
    """The new head and how each member stands to them, from today on."""
    head = _next_head(case, home, gone)
    if head is None:
        return []
    changes: list[Change] = [
        ChangeRelation(head.person.person_id, home.household_id, Relation.HEAD, case.today, Reason.DECLARED)
    ]
    for member in home.members:
        person = case.by_id(member.person_id)
        if person is None or member.person_id in {gone, head.person.person_id}:
            continue
        relation = relation_between(case, person, head, member.relation)
        if relation is not member.relation:
            changes.append(
                ChangeRelation(member.person_id, home.household_id, relation, case.today, Reason.DECLARED)
            )
    return changes


def _commune(case: Case) -> str | None:
    person = deceased_of(case)
    residence = None if person is None else standing_residence(person, ResidenceKind.PERMANENT)
    return None if residence is None else residence.address.commune_code


def _numbers(inputs: Inputs) -> tuple[str, ...]:
    return (inputs.deceased,) if inputs.new_head is None else (inputs.deceased, inputs.new_head)


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Xóa đăng ký cư trú của người đã chết",
    name_en="Residence of a person who died is deleted",
    legal_basis="Luật Cư trú 68/2020/QH14, Điều 24, 29; Nghị định 58/2026/NĐ-CP, Điều 4; Nghị định 63/2024/NĐ-CP",
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(WORKING_DAYS),
    outcome=_outcome,
    numbers=_numbers,
    subjects=lambda case: [] if (person := deceased_of(case)) is None else [person.person.person_id],
    commune=_commune,
    automatic=True,
    ex_officio=True,
)

"""bhyt.child as a dossier: the health-insurance card of a child under six (group TE).

Sources: Law 25/2008 Art. 12(3), 16(3) as amended; Decree 188/2025 Art. 11, 37; Decree 63/2024 (2 working days);
insurance.md sections 3, 7 and 9. The State budget pays; nothing is due. Everything that is checked the registry
knows, so a dossier that passes is decided as soon as it is received.
"""

from dataclasses import dataclass

from population_registry.domain import PersonFacts, PersonStatus
from population_registry.domain.card_state import YEARS_UNDER_SIX
from population_registry.domain.insurance_groups import CHILD
from population_registry.dossiers import Case, Check, CheckFlag, Outcome, Procedure, Term, from_rule
from population_registry.dossiers.insurance_changes import CardReason, IssueCard
from population_registry.procedures.inputs import read_inputs
from population_registry.procedures.insurance_cards import child_validity
from population_registry.procedures.insurance_people import (
    INSURER_AGENCY,
    VSS,
    home_of,
    insurer_of,
    read_facility,
)
from population_registry.procedures.residence_people import represents
from population_registry.verification.asking import read_number

CODE = "bhyt.child"
WORKING_DAYS = 2


@dataclass(frozen=True, slots=True)
class Inputs:
    """The child's number and the initial facility."""

    child: str
    facility: str


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required={"child", "facility"}, optional=set())
    return Inputs(read_number(given["child"], "inputs.child"), read_facility(given))


def _child(case: Case) -> PersonFacts | None:
    return case.person(case.inputs.child)


def _checks(case: Case) -> tuple[Check, ...]:
    child = _child(case)
    if child is None:
        return (Check("parent_or_guardian", CheckFlag.FAIL, ("not_kin",)),)
    person = child.person
    covered = any(card.group == CHILD and card.last_day is not None for card in child.insurances)
    return (
        from_rule("parent_or_guardian", holds=represents(case.applicant, child), why="not_kin"),
        from_rule("child_standing", holds=person.status is PersonStatus.ACTIVE, why=person.status.value),
        from_rule(
            "age",
            holds=not person.birth.certainly_reached(YEARS_UNDER_SIX, case.today),
            why="72_months_reached",
        ),
        from_rule("no_double_cover", holds=not covered, why="child_has_card"),
    )


def _outcome(case: Case) -> Outcome:
    child = _child(case)
    assert child is not None
    valid = child_validity(child.person.birth)
    card = IssueCard(
        person_id=child.person.person_id,
        group=CHILD,
        commune_code=home_of(case, child).commune_code,
        valid_from=valid.begins,
        valid_until=valid.ends,
        facility=case.inputs.facility,
        five_year_from=None,
        reason=CardReason.BORN,
    )
    told = {"valid_from": valid.begins.isoformat(), "valid_until": valid.ends.isoformat()}
    return Outcome((card,), result=told)


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi",
    name_en="Health-insurance card of a child under six",
    legal_basis="Luật Bảo hiểm y tế 25/2008/QH12, Điều 12, 16; Nghị định 188/2025/NĐ-CP; Nghị định 63/2024/NĐ-CP",
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(WORKING_DAYS),
    outcome=_outcome,
    numbers=lambda inputs: (inputs.child,),
    subjects=lambda case: [] if (child := _child(case)) is None else [child.person.person_id],
    commune=insurer_of,
    code_agency=INSURER_AGENCY,
    code_system=VSS,
    automatic=True,
)

"""bhyt.death: health insurance stops with the day of death, and whole unused months go back to the household.

Sources: Law 25/2008 Art. 16(4); insurance.md sections 2 and 9 (one working day, assumed). Nobody applies: the
death in the record is the ground, so what is checked the registry knows by itself.
"""

from typing import Final

from population_registry.domain import InsuranceState, PersonStatus
from population_registry.dossiers import Case, Check, CheckFlag, Outcome, Procedure, Term, from_rule
from population_registry.dossiers.insurance_changes import CardReason, InsuranceChange, RefundPremium
from population_registry.procedures.deceased import deceased_of, read
from population_registry.procedures.insurance_ending import end_cover
from population_registry.procedures.insurance_people import INSURER_AGENCY, VSS, insurer_of

CODE: Final = "bhyt.death"
WORKING_DAYS: Final = 1


def _checks(case: Case) -> tuple[Check, ...]:
    person = deceased_of(case)
    if person is None:
        return (Check("deceased", CheckFlag.FAIL, ("person_not_known",)),)
    dead = person.person.status is PersonStatus.DECEASED
    return (from_rule("deceased", holds=dead, why="no_death_recorded"),)


def _changes(case: Case) -> list[InsuranceChange]:
    """From the day of death on no card pays; somebody without cover needs no change."""
    person = deceased_of(case)
    assert person is not None
    died = person.person.status_since
    assert died is not None
    return end_cover(person, None, InsuranceState.STOPPED, died, CardReason.DEATH, case.payments)


def _outcome(case: Case) -> Outcome:
    changes = _changes(case)
    refunds = [each.amount for each in changes if isinstance(each, RefundPremium)]
    return Outcome(tuple(changes), result={"cards_stopped": bool(changes), "refund": sum(refunds)})


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Dừng thẻ bảo hiểm y tế của người đã chết",
    name_en="Health insurance stops with a death",
    legal_basis="Luật Bảo hiểm y tế 25/2008/QH12, Điều 16; Nghị định 188/2025/NĐ-CP; Nghị định 63/2024/NĐ-CP",
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(WORKING_DAYS),
    outcome=_outcome,
    numbers=lambda inputs: (inputs.deceased,),
    subjects=lambda case: [] if (person := deceased_of(case)) is None else [person.person.person_id],
    commune=insurer_of,
    code_agency=INSURER_AGENCY,
    code_system=VSS,
    automatic=True,
    ex_officio=True,
    payments=True,
)

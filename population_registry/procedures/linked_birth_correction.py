"""linked.birth.correction: the office corrects a birth certificate that a receiver gave back; the number stays.

Sources: Decree 63/2024 (an error in the electronic certificate returns the parts), Law on Civil Status 60/2014
Art. 26 to 28, Decree 70/2024 Art. 11(7): a wrong year or sex changes the number only if the citizen asks;
insurance.md section 7. What the certificate should say comes from the applicant, who answers the office's request
to supplement.
"""

from dataclasses import dataclass
from typing import Final

from population_registry.domain import PartialDate, PersonFacts
from population_registry.dossiers import Case, Check, CheckFlag, Outcome, Procedure, Term, from_rule
from population_registry.dossiers.civil_changes import CorrectBirth
from population_registry.procedures.birth_record import CHILD, COMMUNE, MEMBERS, SLIP, Birth, read_birth
from population_registry.procedures.civil_office import JUSTICE, JUSTICE_AGENCY
from population_registry.procedures.inputs import read_inputs
from population_registry.procedures.linked_birth_registration import LEGAL_BASIS
from population_registry.procedures.residence_people import represents
from population_registry.verification.asking import read_number

CODE: Final = "linked.birth.correction"
WORKING_DAYS: Final = 1


@dataclass(frozen=True, slots=True)
class Inputs:
    """Whose certificate, and what it should say."""

    number: str
    birth: Birth


def read(raw: object) -> Inputs:
    """The child's number beside the birth as it should be recorded.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required={"number", CHILD, SLIP, COMMUNE}, optional=set(MEMBERS))
    return Inputs(read_number(given["number"], "inputs.number"), read_birth(given))


def _child(case: Case) -> PersonFacts | None:
    return case.person(case.inputs.number)


def _checks(case: Case) -> tuple[Check, ...]:
    child, birth = _child(case), case.inputs.birth
    if child is None or not represents(case.applicant, child):
        return (Check("parent_or_guardian", CheckFlag.FAIL, ("not_kin",)),)
    record = child.person
    same = (record.name, record.sex, record.birth) == (birth.name, birth.sex, PartialDate.of(birth.born))
    return (
        Check("parent_or_guardian", CheckFlag.PASS),
        from_rule("differs", holds=not same, why="certificate_says_so_already"),
        from_rule("born", holds=birth.born <= case.today, why="in_the_future"),
    )


def _outcome(case: Case) -> Outcome:
    child, birth = _child(case), case.inputs.birth
    assert child is not None
    born = PartialDate.of(birth.born)
    return Outcome((CorrectBirth(child.person.person_id, birth.name, birth.sex, born),))


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Sửa sai sót trong Giấy khai sinh điện tử",
    name_en="Correction of an electronic birth certificate",
    legal_basis=LEGAL_BASIS,
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(WORKING_DAYS),
    outcome=_outcome,
    numbers=lambda inputs: (inputs.number,),
    subjects=lambda case: [] if (child := _child(case)) is None else [child.person.person_id],
    commune=lambda case: case.inputs.birth.commune,
    code_agency=JUSTICE_AGENCY,
    code_system=JUSTICE,
)

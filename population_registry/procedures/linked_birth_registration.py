"""linked.birth.registration: the civil-status office registers a birth, the registry gives the personal number.

Sources: Law on Civil Status 60/2014 Art. 13 to 16, Decree 63/2024, Decree 70/2024 Art. 11(2) as amended by Decree
58/2026; insurance.md section 7. The parents must stand in the registry, and no child of the same name and birth date
may be theirs already: a second dossier must not make a second person.
"""

from typing import Final

from population_registry.dossiers import Case, Outcome, Procedure, Term
from population_registry.dossiers.civil_changes import RegisterBirth
from population_registry.procedures.birth_record import (
    CHILD,
    COMMUNE,
    MEMBERS,
    SLIP,
    Birth,
    birth_checks,
    needs_verification,
    parent_ids,
    parent_links,
    read_birth,
)
from population_registry.procedures.civil_office import JUSTICE, JUSTICE_AGENCY
from population_registry.procedures.inputs import read_inputs

CODE: Final = "linked.birth.registration"
WORKING_DAYS: Final = 1
WITH_VERIFICATION: Final = 3
"""The office's share of the three, with verification five, days of the whole (assumed)."""
NEW_CHILD: Final = "new:child"
VIET_NAM: Final = "VN"
LEGAL_BASIS: Final = "Luật Hộ tịch 60/2014/QH13, Điều 13, 15, 16; Nghị định 63/2024/NĐ-CP"


def read(raw: object) -> Birth:
    """The birth that is stated.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    return read_birth(read_inputs(raw, required={CHILD, SLIP, COMMUNE}, optional=set(MEMBERS)))


def _outcome(case: Case) -> Outcome:
    birth: Birth = case.inputs
    change = RegisterBirth(
        reference=NEW_CHILD,
        person_id=case.applicant.person.person_id,
        name=birth.name,
        sex=birth.sex,
        born=birth.born,
        nationality=VIET_NAM,
        birth_place=birth.birth_place,
        hometown=birth.hometown,
        commune_code=birth.commune,
        parents=parent_links(case, birth),
    )
    return Outcome((change,))


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Đăng ký khai sinh",
    name_en="Registration of a birth",
    legal_basis=LEGAL_BASIS,
    read=read,
    checks=lambda case: birth_checks(case, case.inputs),
    term=lambda case: Term.days(WITH_VERIFICATION if needs_verification(case, case.inputs) else WORKING_DAYS),
    outcome=_outcome,
    numbers=lambda inputs: tuple(number for number, _ in inputs.parents.values()),
    subjects=lambda case: parent_ids(case, case.inputs),
    commune=lambda case: case.inputs.commune,
    code_agency=JUSTICE_AGENCY,
    code_system=JUSTICE,
)

"""bhxh.survivors: the file of those who survive an insured person: funeral support and survivors' benefits.

Sources: Law on Social Insurance 41/2024 Art. 85 to 92, Decree 63/2024; insurance.md section 7: the time limit is not
confirmed, ten working days are assumed. What is paid to whom needs papers and records of contributions that the
population registry does not hold: the insurer decides, the registry opens the file and knows kin and insured number.
"""

from typing import Final

from population_registry.domain import PersonStatus
from population_registry.dossiers import (
    Case,
    Check,
    CheckFlag,
    Outcome,
    Procedure,
    Term,
    from_rule,
    open_check,
)
from population_registry.procedures.deceased import deceased_of, read
from population_registry.procedures.insurance_people import INSURER_AGENCY, VSS, insurer_of
from population_registry.procedures.kin import is_near_kin

CODE: Final = "bhxh.survivors"
WORKING_DAYS: Final = 10


def _checks(case: Case) -> tuple[Check, ...]:
    person = deceased_of(case)
    if person is None or not is_near_kin(case.applicant, person, case):
        return (Check("kin", CheckFlag.FAIL, ("not_kin",)),)
    dead = person.person.status is PersonStatus.DECEASED
    insured = person.person.social_insurance is not None
    return (
        Check("kin", CheckFlag.PASS),
        from_rule("deceased", holds=dead, why="no_death_recorded"),
        from_rule("socially_insured", holds=insured, why="no_social_insurance_number"),
        open_check("contributions", "held_by_the_insurer"),
    )


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Giải quyết trợ cấp mai táng và chế độ tử tuất",
    name_en="Funeral support and survivors' benefits",
    legal_basis="Luật Bảo hiểm xã hội 41/2024/QH15, Điều 85 đến 92; Nghị định 63/2024/NĐ-CP",
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(WORKING_DAYS),
    outcome=lambda _case: Outcome(),
    numbers=lambda inputs: (inputs.deceased,),
    subjects=lambda case: [] if (person := deceased_of(case)) is None else [person.person.person_id],
    commune=insurer_of,
    code_agency=INSURER_AGENCY,
    code_system=VSS,
)

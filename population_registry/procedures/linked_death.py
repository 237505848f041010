"""linked.death: one dossier of the kin for the death, the end of residence and insurance, and the survivors' file.

Sources: Decree 63/2024/NĐ-CP, insurance.md section 7; the time limit of the whole is not confirmed: five working days
for the death and ten more for benefits are assumed. The death is registered first, then the others go on in parallel.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from population_registry.dossiers import Case, Outcome, Procedure, StatedDays
from population_registry.dossiers.linked import Part, Results
from population_registry.dossiers.working_hours import linked_term
from population_registry.procedures import (
    insurance_death,
    linked_death_registration,
    linked_death_residence,
    survivors,
)
from population_registry.procedures.civil_office import JUSTICE, JUSTICE_AGENCY
from population_registry.procedures.inputs import read_inputs
from population_registry.procedures.linked_death_registration import (
    MEMBERS,
    Death,
    death_checks,
    read_death,
    subjects,
)

CODE: Final = "linked.death"
WORKING_DAYS: Final = 15
REGISTRATION, RESIDENCE, INSURANCE, SURVIVORS = "registration", "residence", "insurance", "survivors"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The death, and whom the household chose as its next head."""

    death: Death
    new_head: str | None


def read(raw: object) -> Inputs:
    """Everything that all the bodies need, read once and strictly.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required=set(MEMBERS), optional={"new_head"})
    return Inputs(read_death(given), linked_death_residence.read_end(given).new_head)


def _stated(inputs: Mapping[str, Any], _results: Results) -> Mapping[str, Any]:
    return {name: inputs[name] for name in MEMBERS}


def _residence(inputs: Mapping[str, Any], _results: Results) -> Mapping[str, Any]:
    return {name: inputs[name] for name in ("deceased", "new_head") if inputs.get(name) is not None}


def _deceased(inputs: Mapping[str, Any], _results: Results) -> Mapping[str, Any]:
    return {"deceased": inputs["deceased"]}


def _numbers(inputs: Inputs) -> tuple[str, ...]:
    named = (inputs.death.deceased,)
    return named if inputs.new_head is None else (*named, inputs.new_head)


AFTER: Final = (REGISTRATION,)
PARTS: Final = (
    Part(REGISTRATION, linked_death_registration.CODE, _stated, needed=True),
    Part(RESIDENCE, linked_death_residence.CODE, _residence, after=AFTER),
    Part(INSURANCE, insurance_death.CODE, _deceased, after=AFTER),
    Part(SURVIVORS, survivors.CODE, _deceased, after=AFTER),
)


def _checks(case: Case) -> Any:
    return death_checks(case, case.inputs.death)


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Liên thông đăng ký khai tử, xóa đăng ký thường trú, giải quyết mai táng phí, tử tuất",
    name_en="Death: registration, end of residence and insurance, survivors' benefits in one dossier",
    legal_basis="Nghị định 63/2024/NĐ-CP; Luật Cư trú 68/2020/QH14, Điều 24; Luật BHXH 41/2024/QH15",
    read=read,
    checks=_checks,
    term=lambda case: linked_term(case.now, WORKING_DAYS),
    outcome=lambda _case: Outcome(),
    days=lambda inputs: StatedDays(happened={"died": inputs.death.died}),
    numbers=_numbers,
    subjects=lambda case: subjects(case, case.inputs.death),
    commune=lambda case: case.inputs.death.commune,
    code_agency=JUSTICE_AGENCY,
    code_system=JUSTICE,
    linked=PARTS,
)

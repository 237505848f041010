"""Request for a confirmation of residence (`xác nhận thông tin về cư trú`, form CT07), at any police or online.

Sources: Law on Residence 68/2020 Art. 17(2); Circular 116/2026/TT-BCA; residence.md sections 3 and 10. Deadline:
half a working day for what the database holds, so it is decided at once by itself; no fee. The paper (signed JSON
and PDF) is issued with the decision and linked in the dossier's result. 1.010041 is assumed, as in the catalogue.
"""

from dataclasses import dataclass

from population_registry.domain import ResidenceKind
from population_registry.dossiers import Case, Check, Form, Outcome, Procedure, Term, from_rule
from population_registry.procedures.inputs import read_inputs
from population_registry.procedures.residence_people import (
    Stated,
    person_checks,
    read_people,
    subjects_stated,
)
from population_registry.verification.asking import read_text

CODE = "1.010041"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the paper is for."""

    people: tuple[Stated, ...]
    used_for: str


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required={"used_for"}, optional=set())
    return Inputs(read_people(given), read_text(given["used_for"], "inputs.used_for", range(3, 201)))


def _checks(case: Case) -> tuple[Check, ...]:
    lives = any(case.applicant.residence(kind, case.today) for kind in ResidenceKind)
    return (
        *person_checks(case, case.inputs.people),
        from_rule("registration", holds=lives, why="nothing_to_confirm"),
    )


def _outcome(case: Case) -> Outcome:
    """The paper itself is issued with the decision (`api/dossiers/paper.py`)."""
    return Outcome((), Form.CONFIRMATION, {"used_for": case.inputs.used_for})


def _commune(case: Case) -> str | None:
    places = (case.applicant.residence(kind, case.today) for kind in ResidenceKind)
    return next((each.address.commune_code for each in places if each is not None), None)


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Xác nhận thông tin về cư trú",
    name_en="Confirmation of residence data",
    legal_basis="Luật Cư trú 68/2020/QH14, Điều 17; Thông tư 116/2026/TT-BCA, mẫu CT07",
    read=read,
    checks=_checks,
    term=lambda _case: Term(1),
    outcome=_outcome,
    subjects=subjects_stated,
    commune=_commune,
    automatic=True,
)

"""linked.birth: one dossier of a parent for birth certificate, personal number, residence and insurance card.

Sources: Decree 63/2024/NĐ-CP, Decision 2919/QĐ-BYT 2025, Decree 58/2026 Art. 4(4); insurance.md section 7. The
office registers the birth and the registry gives the number; then residence and insurance go on at the same time.
A receiver that finds the certificate wrong gives its part back, the office corrects, the part goes out anew.
Whole: three working days, five where something must be verified; filed from 15:00 on it counts as of the next
working day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from population_registry.domain import PersonFacts, PersonStatus, ResidenceKind
from population_registry.dossiers import (
    Case,
    Check,
    ConsentNeed,
    Outcome,
    Procedure,
    Role,
    StatedDays,
    Term,
    from_rule,
)
from population_registry.dossiers.linked import Part, Results
from population_registry.dossiers.working_hours import linked_term
from population_registry.procedures import (
    insurance_child,
    linked_birth_correction,
    linked_birth_registration,
    linked_birth_residence,
)
from population_registry.procedures.birth_record import (
    CHILD,
    COMMUNE,
    FATHER,
    MEMBERS,
    MOTHER,
    SLIP,
    Birth,
    birth_checks,
    needs_verification,
    parent_facts,
    parent_ids,
    parents_established,
    read_birth,
)
from population_registry.procedures.civil_office import JUSTICE, JUSTICE_AGENCY
from population_registry.procedures.inputs import read_choice, read_inputs
from population_registry.procedures.insurance_people import read_facility
from population_registry.procedures.linked_birth_residence import KINDS, home_with
from population_registry.verification.refusals import malformed

CODE: Final = "linked.birth"
WORKING_DAYS: Final = 3
WITH_VERIFICATION: Final = 5
REGISTRATION, CORRECTION, RESIDENCE, INSURANCE = "registration", "correction", "residence", "insurance"
_ROLES: Final = frozenset({MOTHER, FATHER})


@dataclass(frozen=True, slots=True)
class Inputs:
    """The birth; with which parent the child is registered, and how; where it is first treated."""

    birth: Birth
    live_with: str
    kind: ResidenceKind
    facility: str


def read(raw: object) -> Inputs:
    """Everything that all the bodies need, read once and strictly.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(
        raw,
        required={CHILD, SLIP, COMMUNE, "live_with", "facility"},
        optional={*MEMBERS, "residence_kind"},
    )
    birth = read_birth(given)
    live_with = read_choice(given, "live_with", _ROLES, "")
    if live_with not in birth.parents:
        raise malformed("inputs.live_with")
    kind = read_choice(given, "residence_kind", KINDS, ResidenceKind.PERMANENT.value)
    return Inputs(birth, live_with, ResidenceKind(kind), read_facility(given))


def _chosen(case: Case) -> PersonFacts | None:
    return parent_facts(case, case.inputs.birth).get(case.inputs.live_with)


def _other(case: Case) -> PersonFacts | None:
    others = parent_facts(case, case.inputs.birth)
    return next((person for role, person in others.items() if role != case.inputs.live_with), None)


def _checks(case: Case) -> tuple[Check, ...]:
    lives = home_with(case, _chosen(case), case.inputs.kind) is not None
    return (
        *birth_checks(case, case.inputs.birth),
        from_rule("parent_registered", holds=lives, why="parent_not_registered_there"),
    )


def _consents(case: Case) -> tuple[ConsentNeed, ...]:
    """The other parent agrees where the child will not live with both (Law on Residence Art. 12).

    Nobody is asked whom the applicant does not name rightly: a question must not tell whose number it is.
    """
    chosen, other = _chosen(case), _other(case)
    if chosen is None or other is None or other.person.status is not PersonStatus.ACTIVE:
        return ()
    if not parents_established(case, case.inputs.birth):
        return ()
    homes = [home_with(case, person, case.inputs.kind) for person in (chosen, other)]
    together = len({None if home is None else home.dwelling_id for home in homes}) == 1
    if together or other.person.person_id == case.applicant.person.person_id:
        return ()
    return (ConsentNeed(Role.REPRESENTATIVE, other.person.person_id, "child_lives_with_other_parent"),)


def _term(case: Case) -> Term:
    days = WITH_VERIFICATION if needs_verification(case, case.inputs.birth) else WORKING_DAYS
    return linked_term(case.now, days)


def _stated(inputs: Mapping[str, Any], _results: Results) -> Mapping[str, Any]:
    return {name: inputs[name] for name in MEMBERS if name in inputs}


def _corrected(inputs: Mapping[str, Any], results: Results) -> Mapping[str, Any]:
    return {**_stated(inputs, results), "number": results[REGISTRATION]["child"]}


def _residence(inputs: Mapping[str, Any], results: Results) -> Mapping[str, Any]:
    return {
        "child": results[REGISTRATION]["child"],
        "with": inputs[inputs["live_with"]]["number"],
        "kind": inputs.get("residence_kind", ResidenceKind.PERMANENT.value),
    }


def _insurance(inputs: Mapping[str, Any], results: Results) -> Mapping[str, Any]:
    return {"child": results[REGISTRATION]["child"], "facility": inputs["facility"]}


PARTS: Final = (
    Part(REGISTRATION, linked_birth_registration.CODE, _stated, needed=True),
    Part(CORRECTION, linked_birth_correction.CODE, _corrected, after=(REGISTRATION,), corrects=True),
    Part(RESIDENCE, linked_birth_residence.CODE, _residence, after=(REGISTRATION,)),
    Part(INSURANCE, insurance_child.CODE, _insurance, after=(REGISTRATION,)),
)

PROCEDURE = Procedure(
    code=CODE,
    name_vi="Liên thông đăng ký khai sinh, đăng ký cư trú, cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi",
    name_en="Birth of a child: certificate, personal number, residence and insurance card in one dossier",
    legal_basis="Nghị định 63/2024/NĐ-CP; Luật Cư trú 68/2020/QH14; Luật BHYT 25/2008/QH12",
    read=read,
    checks=_checks,
    term=_term,
    outcome=lambda _case: Outcome(),
    days=lambda inputs: StatedDays(happened={"child.born": inputs.birth.born}),
    numbers=lambda inputs: tuple(number for number, _ in inputs.birth.parents.values()),
    consents=_consents,
    subjects=lambda case: parent_ids(case, case.inputs.birth),
    commune=lambda case: case.inputs.birth.commune,
    code_agency=JUSTICE_AGENCY,
    code_system=JUSTICE,
    linked=PARTS,
)

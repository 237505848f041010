"""identity.number: a personal number is cancelled and set anew (`hủy, xác lập lại số định danh cá nhân`), form DC02.

Sources: Decree 70/2024 Art. 11(7) as amended by 58/2026; personal-id.md section 3: for a) and b) only if the citizen
asks, for c) and d) by the authority; 15 working days; decided by the identity authority of the ministry. The former
number stays linked. The code is this registry's own.
"""

from dataclasses import dataclass
from typing import Final

from population_registry.domain import NumberChange, NumberRejectedError
from population_registry.domain.new_numbers import reserved_prefix, series_of
from population_registry.domain.numbers import inspect_number
from population_registry.dossiers import (
    Case,
    Check,
    CheckFlag,
    Filing,
    Outcome,
    Procedure,
    Term,
    from_rule,
    open_check,
)
from population_registry.dossiers.identity_changes import ReestablishNumber
from population_registry.procedures.identity_people import IDENTITY_AGENCY, of_residence, read_decision
from population_registry.procedures.inputs import read_choice, read_inputs, read_optional
from population_registry.verification.refusals import malformed

CODE: Final = "identity.number"
WORKING_DAYS: Final = 15
ASKED: Final = frozenset({NumberChange.CIVIL_STATUS, NumberChange.WRONGLY_RECORDED})
"""Points a and b: only if the citizen asks. The others are the authority's."""
_PROVINCE: Final = 2


@dataclass(frozen=True, slots=True)
class Inputs:
    """On which point of Art. 11(7), on what paper; ``province``: where the birth was truly registered (point b)."""

    ground: NumberChange
    decision: str
    province: str | None


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required={"ground", "decision"}, optional={"province"})
    grounds = frozenset(ground.value for ground in NumberChange)
    province = read_optional(given, "province", str)
    if province is not None and not (
        len(province) == _PROVINCE and province.isascii() and province.isdigit()
    ):
        raise malformed("inputs.province")
    return Inputs(NumberChange(read_choice(given, "ground", grounds, "")), read_decision(given), province)


def _differs(case: Case) -> bool:
    """Whether the number says another sex or year than the record."""
    person = case.applicant.person
    try:
        prefixes = frozenset({person.number.prefix})
        found = inspect_number(
            person.number, on=case.today, known_prefixes=prefixes, sex=person.sex, birth=person.birth
        )
    except NumberRejectedError:
        return True
    return bool(found)


def _ground(case: Case) -> Check:
    """What the record itself proves; papers that only an officer can have seen stay open for the officer's word."""
    if _differs(case):
        return Check("ground", CheckFlag.PASS)
    if case.inputs.ground is NumberChange.CIVIL_STATUS:
        # The record is corrected first (Law on Identity Art. 16); then the number differs from it.
        return Check("ground", CheckFlag.FAIL, ("number_agrees",))
    return open_check("ground", "papers")


def _series(case: Case) -> str | None:
    """The series of the new number; None for a year that has no code."""
    person, province = case.applicant.person, case.inputs.province
    prefix = person.number.prefix if province is None else reserved_prefix(province)
    try:
        return series_of(prefix, person.sex, person.birth.year)
    except ValueError:
        return None


def _checks(case: Case) -> tuple[Check, ...]:
    asks = case.inputs.ground in ASKED
    asked = asks is (case.filing is not Filing.EX_OFFICIO)
    return (
        from_rule("stands", holds=case.applicant.person.is_active, why=case.applicant.person.status.value),
        from_rule("asked", holds=asked, why="citizen_must_ask" if asks else "authority_only"),
        _ground(case),
        from_rule("series", holds=_series(case) is not None, why="no_code"),
    )


def _outcome(case: Case) -> Outcome:
    series = _series(case)
    assert series is not None
    change = ReestablishNumber(case.applicant.person.person_id, series, case.inputs.ground)
    return Outcome((change,), result={"decision": case.inputs.decision})


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Hủy, xác lập lại số định danh cá nhân",
    name_en="Personal number cancelled and set anew",
    legal_basis=(
        "Luật Căn cước 26/2023/QH15, Điều 12; Nghị định 70/2024/NĐ-CP, Điều 11, 12; "
        "Nghị định 58/2026/NĐ-CP, Điều 5"
    ),
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(WORKING_DAYS),
    outcome=_outcome,
    commune=of_residence,
    code_agency=IDENTITY_AGENCY,
    ex_officio=True,
    centre=True,
)

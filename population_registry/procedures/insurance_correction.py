"""bhyt.correction as a dossier: correct what stands on a health-insurance card (`điều chỉnh thông tin thẻ BHYT`).

Sources: Decree 188/2025 Art. 11 (5 working days); Law on Identity Art. 16, Decree 70/2024; insurance.md sections 6
and 9. Name, birth date and sex are the population registry's: a card follows them, it never leads. Whoever states
another value corrects the registry first. The facility is chosen, the day of five consecutive years follows from
the periods of cover that the registry holds, or an officer answers for papers about others.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from population_registry.domain import HealthInsurance, PartialDate, PartialDateError, PersonFacts
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
from population_registry.dossiers.insurance_changes import CorrectCard
from population_registry.matching import Grade, compare_dates, compare_names
from population_registry.procedures.inputs import read_choice, read_day, read_inputs
from population_registry.procedures.insurance_cards import five_years_from
from population_registry.procedures.insurance_people import INSURER_AGENCY, VSS, insurer_of, read_facility
from population_registry.procedures.residence_people import represents
from population_registry.verification.asking import read_number, read_text
from population_registry.verification.refusals import malformed

CODE: Final = "bhyt.correction"
WORKING_DAYS: Final = 5
NAME, BIRTH, SEX, FACILITY, FIVE_YEARS = "name", "birth_date", "sex", "facility", "five_year_from"
FIELDS: Final = frozenset({NAME, BIRTH, SEX, FACILITY, FIVE_YEARS})
_SEXES: Final = frozenset({"male", "female"})
BASE_FIRST: Final = "correct_the_population_registry_first"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Whose card (the applicant's own when None), which field, and what it should say."""

    number: str | None
    field: str
    value: str


def read(raw: object) -> Inputs:
    """Inputs from JSON.

    Raises:
        Refusal: `invalid-request`, naming the place under `inputs`.
    """
    given = read_inputs(raw, required={"field"}, optional={"number", "value", FACILITY})
    field = read_choice(given, "field", FIELDS, "")
    number = given.get("number")
    return Inputs(
        None if number is None else read_number(number, "inputs.number"), field, _value(given, field)
    )


def _value(given: dict[str, object], field: str) -> str:
    if field == FACILITY:
        return read_facility(given)
    if field == FIVE_YEARS:
        return read_day(given, "value").isoformat()
    text = read_text(given.get("value"), "inputs.value", range(1, 101))
    try:
        if field == BIRTH:
            text = str(PartialDate.parse(text))
    except PartialDateError:
        raise malformed("inputs.value") from None
    if field == SEX and text not in _SEXES:
        raise malformed("inputs.value")
    return text


def _insured(case: Case) -> PersonFacts | None:
    return case.applicant if case.inputs.number is None else case.person(case.inputs.number)


def _card(case: Case, person: PersonFacts) -> HealthInsurance | None:
    """The card in force, else the one that begins next."""
    ahead = [c for c in person.insurances if c.last_day is not None and c.last_day >= case.today]
    return min(ahead, key=lambda card: card.valid_from, default=None)


def _checks(case: Case) -> tuple[Check, ...]:
    person = _insured(case)
    if person is None:
        return (Check("insured", CheckFlag.FAIL, ("not_kin",)),)
    own = person.person.person_id == case.applicant.person.person_id
    return (
        from_rule("insured", holds=own or represents(case.applicant, person), why="not_kin"),
        from_rule("card", holds=_card(case, person) is not None, why="no_card"),
        _source_check(case, person),
    )


def _source_check(case: Case, person: PersonFacts) -> Check:
    """The registry is the right source: what it says may be put on the card, nothing else."""
    field, value = case.inputs.field, case.inputs.value
    if field == FACILITY:
        return Check("right_source", CheckFlag.PASS)
    if field == FIVE_YEARS:
        card = _card(case, person)
        if card is None:
            return open_check("right_source", "no_card")
        before = [each for each in person.insurances if each.valid_from < card.valid_from]
        if five_years_from(before, card.valid_from) == date.fromisoformat(value):
            return Check("right_source", CheckFlag.PASS)
        return open_check("right_source", "periods_not_in_the_registry")
    return from_rule("right_source", holds=_registry_says(person, field, value), why=BASE_FIRST)


def _registry_says(person: PersonFacts, field: str, value: str) -> bool:
    record = person.person
    if field == NAME:
        grade = compare_names(value, record.name.full).grade
        return grade in {Grade.EXACT, Grade.EQUAL_AFTER_NORMALISATION}
    if field == BIRTH:
        return compare_dates(PartialDate.parse(value), record.birth).grade is Grade.EXACT
    return value == record.sex.value


def _outcome(case: Case) -> Outcome:
    """The card is issued anew with the registry's data; facility and five-year day are its own."""
    person = _insured(case)
    assert person is not None
    card = _card(case, person)
    assert card is not None
    field, value = case.inputs.field, case.inputs.value
    change = CorrectCard(
        person_id=person.person.person_id,
        card_code=card.card_code,
        valid_from=card.valid_from,
        facility=value if field == FACILITY else card.facility,
        five_year_from=date.fromisoformat(value) if field == FIVE_YEARS else card.five_year_from,
    )
    return Outcome((change,), result={"field": field})


PROCEDURE = Procedure(
    code=CODE,
    name_vi="Điều chỉnh thông tin trên thẻ bảo hiểm y tế",
    name_en="Correct the data of a health-insurance card",
    legal_basis="Nghị định 188/2025/NĐ-CP, Điều 11; Luật Căn cước 26/2023/QH15, Điều 16; Nghị định 70/2024/NĐ-CP",
    read=read,
    checks=_checks,
    term=lambda _case: Term.days(WORKING_DAYS),
    outcome=_outcome,
    numbers=lambda inputs: () if inputs.number is None else (inputs.number,),
    subjects=lambda case: [] if (person := _insured(case)) is None else [person.person.person_id],
    commune=insurer_of,
    code_agency=INSURER_AGENCY,
    code_system=VSS,
)

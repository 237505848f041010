"""bhyt.correction, correct what stands on a health-insurance card (điều chỉnh thông tin trên thẻ BHYT).

Decree 188/2025 Art. 11; insurance.md sections 6 and 9. Name and birth date are the population registry's: nobody
types them here, the registry's own word is put on the card. The facility is chosen, a day is stated.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from clients.insurance_portal import asking
from clients.portal_kit.answers import day_answers
from clients.portal_kit.portal import Portal, now
from clients.portal_kit.procedure import Answers, Guide
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.described import described

FACILITY, FIVE_YEARS, NAME, BIRTH = "facility", "five_year_from", "name", "birth_date"
FIELDS: Final = (FACILITY, NAME, BIRTH, FIVE_YEARS)
ADULT: Final = 18
WHOSE: Final = Question(
    "whose",
    Kind.KIN,
    "correction.whose",
    hint="correction.whose_hint",
    missing="correction.whose_missing",
    under=ADULT,
)
"""The person first, then the minors of the household: a parent or guardian may act for these."""
SECTIONS: Final = (
    Section("correction.card", (WHOSE,)),
    Section(
        "correction.what",
        (
            Question(
                "field",
                Kind.CHOICE,
                "correction.field",
                hint="correction.condition_source",
                missing="correction.field_missing",
                options=tuple((each, f"correction.field.{each}") for each in FIELDS),
                steers=True,
            ),
            Question(
                FACILITY,
                Kind.TEXT,
                "correction.facility",
                hint="household.facility_hint",
                missing="form.facility_missing",
                when=("field", frozenset({FACILITY})),
            ),
            Question(
                FIVE_YEARS,
                Kind.DAY,
                "correction.five_years",
                hint="correction.five_years_hint",
                missing="correction.day_missing",
                when=("field", frozenset({FIVE_YEARS})),
            ),
        ),
    ),
)


async def prefill(_portal: Portal, own: Mapping[str, Any]) -> Answers:
    """The person's own card, another facility: what is asked for most."""
    return {
        "whose": ["1"],
        "field": [FACILITY],
        **asking.facility_answers(own),
        **day_answers(FIVE_YEARS, now().date()),
    }


def judge(inputs: Mapping[str, Any], _today: date) -> tuple[tuple[str, str], ...]:
    """The registry's own word is put on the card: of somebody named by number alone this portal knows none."""
    field, whose = inputs.get("field"), inputs.get("whose") or {}
    unknown = field in {NAME, BIRTH} and whose and field not in whose
    return (("field", "correction.field_unknown"),) if unknown else ()


def finish(inputs: dict[str, Any]) -> Mapping[str, Any]:
    """The registry's inputs: whose card by number, which field, and what it should say."""
    whose, field = inputs["whose"], inputs["field"]
    said = {"number": whose["number"], "field": field}
    if field == FACILITY:
        return {**said, FACILITY: inputs[FACILITY]}
    return {**said, "value": inputs[FIVE_YEARS] if field == FIVE_YEARS else whose[field]}


PROCEDURE: Final = described(
    code="bhyt.correction",
    path="/card-correction",
    purpose="Điều chỉnh thông tin trên thẻ bảo hiểm y tế",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=("number", "name", "birth_date", "household", "health_insurance"),
    guide=Guide(
        lead="correction.lead",
        office="household.office",
        conditions=("correction.condition_card", "correction.condition_source", "correction.condition_minor"),
        half_days=10,
    ),
    sections=SECTIONS,
    prefill=prefill,
    judge=judge,
    finish=finish,
    verifies=(),
)

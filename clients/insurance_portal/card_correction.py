"""bhyt.correction, correct what stands on a health-insurance card (điều chỉnh thông tin thẻ BHYT).

Decree 188/2025 Art. 11, Law on Identity Art. 16. Name and birth date on a card follow the population data: they are
taken from there, not typed. Whoever finds the population data wrong has these corrected first.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from clients.insurance_portal.household_insurance import members_of, perhaps_under
from clients.portal_kit.answers import Reading, day_answers
from clients.portal_kit.portal import Portal, now
from clients.portal_kit.procedure import Answers, Choices, FormRead, Guide, Procedure
from clients.portal_kit.storage.drafts import Draft
from web import Form

FACILITY, FIVE_YEARS, NAME, BIRTH = "facility", "five_year_from", "name", "birth_date"
FIELDS: Final = (FACILITY, NAME, BIRTH, FIVE_YEARS)
ADULT: Final = 18
LONGEST_FACILITY: Final = 200


def whose(own: Mapping[str, Any], today: date) -> list[dict[str, Any]]:
    """The person first, then the minors of the household: a parent or guardian may act for these."""
    first, *others = members_of(own)
    return [first, *(each for each in others if perhaps_under(ADULT, str(each["birth_date"]), today))]


async def prefill(_portal: Portal, own: Mapping[str, Any]) -> Answers:
    """The person's own card, another facility: what is asked for most."""
    cover = own.get("health_insurance") or {}
    return {
        "whose": ["1"],
        "field": [FACILITY],
        "facility": [str(cover.get("facility") or "")],
        **day_answers(FIVE_YEARS, now().date()),
    }


async def choices(_portal: Portal, draft: Draft) -> Choices:
    """Whose card, by place in the list, so that no number can be slipped in."""
    return {"people": list(enumerate(whose(draft.own, now().date()), start=1))}


def read(form: Form, offered: Choices, _today: date) -> FormRead:
    """The form's answers as the registry's inputs, or the mistakes in the order of the page."""
    reading = Reading(form)
    people = {str(place): each for place, each in offered["people"]}
    chosen = reading.choice("whose", people, "correction.whose_missing")
    field = reading.choice("field", FIELDS, "correction.field_missing")
    inputs: dict[str, Any] = {"field": field}
    if field == FACILITY:
        inputs[FACILITY] = reading.words(FACILITY, "form.facility_missing", longest=LONGEST_FACILITY)
    elif field == FIVE_YEARS:
        day = reading.day(FIVE_YEARS, "correction.day_missing")
        inputs["value"] = "" if day is None else day.isoformat()
    elif chosen:
        about = people[chosen]
        inputs["value"] = about["name"]["full"] if field == NAME else about["birth_date"]
    reading.ticked("declaration", "form.declaration_missing")
    if reading.errors:
        return FormRead(errors=tuple(reading.errors))
    if chosen != "1":
        inputs["number"] = people[chosen]["number"]
    return FormRead(inputs)


PROCEDURE: Final = Procedure(
    procedure_code="bhyt.correction",
    path="/card-correction",
    purpose="Điều chỉnh thông tin trên thẻ bảo hiểm y tế",
    agency_code="G34.899.01",
    system_code="34",
    releases=("number", "name", "birth_date", "household", "health_insurance"),
    prefill=prefill,
    choices=choices,
    read=read,
    guide=Guide(
        lead="correction.lead",
        office="household.office",
        conditions=("correction.condition_card", "correction.condition_source", "correction.condition_minor"),
        half_days=10,
    ),
    form_template="card_correction/form.html",
    review_template="card_correction/review.html",
)

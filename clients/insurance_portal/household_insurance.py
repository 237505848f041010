"""bhyt.household, household health insurance (BHYT hộ gia đình): form 4 of Decree 188/2025, mostly pre-filled.

The members come from the residence data; the person says who joins, in which order they pay, for how many months.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from clients.portal_kit.answers import Reading
from clients.portal_kit.portal import Portal
from clients.portal_kit.procedure import Answers, Choices, FormRead, Guide, Procedure
from clients.portal_kit.storage.drafts import Draft
from web import Form

MONTHS: Final = ("3", "6", "12")
STAYS_OUT: Final = "no"
LONGEST_FACILITY: Final = 200


def members_of(own: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The people registered with the person: the person first, then the others as the registry lists them.

    Who lives in no registered household still has one of one person.
    """
    listed = own.get("household") or [
        {"number": own["number"], "name": own["name"], "birth_date": own["birth_date"], "relation": "head"}
    ]
    return sorted((dict(each) for each in listed), key=lambda each: each["number"] != own["number"])


def perhaps_under(age: int, birth: str, today: date) -> bool:
    """Whether somebody born on a date ``yyyy[-mm[-dd]]`` may be younger; what is not recorded counts for them."""
    year, month, day = (int(part) for part in (birth + "-12-31"[3 * birth.count("-") :]).split("-"))
    return (year + age, month, day) > (today.year, today.month, today.day)


async def prefill(_portal: Portal, own: Mapping[str, Any]) -> Answers:
    """Everybody joins in the order of the list, for a year, at the facility of the person's last card."""
    cover = own.get("health_insurance") or {}
    return {
        "months": ["12"],
        "facility": [str(cover.get("facility") or "")],
        **{f"order_{place}": [str(place)] for place, _ in enumerate(members_of(own), start=1)},
    }


async def choices(_portal: Portal, draft: Draft) -> Choices:
    """The members with their place in the list: answers name places, so that no number can be slipped in."""
    return {"members": list(enumerate(members_of(draft.own), start=1))}


def read(form: Form, offered: Choices, today: date) -> FormRead:
    """The form's answers as the registry's inputs, or the mistakes in the order of the page."""
    reading = Reading(form)
    members = dict(offered["members"])
    places = {STAYS_OUT, *(str(place) for place in members)}
    paying: dict[int, str] = {}
    for place, member in members.items():
        name = f"order_{place}"
        order = reading.choice(name, places, "form.order_missing")
        if order in {"", STAYS_OUT}:
            continue
        if int(order) in paying:
            reading.wrong(name, "form.order_twice")
        paying[int(order)] = member["number"]
    if not paying and not reading.errors:
        reading.wrong("order_1", "form.nobody_joins")
    months = reading.choice("months", MONTHS, "form.months_missing")
    facility = reading.words("facility", "form.facility_missing", longest=LONGEST_FACILITY)
    reading.ticked("declaration", "form.declaration_missing")
    if reading.errors:
        return FormRead(errors=tuple(reading.errors))
    return FormRead(
        {
            "members": [paying[order] for order in sorted(paying)],
            "months": int(months),
            "paid_on": today.isoformat(),
            "facility": facility,
        }
    )


def without_the_day(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The dossier knows the day of payment by itself: it is the day on which its premium is paid."""
    return {name: value for name, value in inputs.items() if name != "paid_on"}


PROCEDURE: Final = Procedure(
    procedure_code="bhyt.household",
    path="/household-insurance",
    purpose="Tiếp nhận và kiểm tra hồ sơ tham gia bảo hiểm y tế theo hộ gia đình",
    agency_code="G34.899.01",
    system_code="34",
    releases=("number", "name", "birth_date", "household", "health_insurance"),
    prefill=prefill,
    choices=choices,
    read=read,
    intro_template="household_insurance/intro.html",
    guide=Guide(
        lead="household.lead",
        office="household.office",
        conditions=(
            "household.condition_together",
            "household.condition_other",
            "household.condition_young",
        ),
        half_days=10,
        fee=None,
    ),
    assesses=True,
    to_file=without_the_day,
    form_template="household_insurance/form.html",
    review_template="household_insurance/review.html",
    on_behalf=False,
)

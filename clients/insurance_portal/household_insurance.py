"""bhyt.household, household health insurance (BHYT hộ gia đình): form 4 of Decree 188/2025, mostly pre-filled.

The members come from the residence data; the person says who joins, in which order they pay, for how many months.
"""

from collections.abc import Mapping
from typing import Any, Final

from clients.insurance_portal import asking
from clients.portal_kit.portal import Portal, now
from clients.portal_kit.procedure import Answers, Guide
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.described import described
from clients.portal_kit.questions.people import everybody_of, household_known

MONTHS: Final = ("3", "6", "12")
SECTIONS: Final = (
    Section(
        "household.members",
        (Question("members", Kind.PAYERS, "household.order", hint="household.order_hint"),),
        text="household.members_text",
    ),
    Section(
        "household.cover",
        (
            Question(
                "months",
                Kind.CHOICE,
                "household.months",
                missing="form.months_missing",
                options=tuple((each, f"household.months_{each}") for each in MONTHS),
            ),
            asking.FACILITY,
        ),
    ),
)


async def prefill(_portal: Portal, own: Mapping[str, Any]) -> Answers:
    """Everybody joins in the order of the list, for a year, at the facility of the person's last card."""
    places = range(1, len(everybody_of(own)) + 1)
    first = {f"order_{place}": [str(place)] for place in places}
    if not household_known(own):
        first = {"order_count": ["1"], "order_1": [str(own["number"])]}
    return {"months": ["12"], **asking.facility_answers(own), **first}


def finish(inputs: dict[str, Any]) -> Mapping[str, Any]:
    """The registry's inputs: months as a number; what it costs is judged as if it were paid today."""
    return {**inputs, "months": int(inputs["months"]), "paid_on": now().date().isoformat()}


def without_the_day(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The dossier knows the day of payment by itself: it is the day on which its premium is paid."""
    return {name: value for name, value in inputs.items() if name != "paid_on"}


PROCEDURE: Final = described(
    code="bhyt.household",
    path="/household-insurance",
    purpose="Tiếp nhận và kiểm tra hồ sơ tham gia bảo hiểm y tế theo hộ gia đình",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=("number", "name", "birth_date", "household", "health_insurance"),
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
    sections=SECTIONS,
    prefill=prefill,
    finish=finish,
    to_file=without_the_day,
    verifies=(),
    assesses=True,
    on_behalf=False,
    intro_template="household_insurance/intro.html",
    review_template="household_insurance/review.html",
)

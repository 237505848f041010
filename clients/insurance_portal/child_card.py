"""bhyt.child, the health-insurance card of a child under six (thẻ BHYT cho trẻ dưới 6 tuổi): free, decided at once.

Law 25/2008 Art. 12(3), 16(3); Decree 188/2025 Art. 11. Children of the parent's household are offered by name, so
that nobody copies twelve digits; a child that is registered elsewhere is named by number.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from clients.insurance_portal.household_insurance import members_of, perhaps_under
from clients.portal_kit.answers import Reading
from clients.portal_kit.portal import Portal, now
from clients.portal_kit.procedure import Answers, Choices, FormRead, Guide, Procedure
from clients.portal_kit.storage.drafts import Draft
from web import Form

SIX: Final = 6
ELSEWHERE: Final = "elsewhere"
LONGEST_FACILITY: Final = 200


def children_of(own: Mapping[str, Any], today: date) -> list[dict[str, Any]]:
    """Members of the household who may be under six; a date without day or month counts for the child."""
    return [each for each in members_of(own) if perhaps_under(SIX, str(each["birth_date"]), today)]


async def prefill(_portal: Portal, own: Mapping[str, Any]) -> Answers:
    """The only child is chosen already."""
    found = children_of(own, now().date())
    return {"child": ["1"]} if len(found) == 1 else {} if found else {"child": [ELSEWHERE]}


async def choices(_portal: Portal, draft: Draft) -> Choices:
    """The children with their place in the list: answers name places, so that no number can be slipped in."""
    return {"children": list(enumerate(children_of(draft.own, now().date()), start=1))}


def read(form: Form, offered: Choices, _today: date) -> FormRead:
    """The form's answers as the registry's inputs, or the mistakes in the order of the page."""
    reading = Reading(form)
    children = {str(place): child for place, child in offered["children"]}
    chosen = reading.choice("child", {*children, ELSEWHERE}, "child.missing")
    number = ""
    if chosen == ELSEWHERE:
        number = reading.personal_number("child_number", "child.number_missing")
    elif chosen:
        number = str(children[chosen]["number"])
    facility = reading.words("facility", "form.facility_missing", longest=LONGEST_FACILITY)
    reading.ticked("declaration", "form.declaration_missing")
    if reading.errors:
        return FormRead(errors=tuple(reading.errors))
    return FormRead({"child": number, "facility": facility})


PROCEDURE: Final = Procedure(
    procedure_code="bhyt.child",
    path="/child-card",
    purpose="Cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi",
    agency_code="G34.899.01",
    system_code="34",
    releases=("number", "name", "birth_date", "household"),
    prefill=prefill,
    choices=choices,
    read=read,
    guide=Guide(
        lead="child.lead",
        office="household.office",
        conditions=("child.condition_age", "child.condition_parent", "child.condition_one"),
        half_days=4,
    ),
    form_template="child_card/form.html",
    review_template="child_card/review.html",
    on_behalf=False,
)

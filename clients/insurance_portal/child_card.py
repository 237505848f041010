"""bhyt.child, the health-insurance card of a child under six (thẻ BHYT cho trẻ dưới 6 tuổi): free, decided at once.

Law 25/2008 Art. 12(3), 16(3); Decree 188/2025 Art. 11. Children of the parent's household are offered by name, so
that nobody copies twelve digits; a child that is registered elsewhere is named by number.
"""

from collections.abc import Mapping
from typing import Any, Final

from clients.insurance_portal import asking
from clients.portal_kit.portal import Portal, now
from clients.portal_kit.procedure import Answers, Guide
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.described import described
from clients.portal_kit.questions.people import kin_of

SIX: Final = 6
CHILD: Final = Question(
    "child",
    Kind.KIN,
    "child.which",
    hint="child.which_hint",
    missing="child.missing",
    with_me=False,
    under=SIX,
)
SECTIONS: Final = (Section("child.child", (CHILD,)), Section("household.facility", (asking.FACILITY,)))


async def prefill(_portal: Portal, own: Mapping[str, Any]) -> Answers:
    """The only child is chosen already."""
    return {"child": ["1"]} if len(kin_of(own, now().date(), CHILD)) == 1 else {}


def finish(inputs: dict[str, Any]) -> Mapping[str, Any]:
    """The registry's inputs: the child by number."""
    return {**inputs, "child": inputs["child"]["number"]}


PROCEDURE: Final = described(
    code="bhyt.child",
    path="/child-card",
    purpose="Cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=("number", "name", "birth_date", "household"),
    guide=Guide(
        lead="child.lead",
        office="household.office",
        conditions=(
            "child.condition_age",
            "child.condition_parent",
            "child.condition_one",
            "child.decided_at_once",
        ),
        half_days=4,
    ),
    sections=SECTIONS,
    prefill=prefill,
    finish=finish,
    verifies=(),
    on_behalf=False,
)

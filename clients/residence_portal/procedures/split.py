"""Splitting a household (tách hộ): Law on Residence 68/2020 Art. 25."""

from typing import Final

from clients.portal_kit.procedure import Guide
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.described import described
from clients.residence_portal.procedures import asking

SECTIONS: Final = (
    Section("split.who", (Question("people", Kind.LEAVERS, "split.people"),), text="split.who_text"),
    Section(
        "split.ground",
        (Question("divorced", Kind.FLAG, "split.divorced", hint="split.divorced_hint"), asking.EXEMPT),
    ),
)


PROCEDURE: Final = described(
    code="residence.split",
    path="/split-household",
    purpose="Tiếp nhận và kiểm tra hồ sơ tách hộ nộp trực tuyến",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=asking.WITH_HOUSEHOLD,
    guide=Guide(
        lead="split.lead",
        office="office.permanent",
        conditions=("split.condition_adult", "split.condition_consent", "split.condition_divorce"),
        half_days=10,
        fee=5_000,
    ),
    sections=SECTIONS,
)

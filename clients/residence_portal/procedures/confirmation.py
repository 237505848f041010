"""1.010041, confirmation of residence data, form CT07 (xác nhận thông tin về cư trú): Law on Residence Art. 17(2)."""

from typing import Final

from clients.portal_kit.procedure import Guide
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.described import described
from clients.residence_portal.procedures import asking

LISTED: Final = (
    "number", "name", "birth_date", "sex", "nationality", "permanent_address", "temporary_address", "current_address",
    "household",
)  # a table, read by rows  # fmt: skip
"""What the paper lists, and so what the person agrees to."""
USED_FOR: Final = Question(
    "used_for",
    Kind.TEXT,
    "confirm.used_for",
    hint="confirm.used_for_hint",
    missing="confirm.used_for_missing",
    shortest=3,
)
PROCEDURE: Final = described(
    code="1.010041",
    path="/confirmation",
    purpose="Xác nhận thông tin về cư trú theo yêu cầu của công dân",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=LISTED,
    guide=Guide(
        lead="confirm.lead",
        office="office.any",
        conditions=("confirm.condition_registered", "confirm.condition_void"),
        half_days=1,
        fee=0,
    ),
    sections=(Section("confirm.title", (USED_FOR,)),),
)

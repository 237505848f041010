"""1.002755, extension of temporary residence (gia hạn tạm trú): Law on Residence 68/2020 Art. 27(2), 28."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from clients.portal_kit.procedure import Guide
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.described import described
from clients.residence_portal.procedures import asking

SECTIONS: Final = (
    Section(
        "extension.term",
        (
            Question(
                "until", Kind.DAY, "extension.until", hint="extension.until_hint", missing="form.until_wrong"
            ),
            Question(
                "contract_until",
                Kind.DAY,
                "form.contract",
                hint="form.contract_hint",
                missing="form.contract_wrong",
                optional=True,
            ),
        ),
    ),
    asking.people(),
    Section("form.fee", (asking.EXEMPT,)),
)


def judge(inputs: Mapping[str, Any], today: date) -> tuple[tuple[str, str], ...]:
    """A new end that lies behind."""
    until = inputs.get("until")
    return (("until", "form.until_past"),) if until and until <= today.isoformat() else ()


PROCEDURE: Final = described(
    code="1.002755",
    path="/extend-temporary-residence",
    purpose="Tiếp nhận và kiểm tra hồ sơ gia hạn tạm trú nộp trực tuyến",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=asking.WITH_HOUSEHOLD,
    guide=Guide(
        lead="extension.lead",
        office="office.temporary",
        conditions=("extension.condition_window", "extension.condition_term", "temporary.condition_owner"),
        half_days=6,
        fee=7_000,
    ),
    sections=SECTIONS,
    judge=judge,
)

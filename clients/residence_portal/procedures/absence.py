"""1.003677, declaration of absence (khai báo tạm vắng): Law on Residence 68/2020 Art. 31."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from clients.portal_kit.procedure import Guide
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.described import described
from clients.residence_portal.procedures import asking

BY_PERMISSION: Final = frozenset({"accused", "administrative"})
SECTIONS: Final = (
    Section(
        "absence.why",
        (
            Question(
                "category",
                Kind.CHOICE,
                "absence.category",
                missing="form.choice_missing",
                options=tuple(
                    (each, f"absence.category_{each}")
                    for each in ("long", "duty", "administrative", "accused")
                ),
                steers=True,
            ),
            Question(
                "permission",
                Kind.TEXT,
                "absence.permission",
                hint="absence.permission_hint",
                missing="absence.permission_missing",
                when=("category", BY_PERMISSION),
                longest=100,
            ),
            Question("reason", Kind.TEXT, "absence.reason", missing="absence.reason_missing"),
        ),
    ),
    Section("absence.where", (Question("destination", Kind.PLACE, "absence.destination"),)),
    Section(
        "absence.when",
        (
            Question("from", Kind.DAY, "form.from", missing="form.from_wrong"),
            Question("until", Kind.DAY, "form.until", missing="form.until_wrong"),
        ),
    ),
    asking.people(),
)


def judge(inputs: Mapping[str, Any], _today: date) -> tuple[tuple[str, str], ...]:
    """An absence that ends before it begins."""
    begins, ends = inputs.get("from"), inputs.get("until")
    return (("until", "form.until_before_from"),) if begins and ends and ends <= begins else ()


def finish(inputs: dict[str, Any]) -> Mapping[str, Any]:
    """The registry's inputs: the commune, and the destination as a text."""
    place = inputs["destination"]
    return {**inputs, "commune": place["commune"], "destination": place["address"]}


PROCEDURE: Final = described(
    code="1.003677",
    path="/absence",
    purpose="Tiếp nhận và kiểm tra khai báo tạm vắng nộp trực tuyến",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=asking.WITH_HOUSEHOLD,
    guide=Guide(
        lead="absence.lead",
        office="office.registered",
        conditions=("absence.condition_long", "absence.condition_duty", "absence.condition_permission"),
        half_days=2,
        fee=0,
    ),
    sections=SECTIONS,
    judge=judge,
    finish=finish,
)

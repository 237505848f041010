"""2.001159, stay notice (thông báo lưu trú): Law on Residence 68/2020 Art. 30."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from clients.portal_kit.answers import day_answers
from clients.portal_kit.portal import Portal, now
from clients.portal_kit.procedure import Answers, Guide
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.described import described
from clients.portal_kit.questions.offering import place_answers
from clients.residence_portal.procedures import asking

HOSTS: Final = (
    "household", "tourist_lodging", "health_facility", "industrial_lodging", "vehicle", "other",
)  # a table, read by rows  # fmt: skip
SECTIONS: Final = (
    Section(
        "stay.where",
        (
            Question(
                "host",
                Kind.CHOICE,
                "stay.host",
                missing="form.choice_missing",
                options=tuple((each, f"stay.host_{each}") for each in HOSTS),
            ),
        ),
    ),
    Section("form.dwelling", (Question("dwelling", Kind.PLACE, "form.place"),)),
    Section(
        "stay.who",
        (
            Question(
                "people",
                Kind.PEOPLE,
                "stay.guests",
                hint="stay.guests_hint",
                missing="stay.nobody",
                with_me=False,
            ),
            Question("relatives", Kind.FLAG, "stay.relatives", hint="stay.relatives_hint"),
        ),
    ),
    Section(
        "stay.when",
        (
            Question("arrived_at", Kind.MOMENT, "stay.arrived", missing="form.day_wrong"),
            Question("until", Kind.DAY, "stay.until", hint="stay.until_hint", missing="form.until_wrong"),
            Question("reason", Kind.TEXT, "stay.reason", missing="stay.reason_missing"),
        ),
    ),
)


async def prefill(portal: Portal, own: Mapping[str, Any]) -> Answers:
    """At the person's own home, from now on."""
    at = now()
    home = own.get("permanent_address") or own.get("temporary_address")
    return {
        "host": ["household"],
        **await place_answers(portal, home),
        **day_answers("arrived_at", at.date()),
        "arrived_at_time": [f"{at:%H:%M}"],
    }


def judge(inputs: Mapping[str, Any], _today: date) -> tuple[tuple[str, str], ...]:
    """A stay that ends before it begins."""
    arrived, until = inputs.get("arrived_at"), inputs.get("until")
    return (("until", "form.until_before_from"),) if arrived and until and until < arrived[:10] else ()


PROCEDURE: Final = described(
    code="2.001159",
    path="/stay-notice",
    purpose="Tiếp nhận thông báo lưu trú trực tuyến",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=("number", "name", "birth_date", "permanent_address", "temporary_address"),
    guide=Guide(
        lead="stay.lead",
        office="office.stay",
        conditions=("stay.condition_when", "stay.condition_length", "stay.condition_kin"),
        half_days=0,
        fee=0,
    ),
    sections=SECTIONS,
    prefill=prefill,
    judge=judge,
)

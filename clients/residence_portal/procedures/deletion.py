"""Deletion of permanent and temporary residence by request (xóa đăng ký): Law on Residence 68/2020 Art. 24, 29."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from clients.portal_kit.portal import Portal
from clients.portal_kit.procedure import Answers, Guide
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.described import described
from clients.residence_portal.procedures import asking

OF_PERMANENT: Final = (
    "settled_abroad", "absent", "lease_ended", "owner_changed", "owner_refused", "dwelling_gone", "death",
    "nationality_lost", "annulled",
)  # a table, read by rows  # fmt: skip
OF_TEMPORARY: Final = (
    "moved", "absent", "lease_ended", "owner_changed", "dwelling_gone", "death", "nationality_lost", "annulled",
)  # a table, read by rows  # fmt: skip
PEOPLE: Final = Section(
    "delete.who",
    (
        Question(
            "people",
            Kind.PEOPLE,
            "form.people_others",
            hint="delete.people_hint",
            missing="delete.nobody",
            with_me=False,
        ),
    ),
    text="delete.who_text",
)


def sections(grounds: tuple[str, ...]) -> tuple[Section, ...]:
    """Why, since when, and whose registration."""
    ground = Question(
        "ground",
        Kind.CHOICE,
        "delete.ground",
        missing="form.choice_missing",
        options=tuple((each, f"delete.ground_{each}") for each in grounds),
    )
    since = Question("since", Kind.DAY, "delete.since", missing="form.day_wrong")
    return (Section("delete.why", (ground, since)), PEOPLE)


async def prefill(_portal: Portal, _own: Mapping[str, Any]) -> Answers:
    """Most people file for themselves."""
    return {"people_me": ["yes"]}


def judge(inputs: Mapping[str, Any], today: date) -> tuple[tuple[str, str], ...]:
    """A ground that has not come yet."""
    since = inputs.get("since")
    return (("since", "form.day_future"),) if since and since > today.isoformat() else ()


PERMANENT: Final = described(
    code="residence.delete-permanent",
    path="/delete-permanent-residence",
    purpose="Tiếp nhận và kiểm tra hồ sơ xóa đăng ký thường trú nộp trực tuyến",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=asking.WITH_HOUSEHOLD,
    guide=Guide(
        lead="delete.lead_permanent",
        office="office.registered",
        conditions=("delete.condition_filer", "delete.condition_wait_12", "delete.condition_data"),
        half_days=10,
        fee=0,
    ),
    sections=sections(OF_PERMANENT),
    prefill=prefill,
    judge=judge,
)
TEMPORARY: Final = described(
    code="1.010028",
    path="/delete-temporary-residence",
    purpose="Tiếp nhận và kiểm tra hồ sơ xóa đăng ký tạm trú nộp trực tuyến",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=asking.WITH_HOUSEHOLD,
    guide=Guide(
        lead="delete.lead_temporary",
        office="office.registered",
        conditions=("delete.condition_filer", "delete.condition_wait_6", "delete.condition_data"),
        half_days=6,
        fee=0,
    ),
    sections=sections(OF_TEMPORARY),
    prefill=prefill,
    judge=judge,
)

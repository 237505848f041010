"""1.004194, temporary residence registration (đăng ký tạm trú): Law on Residence 68/2020 Art. 27 and 28."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from clients.portal_kit.answers import day_answers
from clients.portal_kit.portal import Portal, now
from clients.portal_kit.procedure import Answers, Guide
from clients.portal_kit.question import MINOR, Kind, Question, Section
from clients.portal_kit.questions.described import described
from clients.portal_kit.questions.offering import place_answers
from clients.residence_portal.procedures import asking

USUAL_TERM: Final = timedelta(days=364)
ASKED_BY_FILING: Final = "asked"
"""Owner and parents answer for themselves, at the registry, once the dossier is filed."""
NOT_OWNED: Final = frozenset({"rented", "borrowed", "lodging", "family"})
SECTIONS: Final = (
    asking.PLACE,
    Section(
        "form.owner",
        (
            Question(
                "tenure",
                Kind.CHOICE,
                "form.tenure",
                missing="form.tenure_missing",
                options=tuple(
                    (each, f"tenure.{each}") for each in ("rented", "borrowed", "lodging", "family", "owned")
                ),
            ),
            Question(
                "owner",
                Kind.HOLDER,
                "form.owner_number",
                missing="form.owner_name_missing",
                when=("tenure", NOT_OWNED | {""}),
            ),
            asking.HOUSEHOLD,
        ),
        text="form.owner_text",
    ),
    Section(
        "form.term",
        (
            Question("from", Kind.DAY, "form.from", missing="form.from_wrong"),
            Question("until", Kind.DAY, "form.until", hint="form.until_hint", missing="form.until_wrong"),
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
    asking.people(relations=True),
    Section(
        "form.parent",
        (
            Question(
                "parent",
                Kind.NUMBER,
                "form.parent_number",
                missing="form.parent_number_wrong",
                when=(MINOR, frozenset()),
            ),
        ),
        text="form.parent_text",
    ),
    Section("form.fee", (asking.EXEMPT,)),
)


async def prefill(portal: Portal, own: Mapping[str, Any]) -> Answers:
    """Where the person lives now, when the registry knows; a term of one year from today."""
    today = now().date()
    return {
        **day_answers("from", today),
        **day_answers("until", today + USUAL_TERM),
        **await place_answers(portal, own.get("current_address")),
    }


def judge(inputs: Mapping[str, Any], today: date) -> tuple[tuple[str, str], ...]:
    """Days that lie behind or before each other."""
    errors: list[tuple[str, str]] = []
    begins, ends = inputs.get("from"), inputs.get("until")
    if begins and begins < today.isoformat():
        errors.append(("from", "form.from_past"))
    if begins and ends and ends <= begins:
        errors.append(("until", "form.until_before_from"))
    return tuple(errors)


def finish(inputs: dict[str, Any]) -> Mapping[str, Any]:
    """The registry's inputs: the dwelling's commune beside the dwelling; who owns the home names no owner."""
    asking.head_of(inputs)
    if inputs["tenure"] == "owned":
        inputs.pop("owner", None)
    else:
        inputs["owner_consent"] = ASKED_BY_FILING
    if "parent" in inputs:
        inputs["parent_consent"] = ASKED_BY_FILING
    return {**inputs, "commune": inputs["dwelling"]["commune"], "channel": "online"}


PROCEDURE: Final = described(
    code="1.004194",
    path="/temporary-residence",
    purpose="Tiếp nhận và kiểm tra hồ sơ đăng ký tạm trú nộp trực tuyến",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=asking.WITH_HOUSEHOLD,
    verifies=(
        "name", "birth_date", "alive", "nationality_vn", "adult", "outside_commune", "dwelling_owner", "child_of",
    ),
    guide=Guide(
        lead="temporary.lead",
        office="office.temporary",
        conditions=(
            "temporary.condition_outside",
            "temporary.condition_term",
            "temporary.condition_owner",
            "temporary.condition_minor",
        ),
        half_days=6,
        fee=7_000,
    ),
    sections=SECTIONS,
    prefill=prefill,
    judge=judge,
    finish=finish,
    assesses=True,
)  # a table, read by rows  # fmt: skip

"""1.004194, temporary residence registration (đăng ký tạm trú): what is pre-filled, chosen and read.

Law on Residence 68/2020 Art. 27 and 28; the conditions themselves are judged by the registry.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from clients.portal_kit.answers import Reading, day_answers
from clients.portal_kit.portal import Portal, now
from clients.portal_kit.procedure import Answers, Choices, FormRead, Guide, Procedure, typed
from clients.portal_kit.storage.drafts import Draft
from web import Form

TENURES: Final = ("rented", "borrowed", "lodging", "family", "owned")
ASKED_BY_FILING: Final = "asked"
"""Owner and parents answer for themselves, at the registry, once the dossier is filed."""
USUAL_TERM: Final = timedelta(days=364)
ADULT_AGE: Final = 18
LONGEST_ADDRESS: Final = 200


async def prefill(portal: Portal, own: Mapping[str, Any]) -> Answers:
    """Where the person lives now, when the registry knows; a term of one year from today."""
    today = now().date()
    answers: dict[str, list[str]] = {
        **day_answers("from", today),
        **day_answers("until", today + USUAL_TERM),
    }
    place = own.get("current_address")
    commune = await portal.places.commune(str(place["commune_code"])) if place else None
    if place and commune:
        answers["province"] = [commune["province_code"]]
        answers["commune"] = [commune["code"]]
        answers["address"] = [str(place["text"])]
    return answers


async def choices(portal: Portal, draft: Draft) -> Choices:
    """All provinces; the communes of the chosen one; whether a parent must stand behind a minor; the old address."""
    province = typed(draft.answers).get("province", "")
    permanent = draft.own.get("permanent_address")
    return {
        "permanent": await portal.places.written(permanent) if permanent else "",
        "provinces": await portal.places.provinces(),
        "communes": await portal.places.communes(province) if province else (),
        "minor": is_minor(str(draft.own.get("birth_date", "")), now().date()),
    }


def read(form: Form, offered: Choices, today: date) -> FormRead:
    """The form's answers as the registry's inputs, or the mistakes in the order of the page."""
    reading = Reading(form)
    reading.choice("province", {row["code"] for row in offered["provinces"]}, "form.province_missing")
    commune = reading.choice("commune", {row["code"] for row in offered["communes"]}, "form.commune_missing")
    address = reading.words("address", "form.address_missing", longest=LONGEST_ADDRESS)
    tenure = reading.choice("tenure", TENURES, "form.tenure_missing")
    inputs: dict[str, Any] = {
        "commune": commune,
        "tenure": tenure,
        "dwelling": {"commune": commune, "address": address},
        "channel": "online",
    }
    if tenure and tenure != "owned":
        inputs["owner"] = {
            "number": reading.personal_number("owner_number", "form.owner_number_wrong"),
            "name": reading.words("owner_name", "form.owner_name_missing"),
        }
        inputs["owner_consent"] = ASKED_BY_FILING
    begins = reading.day("from", "form.from_wrong")
    ends = reading.day("until", "form.until_wrong")
    if begins and begins < today:
        reading.wrong("from", "form.from_past")
    if begins and ends and ends <= begins:
        reading.wrong("until", "form.until_before_from")
    inputs |= {"from": begins.isoformat() if begins else "", "until": ends.isoformat() if ends else ""}
    if tenure in {"rented", "borrowed"} and reading.has_day("contract"):
        contract = reading.day("contract", "form.contract_wrong")
        inputs["contract_until"] = contract.isoformat() if contract else ""
    if offered["minor"]:
        inputs["parent"] = {"number": reading.personal_number("parent_number", "form.parent_number_wrong")}
        inputs["parent_consent"] = ASKED_BY_FILING
    reading.ticked("declaration", "form.declaration_missing")
    return FormRead(inputs, tuple(reading.errors))


def is_minor(birth_date: str, today: date) -> bool:
    """Whether somebody may still be under eighteen; a date known in parts counts as late as it can be."""
    parts = [int(part) for part in birth_date.split("-") if part.isdigit()]
    if not parts:
        return False
    latest = (*parts, 12, 31)[:3] if len(parts) == 1 else (*parts, 31)[:3]
    return (today.year - latest[0] - (latest[1:] > (today.month, today.day))) < ADULT_AGE


PROCEDURE: Final = Procedure(
    procedure_code="1.004194",
    path="/temporary-residence",
    purpose="Tiếp nhận và kiểm tra hồ sơ đăng ký tạm trú nộp trực tuyến",
    agency_code="G01.899.05",
    system_code="01",
    releases=("number", "name", "birth_date", "permanent_address", "current_address"),
    verifies=("alive", "nationality_vn", "adult", "outside_commune", "dwelling_owner", "child_of"),
    prefill=prefill,
    choices=choices,
    read=read,
    guide=Guide(
        lead="temporary.lead",
        office="temporary.office",
        conditions=(
            "temporary.condition_outside",
            "temporary.condition_term",
            "temporary.condition_owner",
            "temporary.condition_minor",
        ),
        half_days=6,
        fee=7000,
    ),
    assesses=True,
    form_template="temporary_residence/form.html",
    review_template="temporary_residence/review.html",
)

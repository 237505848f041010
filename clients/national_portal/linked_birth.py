"""linked.birth, a child is born (liên thông khai sinh): one form of a parent for three bodies.

Decree 63/2024/NĐ-CP: the civil-status office registers the birth and the child gets a personal number, then residence
and the insurance card go on side by side. The parent's own data and those of a spouse in the household are filled in.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from clients.portal_kit.answers import Reading, day_answers
from clients.portal_kit.portal import Portal, now
from clients.portal_kit.procedure import Answers, Choices, FormRead, Guide, Procedure
from clients.portal_kit.storage.drafts import Draft
from web import Form

SEXES: Final = ("female", "male")
PARENTS: Final = ("mother", "father")
KINDS: Final = ("permanent", "temporary")
SLIPS: Final = ("signed", "paper")
SPOUSES: Final = frozenset({"spouse_wife", "spouse_husband"})
SYLLABLES, TEXT, SLIP_NUMBER = 40, 200, 40


def role_of(own: Mapping[str, Any]) -> str:
    """Whether the parent who files is the mother or the father, as the record says."""
    return "mother" if own.get("sex") == "female" else "father"


def other_role(role: str) -> str:
    """The other parent."""
    return next(each for each in PARENTS if each != role)


def spouse_of(own: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The one with whom the person heads a household, if anybody: one is the head, the other the head's spouse."""
    household = own.get("household") or []
    mine = next((each["relation"] for each in household if each["number"] == own["number"]), "")
    wanted = SPOUSES if mine == "head" else {"head"} if mine in SPOUSES else set()
    return next((each for each in household if each["relation"] in wanted), None)


async def prefill(_portal: Portal, own: Mapping[str, Any]) -> Answers:
    """The spouse, where the family lives, and the parent's family name for a father's child."""
    answers = {
        **day_answers("born", now().date()),
        "live_with": [role_of(own)],
        "residence_kind": ["permanent" if own.get("permanent_address") else "temporary"],
        "slip_kind": ["signed"],
    }
    spouse = spouse_of(own)
    if spouse is not None:
        answers["other_number"] = [str(spouse["number"])]
        answers["other_name"] = [str(spouse["name"]["full"])]
    father = own if role_of(own) == "father" else spouse
    if father is not None:
        answers["family"] = [str(father["name"]["family"])]
    return answers


async def choices(portal: Portal, draft: Draft) -> Choices:
    """Who files, and at which office: the commune where the parent lives."""
    home = draft.own.get("permanent_address") or draft.own.get("temporary_address")
    return {
        "role": role_of(draft.own),
        "other": other_role(role_of(draft.own)),
        "own": draft.own,
        "commune": str(home["commune_code"]) if home else "",
        "home": await portal.places.written(home) if home else "",
    }


def read(form: Form, offered: Choices, today: date) -> FormRead:
    """The form's answers as the registry's inputs, or the mistakes in the order of the page."""
    reading = Reading(form)
    child: dict[str, Any] = {
        "family": reading.words("family", "birth.family_missing", longest=SYLLABLES),
        "given": reading.words("given", "birth.given_missing", longest=SYLLABLES),
        "sex": reading.choice("sex", SEXES, "birth.sex_missing"),
    }
    if form.text("middle"):
        child["middle"] = reading.words("middle", "birth.family_missing", longest=SYLLABLES)
    born = reading.day("born", "birth.born_missing")
    if born is not None and born > today:
        reading.wrong("born", "birth.born_ahead")
    child["born"] = "" if born is None else born.isoformat()
    child["birth_place"] = reading.words("birth_place", "birth.place_missing", longest=TEXT)
    child["hometown"] = reading.words("hometown", "birth.hometown_missing", longest=TEXT)
    slip = reading.choice("slip_kind", SLIPS, "birth.slip_missing")
    number = reading.words("slip_number", "birth.slip_number_missing", longest=SLIP_NUMBER)
    parents = _parents(reading, form, offered)
    live_with = reading.choice("live_with", parents, "birth.live_with_missing")
    kind = reading.choice("residence_kind", KINDS, "birth.kind_missing")
    facility = reading.words("facility", "form.facility_missing", longest=TEXT)
    if not offered["commune"]:
        reading.wrong("live_with", "birth.no_home")
    reading.ticked("declaration", "form.declaration_missing")
    if reading.errors:
        return FormRead(errors=tuple(reading.errors))
    return FormRead(
        {
            "child": child,
            **parents,
            "birth_slip": {"number": number, "signed": slip == "signed"},
            "commune": offered["commune"],
            "live_with": live_with,
            "residence_kind": kind,
            "facility": facility,
        }
    )


def _parents(reading: Reading, form: Form, offered: Choices) -> dict[str, dict[str, str]]:
    """Both parents, or the one who files when the other is not named."""
    own = offered["own"]
    found = {offered["role"]: {"number": str(own["number"]), "name": str(own["name"]["full"])}}
    if form.text("other_number") or form.text("other_name"):
        found[offered["other"]] = {
            "number": reading.personal_number("other_number", "birth.other_number_missing"),
            "name": reading.words("other_name", "birth.other_name_missing", longest=100),
        }
    return found


PROCEDURE: Final = Procedure(
    procedure_code="linked.birth",
    path="/birth",
    purpose="Liên thông đăng ký khai sinh, đăng ký cư trú, cấp thẻ bảo hiểm y tế cho trẻ dưới 6 tuổi",
    agency_code="G22.99.01",
    system_code="22",
    releases=("number", "name", "birth_date", "sex", "permanent_address", "temporary_address", "household"),
    prefill=prefill,
    choices=choices,
    read=read,
    guide=Guide(
        lead="birth.lead",
        office="birth.office",
        conditions=(
            "birth.condition_parent",
            "birth.condition_slip",
            "birth.condition_home",
            "birth.condition_papers",
        ),
        half_days=6,
    ),
    form_template="linked_birth/form.html",
    review_template="linked_birth/review.html",
    on_behalf=False,
)

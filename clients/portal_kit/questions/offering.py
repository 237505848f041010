"""What a described form offers, and its first answers: places, members of the household, what is known already."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any, Final

from clients.portal_kit.portal import Portal, now
from clients.portal_kit.procedure import Answers, Choices, typed
from clients.portal_kit.questions.people import everybody_of, household_known, kin_of, members_of
from clients.portal_kit.storage.drafts import Draft

ADULT_AGE: Final = 18


async def offered(portal: Portal, draft: Draft) -> Choices:
    """All provinces; the communes of the chosen one; the household; whether a parent must stand behind a minor."""
    today = now().date()
    province = typed(draft.answers).get("province", "")
    permanent = draft.own.get("permanent_address")
    return {
        "own": draft.own,
        "members": list(enumerate(members_of(draft.own))),
        "everybody": list(enumerate(everybody_of(draft.own))),
        "household_known": household_known(draft.own),
        "kin": partial(kin_of, draft.own, today),
        "today": today,
        "permanent": await portal.places.written(permanent) if permanent else "",
        "province": province,
        "provinces": await portal.places.provinces(),
        "communes": await portal.places.communes(province) if province else (),
        "minor": is_minor(str(draft.own.get("birth_date", "")), today),
    }


async def place_answers(portal: Portal, address: Mapping[str, Any] | None) -> Answers:
    """An address of the registry as the answers of a place; none for one that is not known."""
    commune = await portal.places.commune(str(address["commune_code"])) if address else None
    if not address or not commune:
        return {}
    return {
        "province": [commune["province_code"]],
        "commune": [commune["code"]],
        "address": [str(address["text"])],
    }


def is_minor(birth_date: str, today: date) -> bool:
    """Whether somebody may still be under eighteen; a date known in parts counts as late as it can be."""
    parts = [int(part) for part in birth_date.split("-") if part.isdigit()]
    if not parts:
        return False
    latest = (*parts, 12, 31)[:3] if len(parts) == 1 else (*parts, 31)[:3]
    return (today.year - latest[0] - (latest[1:] > (today.month, today.day))) < ADULT_AGE

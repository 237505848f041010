"""My health-insurance card (thẻ bảo hiểm y tế của tôi): what the registry holds of it, read aloud for a person.

The code of a card says more than it shows: group, benefit digit, province, number (insurance.md section 1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from clients.portal_kit.portal import now, portal_of
from clients.portal_kit.refusals import REFUSALS, refused
from clients.portal_kit.registry import Question
from web.qr_codes import qr_code

router = APIRouter(include_in_schema=False)
PATH: Final = "/my-card"
PROCEDURE_CODE: Final = "bhyt.own-card"
PURPOSE: Final = "Người dân xem thẻ bảo hiểm y tế của chính mình"
FIELDS: Final = ("number", "name", "birth_date", "social_insurance_number", "health_insurance")
CARD_LENGTH: Final = 15
ENDS_SOON: Final = 30


@dataclass(frozen=True, slots=True)
class Card:
    """A card in force today: its parts by what they mean."""

    code: str
    valid_from: date
    valid_until: date
    facility: str

    @property
    def group(self) -> str:
        """Two letters: in which group the person is insured."""
        return self.code[:2]

    @property
    def benefit(self) -> str:
        """The digit that says which share is paid."""
        return self.code[2:3]

    def days_left(self, today: date) -> int:
        """Days of cover after today."""
        return (self.valid_until - today).days


def card_of(values: Mapping[str, Any]) -> Card | None:
    """The card among released values; none when nobody pays for this person today."""
    held = values.get("health_insurance")
    if not held or len(str(held["card_code"])) != CARD_LENGTH:
        return None
    return Card(
        str(held["card_code"]),
        date.fromisoformat(held["valid_from"]),
        date.fromisoformat(held["valid_until"]),
        str(held["facility"]),
    )


@router.get(PATH)
async def show(request: Request) -> Response:
    """The person's own card, asked of the registry at this moment; nothing of it is kept here."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None or not portal.may_file(session):
        return portal.to_sign_in(request, filing=True)
    question = Question(PURPOSE, PROCEDURE_CODE)
    try:
        answer = await portal.registry.release(await portal.token(session), question, FIELDS)
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True)
    values, today = answer["values"], now().date()
    card = card_of(values)
    return portal.render(
        request,
        "own_card.html",
        own=values,
        card=card,
        ends_soon=card is not None and card.days_left(today) <= ENDS_SOON,
        picture=None if card is None else qr_code(card.code),
    )

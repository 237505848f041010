"""Pages of the insurance portal that belong to no procedure."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from clients.insurance_portal import card_correction, child_card, household_insurance, own_card
from clients.portal_kit.portal import portal_of

PROCEDURES: Final = (household_insurance.PROCEDURE, child_card.PROCEDURE, card_correction.PROCEDURE)
router = APIRouter(include_in_schema=False)


@router.get("/")
async def front(request: Request) -> Response:
    """What can be done here, and the person's latest dossiers when signed in."""
    portal = portal_of(request)
    session = await portal.session(request)
    latest = await portal.filed.of(session.keeper) if session else ()
    return portal.render(
        request, "front.html", procedures=PROCEDURES, own_card=own_card.PATH, latest=latest[:3]
    )

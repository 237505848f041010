"""Pages of the insurance portal that belong to no procedure."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from clients.insurance_portal.household_insurance import PROCEDURE
from clients.portal_kit.portal import portal_of

router = APIRouter(include_in_schema=False)


@router.get("/")
async def front(request: Request) -> Response:
    """What can be done here, and the person's latest dossiers when signed in."""
    portal = portal_of(request)
    session = await portal.session(request)
    latest = await portal.filed.of(session.signed_in.subject) if session else ()
    return portal.render(request, "front.html", procedure=PROCEDURE, latest=latest[:3])

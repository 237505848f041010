"""The first page: the cases in hand for staff, what can be done here for everybody else."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from clients.one_stop_portal.cases import Case, in_hand
from clients.one_stop_portal.people import is_staff
from clients.portal_kit.paging import Cursor
from clients.portal_kit.portal import portal_of

router = APIRouter(include_in_schema=False)


@router.get("/")
async def front(request: Request) -> Response:
    """Staff see whom they received; a citizen where to go on."""
    portal = portal_of(request)
    session = await portal.session(request)
    cases: tuple[Case, ...] = ()
    following = None
    if session is not None:
        after = Cursor.read(request.query_params.get("cursor"))
        found = await in_hand(portal, session.signed_in.subject, after)
        cases, following = found.rows, found.following
    return portal.render(request, "front.html", staff=is_staff(session), cases=cases, following=following)

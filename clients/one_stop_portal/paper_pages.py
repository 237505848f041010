"""Paper consents for review: those that one's office recorded, and what a colleague found who holds the paper."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.one_stop_portal.people import arrived, clerk_of
from clients.one_stop_portal.storage.papers import FINDINGS, LARGEST, Papers
from clients.portal_kit.paging import Cursor
from clients.portal_kit.portal import Portal, now
from web import PageProblem, csrf, read_form

router = APIRouter(prefix="/papers", include_in_schema=False)
LONGEST_ID: Final = 19


def papers_of(portal: Portal) -> Papers:
    """The papers that this counter keeps."""
    return Papers(portal.database, portal.ring.sealer("counter.paper"), now)


@router.get("")
async def listed(request: Request) -> Response:
    """Who agreed on paper, for what, before whom; the newest first."""
    portal, session, answer = await arrived(request, staff=True)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request)
    found = await papers_of(portal).page(clerk_of(session), Cursor.read(request.query_params.get("cursor")))
    me = session.signed_in.subject
    return portal.render(
        request, "papers.html", papers=found.rows, following=found.following, findings=FINDINGS, me=me
    )


@router.post("/{paper}/review")
async def review(request: Request, paper: str) -> Response:
    """A colleague's finding, once; who recorded the paper does not review it."""
    portal, session, answer = await arrived(request, staff=True)
    form = await read_form(request, max_fields=4)
    await csrf.check(request, form)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request, back_to="/papers")
    finding = form.text("finding")
    known = len(paper) <= LONGEST_ID and paper.isascii() and paper.isdecimal() and int(paper) <= LARGEST
    if finding not in FINDINGS or not known:
        raise PageProblem(404, "not-found")
    name = str(session.signed_in.claims.get("name", ""))
    if not await papers_of(portal).review(int(paper), finding, clerk_of(session), name):
        raise PageProblem(409, "move-refused")
    return RedirectResponse(f"/papers#paper-{paper}", status_code=303)

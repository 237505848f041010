"""The papers of a dossier, for its citizen: a list, and each one as the registry signed it, PDF or JSON."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from clients.portal_kit.dossier_pages import PAPERS, readable
from clients.portal_kit.portal import portal_of
from clients.portal_kit.refusals import REFUSALS, refused
from web import PageProblem

router = APIRouter(include_in_schema=False)
MOST_LINES: Final = 99_999


@router.get("/dossiers/{code}/papers")
async def list_papers(request: Request, code: str) -> Response:
    """Every paper of a dossier, wherever it was filed."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request, back_to=f"/dossiers/{readable(code)}/papers")
    try:
        dossier = await portal.dossiers.one(await portal.token(session), readable(code))
    except REFUSALS as refusal:
        return refused(request, session, refusal, back_to=f"/dossiers/{code}/papers")
    return portal.render(request, "dossier_papers.html", dossier=dossier)


@router.get("/dossiers/{code}/papers/{number}.{form}")
async def download(request: Request, code: str, number: int, form: str) -> Response:
    """One of them as a file."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request, back_to=f"/dossiers/{readable(code)}/papers")
    if form not in PAPERS or not 0 < number <= MOST_LINES:
        raise PageProblem(404, "not-found")
    try:
        content = await portal.dossiers.paper_of_act(
            await portal.token(session), readable(code), number, form
        )
    except REFUSALS as refusal:
        return refused(request, session, refusal, back_to=f"/dossiers/{code}/papers")
    headers = {
        "Content-Disposition": f'attachment; filename="{code}-{number}.{form}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=PAPERS[form], headers=headers)

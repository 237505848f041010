"""My dossiers at all bodies: what to do now, where each stands, results; and how it was, once there is a result."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.national_portal.door import door_of
from clients.national_portal.message import Line, SyncedDossier
from clients.national_portal.notices import may_rate, task_of
from clients.national_portal.page_parts import shown
from clients.national_portal.storage.ratings import MARKS
from clients.portal_kit.dossier_pages import show_dossier
from clients.portal_kit.dossiers import CODE, MAX_CODE
from clients.portal_kit.linked import PARTS, LinkedPart, parts_of
from clients.portal_kit.paging import Cursor
from clients.portal_kit.portal import now, number_in_view, personal_number_of, portal_of
from clients.portal_kit.refusals import REFUSALS
from clients.portal_kit.storage.sessions import PortalSession
from web import PageProblem, csrf, read_form

router = APIRouter(include_in_schema=False)
VIEWS: Final = ("open", "results", "all")
ENDED_IN: Final = {"open": False, "results": True, "all": None}
"""Which dossiers a view lists."""
TOLD_ELSEWHERE: Final = frozenset({"answer_consent", "open_part", "part"})
"""Lines that are no news of the dossier: others' consents, and what each body's own card tells."""


@router.get("/dossiers")
async def dossiers(request: Request) -> Response:
    """Every dossier of the person at every body; what waits for the person comes first."""
    portal, door = portal_of(request), door_of(request)
    session = await door.greet(request)
    if session is None:
        return portal.to_sign_in(request)
    number = number_in_view(session)
    view = request.query_params.get("view", "open")
    view = view if view in VIEWS else "open"
    after = Cursor.read(request.query_params.get("cursor"))
    found = await door.dossiers.page(number, ended=ENDED_IN[view], after=after)
    tasks = [each for each in await door.dossiers.of(number) if task_of(each)] if view == "open" else []
    return portal.render(
        request,
        "all_dossiers.html",
        **shown(request),
        view=view,
        views=VIEWS,
        tasks=tasks if after is None else [],
        dossiers=[each for each in found.rows if view != "open" or not task_of(each)],
        following=found.following,
    )


@router.get("/dossiers/{code}")
async def one(request: Request, code: str) -> Response:
    """One dossier in plain words: where it stands, what to do, its history and parts, the way to its own portal."""
    portal, door = portal_of(request), door_of(request)
    session = await door.greet(request)
    if session is None:
        return portal.to_sign_in(request)
    filed_here = await portal.filed.one(code, session.keeper) if _is_code(code) else None
    number = number_in_view(session)
    if filed_here is not None and await door.dossiers.one(number, code) is None:
        return await show_dossier(request, code)  # filed a moment ago: the registry's message is on its way
    dossier, lines, parts = await _own(request, session, code)
    mine = personal_number_of(session)  # a dependant's notices stay unread for them
    await door.notices.read(mine, code=code)
    request.state.unread = await door.notices.unread(mine)
    return portal.render(
        request,
        "synced_dossier.html",
        **shown(request),
        dossier=dossier,
        lines=[each for each in lines if each.act not in TOLD_ELSEWHERE],
        parts=parts,
        bodies=await _bodies(request, session, dossier),
        complete=len(lines) == dossier.number,
        given=await door.ratings.of(code),
        may_rate=may_rate(dossier),
        marks=tuple(reversed(MARKS)),
    )


@router.post("/dossiers/{code}/rating")
async def rate(request: Request, code: str) -> Response:
    """A mark between 1 and 5, once for each dossier, without whose it was."""
    portal, door = portal_of(request), door_of(request)
    session = await door.greet(request)
    form = await read_form(request, max_fields=4)
    await csrf.check(request, form)
    if session is None:
        return portal.to_sign_in(request, back_to=f"/dossiers/{code}" if _is_code(code) else "/dossiers")
    dossier, lines, parts = await _own(request, session, code)
    if not may_rate(dossier):
        raise PageProblem(409, "move-refused")
    given = form.text("mark")
    if given not in {str(mark) for mark in MARKS}:
        return portal.render(
            request,
            "synced_dossier.html",
            422,
            **shown(request),
            dossier=dossier,
            lines=lines,
            parts=parts,
            bodies=(),
            complete=len(lines) == dossier.number,
            given=None,
            may_rate=True,
            marks=tuple(reversed(MARKS)),
            errors={"mark": portal.pages.texts_for(request).t("rating.missing")},
        )
    await door.ratings.rate(dossier, int(given), now().date())
    return RedirectResponse(f"/dossiers/{code}#rating", status_code=303)


async def _bodies(request: Request, session: PortalSession, dossier: SyncedDossier) -> tuple[LinkedPart, ...]:
    """The parts of a linked dossier with alarms and results, as the registry tells them now; none when it is away."""
    if dossier.procedure_code not in PARTS:
        return ()
    portal = portal_of(request)
    try:
        return parts_of(await portal.dossiers.one(await portal.token(session), dossier.code))
    except REFUSALS:
        return ()


async def _own(
    request: Request, session: PortalSession, code: str
) -> tuple[SyncedDossier, tuple[Line, ...], tuple[SyncedDossier, ...]]:
    """The person's own dossier. Somebody else's and an unknown one are the same 404."""
    found = None
    if _is_code(code):
        found = await door_of(request).dossiers.one(number_in_view(session), code)
    if found is None:
        raise PageProblem(404, "not-found")
    return found


def _is_code(code: str) -> bool:
    return len(code) <= MAX_CODE and CODE.match(code) is not None

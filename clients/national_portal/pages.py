"""Pages of the national portal."""

import re
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from clients.national_portal.news import received_dossiers
from clients.portal_kit.portal import personal_number_of, portal_of
from clients.portal_kit.refusals import REFUSALS, refused

router = APIRouter(include_in_schema=False)
CURSOR: Final = re.compile(r"\A[A-Za-z0-9_=-]{1,200}\Z")


@router.get("/")
async def front(request: Request) -> Response:
    """The front door: services, and the person's latest dossiers when signed in."""
    portal = portal_of(request)
    session = await portal.session(request)
    latest = await received_dossiers(portal).of(personal_number_of(session)) if session else ()
    return portal.render(request, "front.html", latest=latest[:3])


@router.get("/dossiers")
async def dossiers(request: Request) -> Response:
    """Every dossier of the person at every portal."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request)
    known = await received_dossiers(portal).of(personal_number_of(session))
    return portal.render(request, "all_dossiers.html", dossiers=known)


@router.get("/who-looked")
async def who_looked(request: Request) -> Response:
    """Who looked at me: the registry's own log, read with the person's own token."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request)
    cursor = request.query_params.get("cursor")
    try:
        token = await portal.token(session)
        log = await portal.registry.who_looked(token, cursor if cursor and CURSOR.match(cursor) else None)
    except REFUSALS as refusal:
        return refused(request, session, refusal)
    return portal.render(request, "who_looked.html", log=log)

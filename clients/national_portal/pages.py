"""The front door: services by words and by life event, and who looked at me."""

import re
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from clients.national_portal.catalogue import LIFE_EVENTS, LONGEST_SEARCH, Entry, of_event, search
from clients.national_portal.door import door_of
from clients.national_portal.notices import is_ended, task_of
from clients.national_portal.page_parts import shown
from clients.portal_kit.portal import number_in_view, portal_of
from clients.portal_kit.refusals import REFUSALS, refused

router = APIRouter(include_in_schema=False)
CURSOR: Final = re.compile(r"\A[A-Za-z0-9_=-]{1,200}\Z")
LATEST: Final = 3


def way_to(request: Request, entry: Entry, *, signed_in: bool) -> str:
    """One click to the portal that serves it, in the reader's language; signed in here, signed in there."""
    portal = portal_of(request)
    base = portal.settings.portals.get(entry.portal or "")
    if base is None:
        return ""
    language = portal.pages.language_for(request).value
    if base == portal.settings.public_url:
        return entry.path
    if not signed_in:
        return f"{base}{entry.path}?{urlencode({'lang': language})}"
    return f"{base}/sign-in?{urlencode({'next': entry.path, 'lang': language})}"


@router.get("/")
async def front(request: Request) -> Response:
    """The front door: what happened, what is looked for, and what waits for the person who is signed in."""
    portal, door = portal_of(request), door_of(request)
    session = await door.greet(request)
    mine = await door.dossiers.of(number_in_view(session)) if session else ()
    context = shown(request)
    return portal.render(
        request,
        "front.html",
        **context,
        events=tuple(LIFE_EVENTS),
        latest=[each for each in mine if not task_of(each)][:LATEST],
        tasks=[each for each in mine if task_of(each)],
        open_count=sum(not is_ended(each) for each in mine),
    )


@router.get("/services")
async def services(request: Request) -> Response:
    """The catalogue, by words typed with or without marks, or by what happened."""
    portal, door = portal_of(request), door_of(request)
    session = await door.greet(request)
    if not door.services.found:  # just started: this once somebody waits
        await door.services.refresh()
    text = request.query_params.get("q", "")[:LONGEST_SEARCH].strip()
    event = request.query_params.get("event", "")
    event = event if event in LIFE_EVENTS else ""
    found = of_event(door.services.found, event) if event else door.services.found
    ways = {each.code: way_to(request, each, signed_in=session is not None) for each in found}
    return portal.render(
        request,
        "services.html",
        **shown(request),
        # Whoever types nothing sees what can be done at once first.
        found=search(found, text) if text or event else sorted(found, key=lambda each: not ways[each.code]),
        ways=ways,
        text=text,
        event=event,
        events=tuple(LIFE_EVENTS),
        version=door.services.version,
    )


@router.get("/who-looked")
async def who_looked(request: Request) -> Response:
    """Who looked at me: the registry's own log, read with the person's own token."""
    portal = portal_of(request)
    session = await door_of(request).greet(request)
    if session is None:
        return portal.to_sign_in(request)
    cursor = request.query_params.get("cursor")
    try:
        token = await portal.own_access(session)
        log = await portal.registry.who_looked(token, cursor if cursor and CURSOR.match(cursor) else None)
    except REFUSALS as refusal:
        return refused(request, session, refusal)
    return portal.render(request, "who_looked.html", log=log)

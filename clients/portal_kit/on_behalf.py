"""“On whose behalf”: a parent or guardian chooses for whom the pages of this session are, and ends it again.

The choice is kept with the session, sealed; every token for it is asked of the provider anew, and the clock ends it
(Decree 69/2024 Art. 14, Civil Code 2015 Art. 136).
"""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.portal_kit.answers import Reading
from clients.portal_kit.portal import Portal, portal_of
from clients.portal_kit.refusals import REFUSALS, refused
from clients.portal_kit.representing import Dependant, NotDone, dependants_of
from clients.portal_kit.storage.sessions import Acting, PortalSession
from web import csrf, read_form

router = APIRouter(include_in_schema=False)
PATH: Final = "/on-behalf"
MYSELF: Final = "myself"


@router.get(PATH)
async def choose(request: Request) -> Response:
    """The person themselves and whoever they may act for today."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None or not portal.may_file(session):
        return portal.to_sign_in(request, filing=True)
    return await _choosing(request, portal, session)


@router.post(PATH)
async def chosen(request: Request) -> Response:
    """From now on for whom was chosen. The list is asked anew, so nobody is chosen who is no longer in it."""
    portal = portal_of(request)
    session = await portal.session(request)
    form = await read_form(request)
    await csrf.check(request, form)
    if session is None:
        return portal.to_sign_in(request, back_to=PATH)
    if form.text("whom") == MYSELF:  # ending it needs nobody's word
        await portal.sessions.act_for(session, None)
        return RedirectResponse("/", status_code=303)
    if not portal.may_file(session):
        return portal.to_sign_in(request, filing=True, back_to=PATH)
    return await _choosing(request, portal, session, Reading(form))


async def _choosing(
    request: Request, portal: Portal, session: PortalSession, reading: Reading | None = None
) -> Response:
    """The list; with an answer, the choice that it makes."""
    try:
        people = await dependants_of(portal.party, await portal.own_access(session))
    except NotDone:
        return portal.render(request, "acting_ended.html", 403, name="", acting=None)
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True, back_to=PATH)
    errors: dict[str, str] = {}
    if reading is not None:
        by_subject: dict[str, Dependant] = {each.subject: each for each in people}
        whom = reading.choice("whom", set(by_subject), "behalf.whom_missing")
        if not reading.errors:
            await portal.sessions.act_for(session, Acting(by_subject[whom]))
            return RedirectResponse("/", status_code=303)
        texts = portal.pages.texts_for(request)
        errors = {name: texts.t(key) for name, key in reading.errors}
    return portal.render(
        request,
        "on_behalf.html",
        422 if errors else 200,
        people=people,
        myself=MYSELF,
        me=session.signed_in.claims.get("name", ""),
        chosen=session.acting.dependant.subject if session.acting else MYSELF,
        errors=errors,
    )

"""The inbox: what happened to my dossiers, and whether I hear of it by mail."""

import re
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.national_portal.door import door_of
from clients.national_portal.page_parts import shown
from clients.portal_kit.paging import Cursor
from clients.portal_kit.portal import personal_number_of, portal_of
from clients.portal_kit.storage.sessions import PortalSession
from web import Form, csrf, read_form

router = APIRouter(include_in_schema=False)
LONGEST: Final = 254
ADDRESS: Final = re.compile(
    r"\A[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,250}[A-Za-z0-9])?\Z", re.ASCII
)
"""What a mail server and a header surely take; odd addresses are refused rather than guessed."""
CODE: Final = re.compile(r"\A[0-9]{6}\Z", re.ASCII)


@router.get("/inbox")
async def inbox(request: Request) -> Response:
    """The newest notices, and the wish for mail."""
    session = await door_of(request).greet(request)
    if session is None:
        return portal_of(request).to_sign_in(request)
    return await _page(request, session)


@router.post("/inbox/read")
async def read_all(request: Request) -> Response:
    """Every notice was seen."""
    session, _ = await _posted(request)
    if session is None:
        return portal_of(request).to_sign_in(request, back_to="/inbox")
    await door_of(request).notices.read(personal_number_of(session))
    return RedirectResponse("/inbox", status_code=303)


@router.post("/inbox/mail")
async def wish(request: Request) -> Response:
    """An address; a code goes to it before anything else does."""
    session, form = await _posted(request)
    if session is None:
        return portal_of(request).to_sign_in(request, back_to="/inbox")
    address = form.text("address").strip()
    if len(address) > LONGEST or not ADDRESS.match(address) or ".." in address:
        return await _page(request, session, 422, address=address, mistake=("address", "inbox.address_wrong"))
    language = portal_of(request).pages.language_for(request).value
    if not await door_of(request).wishes.ask(personal_number_of(session), address, language):
        return await _page(request, session, 429, address=address, mistake=("address", "inbox.wait"))
    return RedirectResponse("/inbox#mail", status_code=303)


@router.post("/inbox/mail/confirm")
async def confirm(request: Request) -> Response:
    """The code that was sent: from now on notices go there too."""
    session, form = await _posted(request)
    if session is None:
        return portal_of(request).to_sign_in(request, back_to="/inbox")
    code = form.text("code").replace(" ", "")
    if not CODE.match(code) or not await door_of(request).wishes.confirm(personal_number_of(session), code):
        return await _page(request, session, 422, mistake=("code", "inbox.code_wrong"))
    return RedirectResponse("/inbox#mail", status_code=303)


@router.post("/inbox/mail/stop")
async def stop(request: Request) -> Response:
    """No mail any more; the address is forgotten."""
    session, _ = await _posted(request)
    if session is None:
        return portal_of(request).to_sign_in(request, back_to="/inbox")
    await door_of(request).wishes.forget(personal_number_of(session))
    return RedirectResponse("/inbox#mail", status_code=303)


async def _posted(request: Request) -> tuple[PortalSession | None, Form]:
    session = await door_of(request).greet(request)
    form = await read_form(request, max_fields=4)
    await csrf.check(request, form)
    return session, form


async def _page(
    request: Request,
    session: PortalSession,
    status: int = 200,
    *,
    address: str = "",
    mistake: tuple[str, str] | None = None,
) -> Response:
    portal, door = portal_of(request), door_of(request)
    number = personal_number_of(session)
    texts = portal.pages.texts_for(request)
    found = await door.notices.page(number, Cursor.read(request.query_params.get("cursor")))
    return portal.render(
        request,
        "inbox.html",
        status,
        **shown(request),
        notices=found.rows,
        following=found.following,
        wish=await door.wishes.of(number),
        mails=door.mailing is not None,
        address=address,
        errors={} if mistake is None else {mistake[0]: texts.t(mistake[1])},
    )

"""``/sign-in/app``: this screen shows a code for the e-ID app, then two digits, then goes on by itself.

With a script the page asks every two seconds how things stand; without one it reloads itself. Either way each look is
this browser's own, and what a phone approved opens the screen by a visit of this very browser.
"""

from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.authentication import app_sign_in
from idp.authentication.app_sign_in import LookAtScreen, OpenScreen
from idp.authentication.begin import Seen
from idp.domain import paths
from idp.domain.decoupled import shown_user_code
from idp.domain.errors import PageProblem
from idp.domain.screen import Screen, ScreenState
from idp.pages.sign_in import app_path, at
from idp.pages.visit import (
    advanced,
    browser_of,
    client_name,
    go,
    own_form,
    page,
    page_of,
    seen,
    services_of,
)
from web.qr_codes import qr_code

STATE: Final = paths.APP + "/state"
REASONS: Final = frozenset({"late", "wrong_number", "other_context", "denied", "reported"})
SCANNED: Final = "/scan#"


def routes() -> list[Route]:
    """Every page of this part."""
    return [
        page(paths.APP, show_screen),
        page(STATE, show_state),
        page(paths.APP, post_screen, "POST"),
    ]


async def show_screen(request: Request) -> Response:
    """The code, the digits, or why it came to nothing; once a phone approved, on with the sign-in."""
    found = await seen(request, request.query_params.get("i", ""))
    if not app_path(request, found):
        return go(page_of(found.interaction))
    screen = await _look(request, found)
    if screen.state is ScreenState.APPROVED and request.method == "GET":
        return await _opened(request, found)
    return _shown(request, found, screen)


async def show_state(request: Request) -> Response:
    """How things stand, as JSON for the page's script."""
    found = await seen(request, request.query_params.get("i", ""))
    if not app_path(request, found):
        return _json({"state": "gone"})
    screen = await _look(request, found)
    if screen.state is ScreenState.SHOWN:
        picture = qr_code(_text(request, screen))
        return _json({"state": "shown", "qr": str(picture), "code": shown_user_code(screen.code)})
    if screen.state is ScreenState.TAKEN:
        return _json({"state": "taken", "number": screen.number})
    return _json({"state": screen.state.value})


async def post_screen(request: Request) -> Response:
    """Begin once more, or go back to number and password."""
    form, found = await own_form(request)
    if form.text("act") == "back" or not app_path(request, found):
        return go(page_of(found.interaction))
    await _look(request, found, anew=True)
    return go(f"{paths.APP}?i={found.interaction.interaction_id}")


async def _look(request: Request, found: Seen, *, anew: bool = False) -> Screen:
    browser = browser_of(request)
    asked = LookAtScreen(
        found.interaction.interaction_id,
        browser.interaction,
        browser.address,
        browser.agent,
        typed=request.query_params.get("typed", "") == "1",
        anew=anew,
    )
    return await services_of(request).loop.run(asked, asked.needs, app_sign_in.look)


async def _opened(request: Request, found: Seen) -> Response:
    services, here = services_of(request), await at(request, found)
    asked = OpenScreen(
        here.interaction_id,
        here.browser.interaction,
        here.browser.session,
        here.browser.device,
        here.service,
        here.farewell,
        here.browser.agent,
    )
    try:
        return advanced(request, await services.loop.run(asked, asked.needs, app_sign_in.open_screen))
    except PageProblem as problem:
        if problem.code != app_sign_in.NOT_OPENED:
            raise
        return _shown(request, found, await _look(request, found), refused=True)


def _shown(request: Request, found: Seen, screen: Screen, *, refused: bool = False) -> Response:
    services = services_of(request)
    texts = services.pages.texts_for(request)
    state = ScreenState.REFUSED if refused else screen.state
    reason = screen.reason if screen.reason in REASONS else "late"
    i = found.interaction.interaction_id
    return services.pages.render(
        request,
        "sign_in_app.html",
        i=i,
        state=state.value,
        reason=reason,
        service=client_name(found.client, texts.language),
        picture=qr_code(_text(request, screen)) if state is ScreenState.SHOWN else None,
        code=shown_user_code(screen.code) if state is ScreenState.SHOWN else "",
        number=screen.number,
        typed=screen.typed,
        here=f"{paths.APP}?i={i}",
        state_path=f"{STATE}?i={i}" + ("&typed=1" if screen.typed else ""),
        refresh=4 if state is ScreenState.TAKEN else 30 if screen.typed else 9,
        app_url=services.settings.eid_app_url,
        back=page_of(found.interaction),
    )


def _text(request: Request, screen: Screen) -> str:
    """What the code says: an address of the app, so that any camera leads there; no server's log sees the code."""
    return f"{services_of(request).settings.eid_app_url}{SCANNED}{screen.code}"


def _json(document: dict[str, object]) -> Response:
    return Response(orjson.dumps(document), media_type="application/json")

"""``/account/security/app``: an authenticator app, begun, confirmed by its first code, removed."""

import base64
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.authentication import authenticator_app, totp
from idp.authentication.authenticator_app import Begun
from idp.authentication.own_credentials import Changed, KeepCredentials, NotRight, Standing
from idp.authentication.passkey_keeping import ProveFirst
from idp.domain import paths
from idp.pages.account import own_act_form, render_section
from idp.pages.device import prove
from idp.pages.own_standing import TWO_FACTORS, level_for, standing_of
from idp.pages.visit import browser_of, go, page, services_of
from web.qr_codes import qr_code

APP = paths.SECURITY + "/app"
APP_BEGIN = APP + "/begin"
APP_REMOVE = APP + "/remove"
MAX_ID = 32
MAX_CODE = 16


def routes() -> list[Route]:
    """Every page of this part."""
    return [
        page(APP_BEGIN, post_app_begin, "POST"),
        page(APP, show_app),
        page(APP, post_app, "POST"),
        page(APP_REMOVE, post_app_remove, "POST"),
    ]


async def post_app_begin(request: Request) -> Response:
    """Draw a secret; the page that shows it can be opened again while the interaction lives."""
    await own_act_form(request)
    act = KeepCredentials(browser_of(request).session)
    begun = await services_of(request).loop.run(act, act.needs, authenticator_app.begin_app)
    if isinstance(begun, Begun):
        return go(f"{APP}?i={begun.interaction_id}")
    return await prove(request, paths.SECURITY, level_for(await standing_of(request)))


async def show_app(request: Request) -> Response:
    """The picture for the app, the secret in letters, and the field for its first code."""
    here = await standing_of(request, request.query_params.get("i", "")[:MAX_ID])
    if here is None:
        return await prove(request, paths.SECURITY, 1)
    return _app_page(request, here) if here.interaction is not None else go(paths.SECURITY)


async def post_app(request: Request) -> Response:
    """Confirm with the app's code."""
    form = await own_act_form(request)
    act = KeepCredentials(
        browser_of(request).session, interaction_id=form.text("i")[:MAX_ID], code=form.text("code")[:MAX_CODE]
    )
    outcome = await services_of(request).loop.run(act, act.needs, authenticator_app.confirm_app)
    if isinstance(outcome, Changed):
        return go(f"{paths.SECURITY}?done=app")
    here = await standing_of(request, act.interaction_id)
    if isinstance(outcome, NotRight) and here is not None and here.interaction is not None:
        return _app_page(request, here, "security.app.wrong")
    return await prove(request, paths.SECURITY, level_for(here))


async def post_app_remove(request: Request) -> Response:
    """No app any more, unless nothing else would be a second factor."""
    await own_act_form(request)
    act = KeepCredentials(browser_of(request).session)
    outcome = await services_of(request).loop.run(act, act.needs, authenticator_app.remove_app)
    if isinstance(outcome, ProveFirst):
        return await prove(request, paths.SECURITY, TWO_FACTORS)
    return go(f"{paths.SECURITY}?done=app-removed" if isinstance(outcome, Changed) else paths.SECURITY)


def _app_page(request: Request, here: Standing, problem: str = "") -> Response:
    services = services_of(request)
    if here.interaction is None or here.interaction.challenge is None:
        return go(paths.SECURITY)
    secret = base64.b32encode(here.interaction.challenge.value).decode("ascii")
    name = here.person.account.profile.get("name")
    texts = services.pages.texts_for(request)
    return render_section(
        request,
        "account_app.html",
        here.person,
        status=422 if problem else 200,
        action=APP,
        back_path=paths.SECURITY,
        i=here.interaction.interaction_id,
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        picture=qr_code(app_uri(secret, name if isinstance(name, str) else "", services.settings.issuer)),
        errors={"code": texts.t(problem)} if problem else {},
    )


def app_uri(secret: str, name: str, issuer: str) -> str:
    """The Key Uri Format that every app reads; the account is named by the person, not by the number."""
    label = quote(f"Định Danh:{name or issuer}")
    query = urlencode({"secret": secret, "issuer": "Định Danh", "digits": totp.DIGITS, "period": totp.STEP})
    return f"otpauth://totp/{label}?{query}"

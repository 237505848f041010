"""``/account/security``: what I prove myself with, recovery codes, and locking one's own e-ID."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.accounts import acts
from idp.accounts.life import Actor, LockReason, NotAllowed
from idp.authentication import own_credentials
from idp.authentication.own_credentials import KeepCredentials
from idp.authentication.passkey_keeping import ProveFirst
from idp.domain import paths
from idp.pages import authenticator_app, own_password
from idp.pages.account import (
    own_act_form,
    render_section,
    without_session,
)
from idp.pages.authenticator_app import APP_BEGIN, APP_REMOVE
from idp.pages.device import prove
from idp.pages.own_password import PASSWORD
from idp.pages.own_standing import level_for, standing_of
from idp.pages.visit import browser_of, page, services_of, signed_in

CODES = paths.SECURITY + "/recovery-codes"
LOCKED = "/locked"
DONE = frozenset({"password", "app", "app-removed"})


def routes() -> list[Route]:
    """Every page of this part."""
    return [
        page(paths.SECURITY, show_security),
        *own_password.routes(),
        *authenticator_app.routes(),
        page(CODES, show_codes),
        page(CODES, post_codes, "POST"),
        page(paths.LOCK, show_lock),
        page(paths.LOCK, post_lock, "POST"),
        page(LOCKED, show_locked),
    ]


async def show_security(request: Request) -> Response:
    """What I prove myself with, each with the way to change it."""
    here = await standing_of(request)
    if here is None:
        return await prove(request, paths.SECURITY, 1)
    said = request.query_params.get("done", "")
    return render_section(
        request,
        "account_security.html",
        here.person,
        standing=here,
        password_path=PASSWORD,
        app_begin_path=APP_BEGIN,
        app_remove_path=APP_REMOVE,
        passkeys_path=paths.PASSKEYS,
        devices_path=paths.OWN_DEVICES,
        codes_path=CODES,
        removable=bool(here.app and (here.email or here.passkeys)),
        done=said if said in DONE else "",
    )


async def show_codes(request: Request) -> Response:
    """What they are for, and the button that makes them."""
    here = await standing_of(request)
    if here is None or not here.fresh:
        return await prove(request, CODES, level_for(here))
    return render_section(
        request, "account_codes.html", here.person, codes=(), left=here.codes_left, action=CODES
    )


async def post_codes(request: Request) -> Response:
    """Make them and show them, this once; the answer is kept nowhere.

    Another language would be another page, without them: none is offered here, and what must be known stands in both.
    """
    await own_act_form(request)
    act = KeepCredentials(browser_of(request).session)
    outcome = await services_of(request).loop.run(act, act.needs, own_credentials.make_codes)
    here = await standing_of(request)
    if isinstance(outcome, ProveFirst) or here is None:
        return await prove(request, CODES, level_for(here))
    pages = services_of(request).pages
    other = pages.language_for(request).other
    return render_section(
        request,
        "account_codes.html",
        here.person,
        codes=outcome.codes,
        left=here.codes_left,
        action=CODES,
        switch_url="",
        other=other.value,
        said_in_other=pages.texts[other],
    )


async def show_lock(request: Request) -> Response:
    """What locking means, and the question. A password is enough: the low bar is on purpose (domain facts, 6)."""
    person = await signed_in(request)
    if person is None:
        return await prove(request, paths.LOCK, 1)
    return render_section(request, "account_lock.html", person, action=paths.LOCK, back_path=paths.SECURITY)


async def post_lock(request: Request) -> Response:
    """Lock my e-ID, now, everywhere; this browser is signed out with all others."""
    await own_act_form(request)
    person = await signed_in(request)
    if person is None:
        return await prove(request, paths.LOCK, 1)
    act = acts.lock(LockReason.OWN_REQUEST, Actor.SUBJECT)
    try:
        await services_of(request).lives.apply(person.account.account_id, act)
    except NotAllowed:  # closed a moment ago: nothing is left to lock
        return without_session(request, paths.SIGN_IN)
    return without_session(request, LOCKED)


async def show_locked(request: Request) -> Response:
    """It is locked; how it is opened again (high bar: domain facts, section 6)."""
    return services_of(request).pages.render(request, "locked.html")

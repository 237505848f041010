"""``/account/security``: password, authenticator app, recovery codes, and locking one's own e-ID."""

import base64
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.accounts import acts
from idp.accounts.life import Actor, LockReason, NotAllowed
from idp.authentication import own_credentials, totp
from idp.authentication.own_credentials import (
    AdmittedChange,
    Begun,
    Changed,
    CheckedOld,
    KeepCredentials,
    NotRight,
    Standing,
    TooOften,
)
from idp.authentication.passkey_keeping import ProveFirst
from idp.authentication.password_choice import LEAST, Weak
from idp.domain import paths
from idp.pages.account import (
    own_act_form,
    render_section,
    without_session,
)
from idp.pages.device import prove
from idp.pages.farewell import farewell
from idp.pages.visit import browser_of, go, page, pool_of, services_of, signed_in
from web import Form
from web.qr_codes import qr_code

PASSWORD = paths.SECURITY + "/password"
APP = paths.SECURITY + "/app"
APP_BEGIN = APP + "/begin"
APP_REMOVE = APP + "/remove"
CODES = paths.SECURITY + "/recovery-codes"
LOCK = paths.SECURITY + "/lock"
LOCKED = "/locked"
DONE = frozenset({"password", "app", "app-removed"})
TWO_FACTORS = 2
MAX_ID = 32
MAX_CODE = 16
MAX_PASSWORD = 1_024


def routes() -> list[Route]:
    """Every page of this part."""
    return [
        page(paths.SECURITY, show_security),
        page(PASSWORD, show_password),
        page(PASSWORD, post_password, "POST"),
        page(APP_BEGIN, post_app_begin, "POST"),
        page(APP, show_app),
        page(APP, post_app, "POST"),
        page(APP_REMOVE, post_app_remove, "POST"),
        page(CODES, show_codes),
        page(CODES, post_codes, "POST"),
        page(LOCK, show_lock),
        page(LOCK, post_lock, "POST"),
        page(LOCKED, show_locked),
    ]


async def show_security(request: Request) -> Response:
    """What I prove myself with, each with the way to change it."""
    here = await _standing(request)
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
        lock_path=LOCK,
        removable=bool(here.app and (here.email or here.passkeys)),
        done=said if said in DONE else "",
    )


# ---------------------------------------------------------------- password


async def show_password(request: Request) -> Response:
    """The present password and the new one."""
    here = await _standing(request)
    if here is None or not here.fresh:
        return await prove(request, PASSWORD, _level(here))
    return _password_page(request, here)


async def post_password(request: Request) -> Response:
    """Judge the new password, then the present one, then change it."""
    form = await own_act_form(request)
    here = await _standing(request)
    if here is None:
        return await prove(request, PASSWORD, 1)
    act = KeepCredentials(
        browser_of(request).session,
        password=form.get("new_password", ""),
        account_id=here.person.account.account_id,
    )
    outcome = await _judged(request, here, act, form)
    if isinstance(outcome, ProveFirst):
        return await prove(request, PASSWORD, _level(here))
    if isinstance(outcome, Changed):
        return go(f"{paths.SECURITY}?done=password")
    return _password_page(request, here, outcome)


async def _judged(
    request: Request, here: Standing, act: KeepCredentials, form: Form
) -> Changed | ProveFirst | dict[str, str]:
    """What became of it; or what is wrong, field by field. The present password is looked at last."""
    services, texts = services_of(request), services_of(request).pages.texts_for(request)
    if act.password == form.get("password", ""):
        return {"new_password": texts.t(f"password.weak.{Weak.SAME}")}
    if act.password != form.get("new_password_again", ""):
        return {"new_password_again": texts.t("password.not_the_same")}
    admitted = await services.loop.run(act, act.needs, own_credentials.admit_change)
    if isinstance(admitted, ProveFirst):
        return admitted
    if isinstance(admitted, Weak):
        return {"new_password": texts.t(f"password.weak.{admitted}", least=LEAST)}
    if isinstance(admitted, TooOften):
        return {"": texts.t("security.too_often")}
    outcome = await _changed(request, here, act, admitted, form)
    return {"password": texts.t("password.wrong")} if isinstance(outcome, NotRight) else outcome


async def _changed(
    request: Request, here: Standing, act: KeepCredentials, admitted: AdmittedChange, form: Form
) -> Changed | NotRight | ProveFirst:
    services, pool = services_of(request), pool_of(services_of(request))
    verdict = await pool.verify(admitted.password_hash, form.get("password", "")[:MAX_PASSWORD])
    if not verdict.correct:
        return NotRight()
    others = [
        each
        for each in await services.records.sessions(here.person.account.account_id)
        if each.session_id != here.person.session.session_id
    ]
    told = KeepCredentials(act.digest, farewell=await farewell(services, others))
    checked = CheckedOld(told, admitted.password_hash, verdict, await pool.hash(act.password))
    return await services.loop.run(checked, checked.needs, own_credentials.change_password)


# ---------------------------------------------------------------- authenticator app


async def post_app_begin(request: Request) -> Response:
    """Draw a secret; the page that shows it can be opened again while the interaction lives."""
    await own_act_form(request)
    act = KeepCredentials(browser_of(request).session)
    begun = await services_of(request).loop.run(act, act.needs, own_credentials.begin_app)
    if isinstance(begun, Begun):
        return go(f"{APP}?i={begun.interaction_id}")
    return await prove(request, paths.SECURITY, _level(await _standing(request)))


async def show_app(request: Request) -> Response:
    """The picture for the app, the secret in letters, and the field for its first code."""
    here = await _standing(request, request.query_params.get("i", "")[:MAX_ID])
    if here is None:
        return await prove(request, paths.SECURITY, 1)
    return _app_page(request, here) if here.interaction is not None else go(paths.SECURITY)


async def post_app(request: Request) -> Response:
    """Confirm with the app's code."""
    form = await own_act_form(request)
    act = KeepCredentials(
        browser_of(request).session, interaction_id=form.text("i")[:MAX_ID], code=form.text("code")[:MAX_CODE]
    )
    outcome = await services_of(request).loop.run(act, act.needs, own_credentials.confirm_app)
    if isinstance(outcome, Changed):
        return go(f"{paths.SECURITY}?done=app")
    here = await _standing(request, act.interaction_id)
    if isinstance(outcome, NotRight) and here is not None and here.interaction is not None:
        return _app_page(request, here, "security.app.wrong")
    return await prove(request, paths.SECURITY, _level(here))


async def post_app_remove(request: Request) -> Response:
    """No app any more, unless nothing else would be a second factor."""
    await own_act_form(request)
    act = KeepCredentials(browser_of(request).session)
    outcome = await services_of(request).loop.run(act, act.needs, own_credentials.remove_app)
    if isinstance(outcome, ProveFirst):
        return await prove(request, paths.SECURITY, TWO_FACTORS)
    return go(f"{paths.SECURITY}?done=app-removed" if isinstance(outcome, Changed) else paths.SECURITY)


# ---------------------------------------------------------------- recovery codes


async def show_codes(request: Request) -> Response:
    """What they are for, and the button that makes them."""
    here = await _standing(request)
    if here is None or not here.fresh:
        return await prove(request, CODES, _level(here))
    return render_section(
        request, "account_codes.html", here.person, codes=(), left=here.codes_left, action=CODES
    )


async def post_codes(request: Request) -> Response:
    """Make them and show them, this once; the answer is kept nowhere."""
    await own_act_form(request)
    act = KeepCredentials(browser_of(request).session)
    outcome = await services_of(request).loop.run(act, act.needs, own_credentials.make_codes)
    here = await _standing(request)
    if isinstance(outcome, ProveFirst) or here is None:
        return await prove(request, CODES, _level(here))
    other = services_of(request).pages.language_for(request).other.value
    return render_section(
        request,
        "account_codes.html",
        here.person,
        codes=outcome.codes,
        left=here.codes_left,
        action=CODES,
        switch_url=f"{paths.SECURITY}?lang={other}",
    )


# ---------------------------------------------------------------- lock


async def show_lock(request: Request) -> Response:
    """What locking means, and the question. A password is enough: the low bar is on purpose (domain facts, 6)."""
    person = await signed_in(request)
    if person is None:
        return await prove(request, LOCK, 1)
    return render_section(request, "account_lock.html", person, action=LOCK, back_path=paths.SECURITY)


async def post_lock(request: Request) -> Response:
    """Lock my e-ID, now, everywhere; this browser is signed out with all others."""
    await own_act_form(request)
    person = await signed_in(request)
    if person is None:
        return await prove(request, LOCK, 1)
    act = acts.lock(LockReason.OWN_REQUEST, Actor.SUBJECT)
    try:
        await services_of(request).lives.apply(person.account.account_id, act)
    except NotAllowed:  # closed a moment ago: nothing is left to lock
        return without_session(request, paths.SIGN_IN)
    return without_session(request, LOCKED)


async def show_locked(request: Request) -> Response:
    """It is locked; how it is opened again (high bar: domain facts, section 6)."""
    return services_of(request).pages.render(request, "locked.html")


# ---------------------------------------------------------------- parts


async def _standing(request: Request, interaction_id: str | None = None) -> Standing | None:
    if await signed_in(request) is None:
        return None
    act = KeepCredentials(browser_of(request).session, interaction_id=interaction_id or None)
    return await services_of(request).loop.run(act, act.needs, own_credentials.standing)


def _level(here: Standing | None) -> int:
    """Who has a second factor is asked for it."""
    strong = here is None or here.app or here.email is not None or here.passkeys > 0
    return TWO_FACTORS if strong else 1


def _password_page(request: Request, here: Standing, errors: dict[str, str] | None = None) -> Response:
    return render_section(
        request,
        "account_password.html",
        here.person,
        status=422 if errors else 200,
        action=PASSWORD,
        back_path=paths.SECURITY,
        least=LEAST,
        errors=errors or {},
    )


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

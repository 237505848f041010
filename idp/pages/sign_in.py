"""The password page ``/sign-in``, the code page ``/sign-in/second-factor`` and the explanation ``/sign-in/level``."""

from starlette.requests import Request
from starlette.responses import Response

from idp.authentication import app_sign_in, consent, one_time_code, step_up
from idp.authentication.begin import Seen, Visit
from idp.authentication.personal_number import read_personal_number
from idp.authentication.progress import Advanced
from idp.authentication.second_factor import WrongCode
from idp.authentication.sign_in import TooMany
from idp.domain import paths
from idp.domain.session import Step
from idp.pages import flow
from idp.pages.farewell import farewell_of
from idp.pages.flow import At
from idp.pages.pace import Pace
from idp.pages.visit import (
    advanced,
    browser_of,
    client_name,
    go,
    own_form,
    page_of,
    pool_of,
    seen,
    services_of,
    set_cookie,
    signed_in,
)
from web import Form

MAX_ECHO = 64


async def show_sign_in(request: Request) -> Response:
    """The password page of an interaction; without one, a fresh interaction that leads to the account centre."""
    interaction_id = request.query_params.get("i", "")
    if interaction_id:
        found = await seen(request, interaction_id)
        if found.interaction.step != Step.PASSWORD:
            return go(page_of(found.interaction))
        refused = request.query_params.get("persona") == "refused"
        return sign_in_page(request, found, problem="signin.refused" if refused else "")
    if await signed_in(request) is not None:
        return go(paths.ACCOUNT)
    services = services_of(request)
    held = request.cookies.get(services.settings.interaction_cookie)
    language = services.pages.language_for(request).value
    begun = await flow.start(services, Visit(paths.ACCOUNT, language, cookie=held))
    response = go(f"{paths.SIGN_IN}?i={begun.interaction_id}")
    set_cookie(response, request, services.settings.interaction_cookie, begun.cookie)
    return response


async def answer_sign_in(request: Request) -> Response:
    """Judge number and password; every refusal of them is the very same page."""
    form, found = await own_form(request)
    if form.text("act") == "back":
        return await _back(request, found)
    services = services_of(request)
    number = read_personal_number(form.text("personal_number"))
    if number is None:
        return sign_in_page(request, found, form, "signin.number.malformed", status=422)
    outcome = await flow.answer_password(services, await at(request, found), number, form.get("password", ""))
    if isinstance(outcome, Advanced):
        return advanced(request, outcome)
    if isinstance(outcome, TooMany):
        return sign_in_page(
            request, found, form, "signin.too_many", status=429, retry_after=outcome.retry_after
        )
    return sign_in_page(request, found, form, "signin.refused", status=422)


def sign_in_page(
    request: Request,
    found: Seen,
    form: Form | None = None,
    problem: str = "",
    *,
    status: int = 200,
    retry_after: int = 0,
) -> Response:
    """The page of number and password, and of passkeys."""
    services = services_of(request)
    texts = services.pages.texts_for(request)
    errors = {}
    if problem:
        place = "" if problem in {"signin.too_many", "passkey.refused"} else "personal_number"
        errors[place] = (
            texts.t(problem, minutes=max(1, retry_after // 60)) if retry_after else texts.t(problem)
        )
    hint = found.interaction.request.login_hint if found.interaction.request else None
    response = services.pages.render(
        request,
        "sign_in.html",
        status=status,
        form_action=_targets(found),
        i=found.interaction.interaction_id,
        service=client_name(found.client, texts.language),
        app_path=app_path(request, found),
        number=form.text("personal_number")[:MAX_ECHO] if form else (read_personal_number(hint or "") or ""),
        malformed=problem == "signin.number.malformed",
        errors=errors,
        personas=getattr(request.app.state, "personas", ()),
    )
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def app_path(request: Request, found: Seen) -> str:
    """Where this sign-in goes on with the e-ID app; empty where it cannot."""
    able = services_of(request).settings.eid_app_url and app_sign_in.offered(found.interaction)
    return f"{paths.APP}?i={found.interaction.interaction_id}" if able else ""


async def show_second_factor(request: Request) -> Response:
    """The code page."""
    found = await seen(request, request.query_params.get("i", ""))
    if found.interaction.step != Step.SECOND_FACTOR:
        return go(page_of(found.interaction))
    return code_page(request, found, sent=request.query_params.get("sent", ""))


async def answer_second_factor(request: Request) -> Response:
    """Judge a code, send one, or go back."""
    form, found = await own_form(request)
    pace = Pace(pool_of(services_of(request)))
    try:
        return await _answered(request, form, found)
    finally:
        if found.interaction.withheld:
            await pace.keep()


async def _answered(request: Request, form: Form, found: Seen) -> Response:
    services, here = services_of(request), await at(request, found)
    if form.text("act") == "back":
        return await _back(request, found)
    account_id = found.interaction.account_id
    if form.text("act") == "mail":
        outcome = await flow.mail_code(services, here, account_id)
        return go(f"{paths.SECOND_FACTOR}?i={here.interaction_id}&sent={'yes' if outcome.sent else 'enough'}")
    answered = await flow.answer_code(services, here, account_id, _code_of(form))
    if isinstance(answered, WrongCode):
        return code_page(request, found, wrong=answered)
    return advanced(request, answered)


def _code_of(form: Form) -> str:
    """The code, or the recovery code that was given in its place."""
    return (form.text("code") or form.text("recovery"))[:MAX_ECHO]


def code_page(
    request: Request, found: Seen, *, sent: str = "", wrong: WrongCode | None = None, problem: str = ""
) -> Response:
    """The page of the second factor: a passkey, a code or both, by what the account has and what would be enough."""
    services = services_of(request)
    texts = services.pages.texts_for(request)
    interaction, credentials, account = found.interaction, found.credentials, found.account
    # A withheld verdict shows one page to everybody: what the account has would tell that it exists.
    open_ = not interaction.withheld and credentials is not None
    email = credentials.email if open_ and credentials else None
    app = bool(open_ and credentials and credentials.totp_secret)
    errors = {"code": texts.n("code.wrong", wrong.left)} if wrong else {}
    if problem:
        errors[""] = texts.t(problem)
    coded = account is None or step_up.code_helps(
        interaction.request, interaction.required_level, account, credentials, found.amr
    )
    return services.pages.render(
        request,
        "second_factor.html",
        status=422 if wrong or problem else 200,
        form_action=_targets(found),
        i=interaction.interaction_id,
        service=client_name(found.client, texts.language),
        withheld=not open_,
        passkey=not open_ or (account is not None and account.resistance > 0),
        coded=not open_ or coded or (account is not None and not account.resistance),
        app=app,
        email=one_time_code.masked_address(email) if email else "",
        mailed=open_ and interaction.otp_hash is not None and found.now < interaction.otp_expires_at,
        minutes=services.policy.otp_lifetime // 60,
        sent=sent,
        errors=errors,
    )


async def show_level(request: Request) -> Response:
    """Why the asked level is out of reach, and what to do about it."""
    found = await seen(request, request.query_params.get("i", ""))
    if found.interaction.step != Step.STEP_UP:
        return go(page_of(found.interaction))
    services = services_of(request)
    return services.pages.render(
        request,
        "level.html",
        form_action=_targets(found),
        i=found.interaction.interaction_id,
        service=client_name(found.client, services.pages.language_for(request)),
        level=found.account.level if found.account else 1,
        passkey=found.account is not None and step_up.wants_passkey(found.interaction.request, found.account),
        passkeys_path=paths.PASSKEYS,
    )


async def answer_level(request: Request) -> Response:
    """Back to the service."""
    _, found = await own_form(request)
    return await _back(request, found)


async def _back(request: Request, found: Seen) -> Response:
    answer = consent.GoBack(found.interaction.interaction_id, browser_of(request).interaction)
    outcome = await services_of(request).loop.run(answer, answer.needs, consent.go_back)
    return advanced(request, Advanced("/") if found.interaction.request is None else outcome)


async def at(request: Request, found: Seen) -> At:
    """Which interaction is answered from this browser."""
    service = client_name(found.client, found.interaction.locale)
    leaving = await farewell_of(request)
    return At(found.interaction.interaction_id, browser_of(request), service, leaving)


def _targets(found: Seen) -> tuple[str, ...]:
    """Where the forms of an interaction may end: Chromium applies ``form-action`` to the redirects too."""
    request = found.interaction.request
    return (request.redirect_uri,) if request else ()

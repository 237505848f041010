"""``/device``: a person types the code that a device shows, compares it, and says yes or no (RFC 8628, section 3.3).

Four things keep a stranger from borrowing somebody's yes: whoever answers is signed in; the code is shown again and
must be compared; the page says who asks, from where and since when, and warns of strangers; and every act is a form
of our own, never a link. ``verification_uri_complete`` only fills the field in.
"""

from starlette.requests import Request
from starlette.responses import Response

from idp.authentication.begin import Visit
from idp.authentication.throttling import keyed
from idp.domain import paths
from idp.domain.decoupled import read_user_code, shown_user_code
from idp.domain.networks import network_of
from idp.domain.scopes import consent_items
from idp.pages import flow
from idp.pages.account import moment, own_act_form
from idp.pages.consent import described
from idp.pages.details import details_shown
from idp.pages.visit import browser_of, client_name, go, services_of, set_cookie, signed_in
from idp.protocol import decoupled_answers, user_codes
from idp.protocol.decoupled_answers import Answer, GivenAnswer, ProveAgain
from idp.protocol.user_codes import LookRefused, LookUp, Shown
from web import Form

ANSWER = paths.DEVICE + "/answer"
DONE = paths.DEVICE + "/done"
MAX_ECHO = 32
MINUTES = user_codes.GUESSING_WINDOW // 60


async def show_device(request: Request) -> Response:
    """The field for the code, filled in when the address brought one."""
    person = await signed_in(request)
    return _asking(request, request.query_params.get("user_code", ""), signed_in=person is not None)


async def post_device(request: Request) -> Response:
    """Look the code up; sign in first, so that only people with an account may guess."""
    form = await own_act_form(request)
    typed = form.text("user_code")
    code = read_user_code(typed)
    person = await signed_in(request)
    if code is None:
        return _asking(request, typed, "device.malformed", status=422, signed_in=person is not None)
    if person is None:
        return await prove(request, f"{paths.DEVICE}?user_code={shown_user_code(code)}", 1)
    services, browser = services_of(request), browser_of(request)
    address = keyed(services.policy, "address", network_of(browser.address))
    asked = LookUp(browser.session, code, address, person.account.account_id)
    found = await services.loop.run(asked, asked.needs, user_codes.look_up)
    if isinstance(found, Shown):
        return _review(request, found, code)
    if found is LookRefused.TOO_MANY:
        response = _asking(request, typed, "device.too_many", status=429, signed_in=True)
        response.headers["Retry-After"] = str(user_codes.GUESSING_WINDOW)
        return response
    return _asking(request, typed, "device.unknown", status=422, signed_in=True)


async def post_answer(request: Request) -> Response:
    """Yes, no, or "this is not my device"; anything unclear is a no."""
    form = await own_act_form(request)
    code = read_user_code(form.text("user_code")) or ""
    given = GivenAnswer(browser_of(request).session, form.text("request")[:MAX_ECHO], answer_of(form), code)
    outcome = await services_of(request).loop.run(given, given.needs, decoupled_answers.decide)
    if isinstance(outcome, ProveAgain):
        return await prove(request, f"{paths.DEVICE}?user_code={shown_user_code(code)}", outcome.level)
    return go(f"{DONE}?answer={outcome.answer}")


async def show_done(request: Request) -> Response:
    """What the answer means, and where to go on."""
    await signed_in(request)
    said = request.query_params.get("answer", "")
    answer = said if said in set(Answer) else Answer.DENY
    return services_of(request).pages.render(
        request, "device_done.html", answer=str(answer), lock_path=paths.LOCK
    )


def answer_of(form: Form) -> Answer:
    """What a form says: a yes must be said exactly."""
    said = form.text("answer")
    return Answer(said) if said in set(Answer) else Answer.DENY


async def prove(request: Request, next_path: str, level: int) -> Response:
    """Sign in (again), then come back to one of our own pages."""
    services = services_of(request)
    held = request.cookies.get(services.settings.interaction_cookie)
    language = services.pages.language_for(request).value
    begun = await flow.start(services, Visit(next_path, language, level, cookie=held))
    response = go(f"{paths.SIGN_IN}?i={begun.interaction_id}")
    set_cookie(response, request, services.settings.interaction_cookie, begun.cookie)
    return response


def _asking(
    request: Request, typed: str, problem: str = "", *, status: int = 200, signed_in: bool
) -> Response:
    pages = services_of(request).pages
    code = read_user_code(typed)
    errors = {"user_code": pages.texts_for(request).t(problem, minutes=MINUTES)} if problem else {}
    return pages.render(
        request,
        "device.html",
        status=status,
        code=shown_user_code(code) if code else typed[:MAX_ECHO],
        filled=code is not None and not problem,
        signed_in=signed_in,
        errors=errors,
        switch_url=_switch(request, code),
    )


def _review(request: Request, found: Shown, code: str) -> Response:
    pages = services_of(request).pages
    texts = pages.texts_for(request)
    asked, client = found.loaded.request, found.client
    return pages.render(
        request,
        "device_review.html",
        service=client_name(client, texts.language),
        party_kind=client.party_kind.value,
        client_home=client.home_uri,
        code=shown_user_code(code),
        request_id=asked.request_id,
        since=moment(asked.created_at),
        minutes=max(0, found.now - asked.created_at) // 60,
        address=asked.address,
        agent=asked.agent,
        items=described(consent_items(asked.request), found.account, texts),
        details=details_shown(asked.request, client_name(client, texts.language), texts),
        account_name=found.account.profile.get("name"),
        action=ANSWER,
        switch_url=_switch(request, code),
    )


def _switch(request: Request, code: str | None) -> str:
    """The page of the code in the other language; a page that a form made has no address of its own."""
    other = services_of(request).pages.language_for(request).other.value
    shown = f"user_code={shown_user_code(code)}&" if code else ""
    return f"{paths.DEVICE}?{shown}lang={other}"

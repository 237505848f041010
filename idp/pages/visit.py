"""What every page reads of a browser and says to it: cookies, address, device, language, refusals."""

import functools
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from idp.authentication.begin import Look, Seen, SignedInPerson, look, recognise
from idp.authentication.devices import LIFETIME, SEAL_PURPOSE, Device, read_device, write_device
from idp.authentication.pool import Busy, PasswordPool
from idp.authentication.progress import Advanced
from idp.authentication.session import cookie_digest
from idp.authentication.steps import OUT_OF_ORDER
from idp.domain import paths
from idp.domain.client import Client
from idp.domain.errors import PageProblem
from idp.domain.needs import Needs
from idp.domain.session import Interaction, Step
from idp.pages.agents import browser_name
from idp.pages.pace import Pace
from idp.ports import Unavailable
from idp.protocol import oidc_session_management
from idp.shell import Services
from keys import SealBroken
from web import Form, Language, address_seen, csrf, exchange_of, problem_response, read_form
from web import PageProblem as ShownProblem

PAGE_OF_STEP = {
    Step.PASSWORD: paths.SIGN_IN,
    Step.SECOND_FACTOR: paths.SECOND_FACTOR,
    Step.STEP_UP: paths.STEP_UP,
    Step.CONSENT: paths.CONSENT,
    Step.CONTINUE: paths.CONTINUE,
    Step.ENROL: paths.PASSKEYS,
}
MAX_COOKIE = 512
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser brought: hashes of its cookies, the device its sealed cookie names, its address and kind."""

    interaction: bytes | None
    session: bytes | None
    device: Device | None
    address: str = field(repr=False)
    agent: str = ""


def services_of(request: Request) -> Services:
    """What the composition root put together."""
    found: Services = request.app.state.services
    return found


def pool_of(services: Services) -> PasswordPool:
    """The bounded argon2id pool."""
    pool = services.passwords
    if not isinstance(pool, PasswordPool):
        raise TypeError("the services hold no password pool")
    return pool


def browser_of(request: Request) -> Browser:
    """What this request's browser brought; never raises, whatever the cookies hold."""
    services = services_of(request)
    settings = services.settings
    return Browser(
        interaction=cookie_digest(request.cookies.get(settings.interaction_cookie)),
        session=cookie_digest(request.cookies.get(settings.session_cookie)),
        device=_device(request, services),
        address=address_of(request, settings.forwarded_hops),
        agent=browser_name(request.headers.get("user-agent", "")),
    )


def address_of(request: Request, hops: int) -> str:
    """The browser's address: of ``hops`` trusted proxies, what the outermost one saw."""
    peer = request.client.host if request.client else "unknown"
    return address_seen(peer, request.headers.getlist("x-forwarded-for"), hops)


def _device(request: Request, services: Services) -> Device | None:
    cookie = request.cookies.get(services.settings.device_cookie, "")
    if not cookie or len(cookie) > MAX_COOKIE:
        return None
    try:
        sealed = bytes.fromhex(cookie)
        return read_device(services.ring.sealer(SEAL_PURPOSE).open(sealed, "cookie"))
    except (ValueError, SealBroken):
        return None


def go(path: str) -> RedirectResponse:
    """See other: the answer to every accepted form."""
    return RedirectResponse(path, 303)


def advanced(request: Request, outcome: Advanced) -> Response:
    """On to the next page, with the new cookies, if any."""
    services = services_of(request)
    settings = services.settings
    response = go(outcome.path)
    if outcome.cookie is not None:
        set_cookie(response, request, settings.session_cookie, outcome.cookie)
    if outcome.session_id is not None:
        state = oidc_session_management.browser_state(outcome.session_id, services.policy)
        for cookie in settings.browser_state(state, request.cookies):
            response.headers.append("set-cookie", cookie)
    if outcome.device is not None:
        sealed = services.ring.sealer(SEAL_PURPOSE).seal(write_device(outcome.device), "cookie")
        set_cookie(response, request, settings.device_cookie, sealed.hex(), max_age=LIFETIME)
    return response


def set_cookie(
    response: Response, request: Request, name: str, value: str, *, max_age: int | None = None
) -> None:
    """One of our cookies: not for scripts, not sent by other sites' posts; a session cookie without ``max_age``."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        secure=services_of(request).settings.https,
        httponly=True,
        samesite="lax",
    )


async def seen(request: Request, interaction_id: str) -> Seen:
    """Where an interaction of this browser stands. Raises PageProblem when there is none.

    While a verdict is withheld (decision 0005) nobody learns by a clock whether an account was looked up.
    """
    services, browser = services_of(request), browser_of(request)
    pace = Pace(pool_of(services))
    asked = Look(interaction_id, browser.interaction, browser.session)
    found = await services.loop.run(asked, asked.needs, look)
    if found.interaction.withheld:
        await pace.keep()
    speak(request, found.interaction)
    csrf.bind(request, found.interaction.browser_hash.hex())
    return found


async def signed_in(request: Request) -> SignedInPerson | None:
    """The person whose session this browser holds; forms of this exchange are bound to that session."""
    digest = browser_of(request).session
    if digest is None:
        return None
    csrf.bind(request, digest.hex())
    needs = Needs(session_digest=digest, account_of_session=True)
    return await services_of(request).loop.run(digest, needs, recognise)


async def own_form(request: Request) -> tuple[Form, Seen]:
    """The form of an interaction's page, once it is certain that our own page in this browser sent it."""
    form = await read_form(request)
    if form.repeated:
        raise ShownProblem(400, "malformed-form")
    found = await seen(request, form.text("i"))
    await csrf.check(request, form)
    return form, found


def speak(request: Request, interaction: Interaction) -> None:
    """The language that the relying party asked for (OIDC Core 3.1.2.1), unless the person chose one here."""
    pages = services_of(request).pages
    chosen = request.query_params.get("lang") or request.cookies.get(pages.language_cookie)
    wanted = Language.match(interaction.request.ui_locales) if interaction.request else None
    if wanted is not None and not chosen:
        exchange_of(request).language = wanted


def client_name(client: Client | None, language: Language | str) -> str:
    """The relying party's name in the reader's language; empty when there is none."""
    if client is None:
        return ""
    return client.name_en if language == Language.EN else client.name_vi


def page_of(interaction: Interaction) -> str:
    """The page of the only step that may be answered now."""
    return f"{PAGE_OF_STEP[Step(interaction.step)]}?i={interaction.interaction_id}"


def page(path: str, handler: Handler, method: str = "GET") -> Route:
    """A route whose refusals become pages in the reader's language."""

    @functools.wraps(handler)
    async def shown(request: Request) -> Response:
        try:
            return await handler(request)
        except PageProblem as problem:
            if problem.code == OUT_OF_ORDER:
                return await _to_the_right_page(request)
            return await _refused(request, problem.code, problem.status, problem.cause)
        except (Unavailable, Busy) as problem:
            refusal = ShownProblem(
                503, "unavailable", headers={"Retry-After": str(problem.retry_after)}, cause=problem
            )
            return await problem_response(request, refusal)

    return Route(path, shown, methods=[method])


async def _to_the_right_page(request: Request) -> Response:
    """An answer to another step than the stored one has no effect; the person goes where they should be."""
    form = await read_form(request)
    try:
        found = await seen(request, form.text("i") or request.query_params.get("i", ""))
    except PageProblem as problem:
        return await _refused(request, problem.code, problem.status, problem.cause)
    return go(page_of(found.interaction))


async def _refused(request: Request, code: str, status: int, cause: str | None) -> Response:
    slug = code.replace("_", "-")
    problem = ShownProblem(status, slug, title_key=f"problem.{slug}.title", code=code, cause=cause)
    return await problem_response(request, problem)


def browser_hash(cookie: str) -> bytes:
    """What an interaction stores of its cookie."""
    return hashlib.sha256(cookie.encode("ascii")).digest()

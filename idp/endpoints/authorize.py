"""``/authorize`` and ``/continue``: the browser's way in and its way back."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from idp.domain import paths
from idp.domain.errors import PageProblem
from idp.domain.outcomes import AuthorizationOutcome, Interact, RedirectBack
from idp.endpoints import answers, foreign_posts, request_objects, signing
from idp.endpoints.answers import Answer
from idp.endpoints.exchange import Exchange
from idp.protocol import authorization
from idp.protocol.authorization import AuthorizationQuery
from idp.protocol.oidc_response_modes import FORM_POST, location
from idp.protocol.parameters import Parameters
from idp.protocol.rfc9101_request_objects import reading
from idp.shell import Services
from web import PageProblem as ShownProblem
from web import exchange_of, problem_response

OUTCOME = "dinhdanh.outcome"
"""Scope key under which an outcome that needs a page travels on to the application behind."""


async def authorize(exchange: Exchange) -> Answer | None:
    """OIDC Core 3.1.2: the authorization endpoint, GET and POST alike. None: a page must be shown."""
    if exchange.method != "POST":
        return await answered(exchange, exchange.query, None)
    parameters, settings = await exchange.form(), exchange.services.settings
    instead = foreign_posts.visit(
        paths.AUTHORIZE,
        parameters,
        origin=exchange.header(b"origin"),
        issuer=settings.public_url,
        known=settings.session_cookie in exchange.cookies(),
    )
    return answers.see_other(instead) if instead else await answered(exchange, parameters, None)


async def go_on(exchange: Exchange) -> Answer | None:
    """The person comes back from the pages: the same rule decides again. None: a page must be shown."""
    parameters = await exchange.form() if exchange.method == "POST" else exchange.query
    return await answered(exchange, parameters, parameters.get("i") or "")


async def answered(exchange: Exchange, parameters: Parameters, interaction_id: str | None) -> Answer | None:
    """Decide and answer, or leave the outcome for a page."""
    services, settings = exchange.services, exchange.services.settings
    cookies = exchange.cookies()
    brought = await request_objects.brought(exchange, parameters) if interaction_id is None else None
    query = AuthorizationQuery(
        parameters,
        session_cookie=cookies.get(settings.session_cookie),
        interaction_cookie=cookies.get(settings.interaction_cookie),
        hint=signing.verified_hint(reading.hint_of(brought, parameters), services.ring),
        interaction_id=interaction_id,
        brought=brought,
        locale="en" if cookies.get(services.pages.language_cookie) == "en" else "vi",
    )
    outcome = await services.loop.run(query, query.needs, authorization.decide)
    if isinstance(outcome, RedirectBack):
        if outcome.tokens is not None or outcome.jwt is not None:
            outcome = signing.completed(outcome, services.ring)
        if outcome.mode != FORM_POST:
            state = settings.browser_state(outcome.browser_state, cookies)
            return answers.see_other(location(outcome), state)
    if isinstance(outcome, Interact):
        return answers.see_other(
            f"{outcome.path}?i={outcome.interaction_id}", interaction_cookies(outcome, services)
        )
    exchange.scope[OUTCOME] = outcome
    return None


def interaction_cookies(outcome: Interact, services: Services) -> list[str]:
    """The cookie that binds an interaction to this browser."""
    if outcome.cookie is None:
        return []
    secure = "; Secure" if services.settings.https else ""
    name = services.settings.interaction_cookie
    return [f"{name}={outcome.cookie}; Path=/; HttpOnly; SameSite=Lax{secure}"]


async def shown(request: Request) -> Response:
    """The page of an outcome: a form that posts itself to the client, or an explanation."""
    outcome: AuthorizationOutcome = request.scope[OUTCOME]
    services: Services = request.app.state.services
    if isinstance(outcome, RedirectBack):
        state = services.settings.browser_state(outcome.browser_state, request.cookies)
        exchange_of(request).cookies.extend(state)
        return services.pages.render(
            request, "form_post.html", form_action=(outcome.uri,), action=outcome.uri, fields=outcome.params
        )
    if isinstance(outcome, PageProblem):
        return await problem_page(request, outcome)
    raise TypeError("an outcome without a page")


async def problem_page(request: Request, problem: PageProblem) -> Response:
    """An explanation for the person: never a redirect, never the client's words."""
    headers = {"Retry-After": "2"} if problem.status == HTTPStatus.SERVICE_UNAVAILABLE else None
    refusal = ShownProblem(
        problem.status, problem.code.replace("_", "-"), headers=headers, cause=problem.cause
    )
    return await problem_response(request, refusal)

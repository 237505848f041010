"""`install`: everything of this package on one FastAPI application."""

import secrets
from collections.abc import Mapping

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from web.body_limit import DEFAULT_LIMIT, BodyLimit
from web.csrf import Csrf
from web.health import Check, health_routes
from web.installed import Web
from web.logs import configure_logging
from web.pages import Pages
from web.problems import Problem
from web.refusing import handle_http_exception, handle_validation
from web.request_ids import RequestId
from web.security_headers import SecurityHeaders
from web.settings import BaseSettings
from web.unexpected import UnexpectedErrors


def install(
    app: FastAPI,
    pages: Pages,
    settings: BaseSettings,
    *,
    checks: Mapping[str, Check] | None = None,
    body_limit: int = DEFAULT_LIMIT,
    body_limits: Mapping[str, int] | None = None,
    machine_paths: tuple[str, ...] = (),
    unavailable: tuple[type[Exception], ...] = (),
    logs: bool = True,
) -> Web:
    """Put middlewares, error handlers, static files and health routes on an application.

    ``checks``: readiness checks by name. ``body_limits``: bytes by path prefix. ``machine_paths``: prefixes whose
    problems are JSON even for a browser. ``unavailable``: exceptions that mean a part is gone and become 503. Raises
    `UnsafeSetting` when the settings are unsafe in production.
    """
    settings.refuse_unsafe()
    if logs:
        configure_logging(pages.package, settings.log_level)
    secret = settings.session_secret.encode() if settings.session_secret else secrets.token_bytes(32)
    csrf = Csrf(secret, public_url=settings.public_url, cookie_name=f"{pages.cookie_prefix}_csrf")
    pages.csrf, pages.secure, pages.demo = csrf, settings.https, settings.demo
    for texts in pages.texts.values():
        texts.strict = texts.strict and settings.demo
    web = Web(pages, settings, csrf, machine_paths)
    app.state.web = web

    app.add_middleware(BodyLimit, limit=body_limit, overrides=body_limits)
    app.add_middleware(UnexpectedErrors, unavailable=unavailable)
    app.add_middleware(SecurityHeaders, https=settings.https)
    app.add_middleware(RequestId)
    app.add_exception_handler(HTTPException, handle_http_exception)
    app.add_exception_handler(RequestValidationError, handle_validation)

    # The framework would build the address from the Host header and the proxy's scheme (CVE-2023-49097).
    app.router.redirect_slashes = False
    app.router.routes.append(pages.static.route())
    app.router.routes.extend(health_routes(checks))
    app.add_route("/problems/{slug}", explain_problem, methods=["GET"], include_in_schema=False)
    return web


async def explain_problem(request: Request) -> Response:
    """What a problem type means: the page behind its ``type`` URI (RFC 9457 3.1.1)."""
    web: Web = request.app.state.web
    slug = request.path_params["slug"]
    texts = web.pages.texts_for(request)
    if f"problem.{slug}.title" not in texts:
        raise Problem(404, "not-found")
    await web.pages.recognise(request)
    return web.pages.render(request, "problem_type.html", slug=slug)

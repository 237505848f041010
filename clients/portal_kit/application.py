"""The composition root of a portal: settings, services, routes and pages become one FastAPI application."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response

from clients.payment_messages import NOTIFICATIONS_PATH
from clients.portal_kit import (
    consent_pages,
    dossier_pages,
    events,
    paper_pages,
    receipt_pages,
    served,
    sign_in,
)
from clients.portal_kit import on_behalf as behalf
from clients.portal_kit.filing import filing_routes
from clients.portal_kit.payments import pages as payments
from clients.portal_kit.portal import FILING, build_portal, portal_of, recognise, running
from clients.portal_kit.procedure import Procedure
from clients.portal_kit.refusals import REFUSALS, refused
from clients.portal_kit.representing import SCOPE as REPRESENTATION
from clients.portal_kit.sender_keys import SenderKeys
from clients.portal_kit.settings import PortalSettings
from clients.portal_kit.storage.database import DatabaseGone
from clients.portal_kit.storage.drafts import LIFETIME
from clients.portal_kit.words import moment, recorded_date
from web import Pages, Problem, install, problem_response
from web.pages import Navigation

log = logging.getLogger(__name__)
REST = 5.0
FLOW_LIFETIME = 900
"""Seconds between leaving for the provider and coming back."""


def create_portal(
    package: str,
    navigation: Navigation | Callable[[Request], Navigation],
    routers: Iterable[APIRouter],
    procedures: Iterable[Procedure] = (),
    scopes: tuple[str, ...] = FILING,
    background: Iterable[Callable[[], Coroutine[Any, Any, None]]] = (),
    at_end: Callable[[], Coroutine[Any, Any, None]] | None = None,
    *,
    own_dossiers: bool = True,
    on_behalf: bool = False,
    texts_of: tuple[str, ...] = (),
    claims: tuple[str, ...] = (),
    drafts_live: timedelta = LIFETIME,
) -> FastAPI:
    """A portal: ``package`` holds templates and texts, ``routers`` own pages, ``procedures`` what can be filed.

    ``scopes`` are what the portal asks of the registry, and no more than it needs. ``background`` runs beside the
    pages for as long as the process does; ``at_end`` gives back what they held. ``own_dossiers``: it has pages of
    dossiers, receipts and payments, beside those of consents. ``on_behalf``: parents and guardians file here for whom
    they represent. ``texts_of``: packages of portals whose forms are offered here too. ``claims``: what it wants to
    know of whoever signs in, beside name and number. ``drafts_live``: how long what somebody began is kept for them.
    """
    procedures = tuple(procedures)
    if on_behalf:
        scopes, routers = (*scopes, REPRESENTATION), (*routers, behalf.router)
    settings = PortalSettings.from_environment()
    pages = Pages(package, "site.name", navigation, shared=("clients.portal_kit", *texts_of))
    for environment in pages.environments.values():
        environment.filters.update(recorded_date=recorded_date, moment=moment)
    pages.frame = lambda request: portal_of(request).frame(request)
    pages.recognise = recognise
    details = [each.detail for each in procedures if each.verifies]
    paths = {each.procedure_code: each.path for each in procedures}
    portal = build_portal(
        settings, pages, paths, scopes, details, on_behalf=on_behalf, claims=claims, drafts_live=drafts_live
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with running(portal):
            tasks = [asyncio.create_task(kept_going(each)) for each in background]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                if at_end is not None:
                    await at_end()

    app = FastAPI(title=package, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.portal = portal
    app.state.registry_keys = SenderKeys((settings.registry_url,), settings.trust_anchors)
    journeys = (filing_routes(each) for each in procedures)
    shared = (
        dossier_pages.router,
        consent_pages.router,
        receipt_pages.router,
        sign_in.router,
        served.router,
        payments.router,
    )
    kept = shared if own_dossiers else (consent_pages.router, sign_in.router, served.router)
    for router in (*routers, *journeys, *kept, paper_pages.router):
        app.include_router(router)
    app.add_middleware(
        SessionMiddleware,
        secret_key=settings.session_secret or token_urlsafe(32),
        session_cookie=flow_cookie(pages, settings),
        max_age=FLOW_LIFETIME,
        same_site="lax",
        https_only=settings.https,
    )
    app.add_exception_handler(DatabaseGone, database_gone)
    for refusal in REFUSALS:
        app.add_exception_handler(refusal, not_allowed)
    install(
        app,
        pages,
        settings,
        checks={"database": portal.database.ready},
        machine_paths=("/backchannel-logout", events.PATH, NOTIFICATIONS_PATH, "/.well-known"),
    )
    return app


async def kept_going(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run what stands beside the pages; a fault that nobody foresaw is logged, and the work begins again."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("background work failed")
            await asyncio.sleep(REST)
        else:
            return


def flow_cookie(pages: Pages, settings: PortalSettings) -> str:
    """Name of the cookie of a sign-in on its way; over https no other host can plant it (RFC 6265bis 4.1.3.2)."""
    name = f"{pages.cookie_prefix}_flow"
    return f"__Host-{name}" if settings.https else name


async def not_allowed(request: Request, error: Exception) -> Response:
    """A no of provider or registry that no page of a portal took: the same pages as everywhere."""
    portal = portal_of(request)
    session = await portal.session(request)
    return portal.to_sign_in(request) if session is None else refused(request, session, error)


async def database_gone(request: Request, error: Exception) -> Response:
    """Nothing was kept; the person may try again in a moment."""
    return await problem_response(
        request, Problem(503, "unavailable", cause=error, headers={"Retry-After": "3"})
    )

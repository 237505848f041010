"""The composition root: the only place where settings, keys, stores, rules, endpoints and pages meet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Lifespan, Receive, Scope, Send

from idp.authentication.password import Passwords
from idp.authentication.pool import PasswordPool
from idp.domain import paths
from idp.egress import ClientKeys, RequestObjects, fetching
from idp.endpoints.authorize import shown
from idp.endpoints.hot_paths import HotPaths
from idp.endpoints.logout import sign_out
from idp.endpoints.notices import logout_signer, mail_renderer
from idp.pages import page_routes
from idp.ports import Registry, Unavailable
from idp.protocol.rfc6749_framework.server import silence_token_loggers
from idp.registry import HttpRegistry
from idp.settings import Settings
from idp.shell import Loop, Services
from idp.storage import Storage, open_storage
from idp.storage.audit_heads import AuditHeads
from idp.storage.delivery import LogoutDelivery
from idp.storage.holds import HoldDelivery
from idp.storage.mail import MailDelivery
from idp.storage.misuse import MisuseDelivery
from idp.storage.ping_delivery import PingDelivery
from keys import KeyRing
from web import Pages, install
from web.egress import Egress


class Provider(FastAPI):
    """The application; machine-facing addresses stand before the framework and all of its middleware."""

    def __init__(self, *, https: bool, lifespan: Lifespan[FastAPI]) -> None:
        super().__init__(
            title="Định Danh", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
        )
        self.short_path = HotPaths(super().__call__, services=self.services, https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The short path, and behind it the framework."""
        await self.short_path(scope, receive, send)

    def services(self) -> Services:
        """What the lifespan opened."""
        opened_services: Services = self.state.services
        return opened_services


def create_app(settings: Settings | None = None) -> FastAPI:
    """The provider, ready to be served; its stores are opened when it starts.

    Raises :class:`web.SettingsError` when settings are missing or unsafe for production.
    """
    settings = settings or Settings.from_environment()
    settings.refuse_unsafe()
    silence_token_loggers()
    pages = Pages(package="idp", title_key="site.name")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.services = await opened(settings, pages, app, stack)
            yield

    app = Provider(https=settings.https, lifespan=lifespan)
    install(app, pages, settings, checks={part: answering(app, part) for part in ("postgresql", "redis")})
    app.router.routes.extend(
        [
            Route(paths.AUTHORIZE, shown, methods=["GET", "POST"]),
            Route(paths.CONTINUE, shown, methods=["GET", "POST"]),
            without_head(Route(paths.END_SESSION, sign_out, methods=["GET", "POST"])),
        ]
    )
    app.router.routes.extend(page_routes(app, settings))
    return app


async def opened(settings: Settings, pages: Pages, app: FastAPI, stack: AsyncExitStack) -> Services:
    """Everything that endpoints and pages need; what is opened here is closed by ``stack``."""
    ring = KeyRing.open(settings.keys_dir, mode=settings.mode.value)
    registry = HttpRegistry(settings.registry_url, settings.issuer, ring, anchors=settings.trust_anchors)
    stack.push_async_callback(registry.close)
    storage = await open_storage(
        database_url=settings.database_url, redis_url=settings.redis_url, ring=ring, registry=registry
    )
    stack.push_async_callback(storage.close)
    app.state.storage = storage
    passwords = PasswordPool(Passwords(settings.password_profile))
    stack.callback(passwords.close)
    policy = settings.policy()
    egress = Egress(settings.egress())
    stack.push_async_callback(egress.aclose)
    published_keys = ClientKeys(egress.get_json)
    stack.push_async_callback(published_keys.aclose)
    request_objects = RequestObjects(fetching(egress))
    stack.push_async_callback(request_objects.aclose)
    for work in workers(storage, ring, pages, settings, egress, published_keys, registry):
        stack.push_async_callback(stopped, asyncio.create_task(work))
    return Services(
        loop=Loop(storage.loading, storage.committing, policy, published_keys),
        ring=ring,
        pages=pages,
        policy=policy,
        settings=settings,
        registry=registry,
        records=storage.records,
        lives=storage.lives,
        hearing=storage.hearing,
        own=storage.own,
        issuing=storage.issuing,
        passwords=passwords,
        request_objects=request_objects,
        egress=egress,
    )


def workers(
    storage: Storage,
    ring: KeyRing,
    pages: Pages,
    settings: Settings,
    egress: Egress,
    published_keys: ClientKeys,
    registry: Registry,
) -> list[Coroutine[Any, Any, None]]:
    """What runs beside the requests: logout notices, mails, holds, reports, signed heads of the audit log."""
    sign = logout_signer(ring, settings.policy(), storage.clients.__getitem__, published_keys)
    notices = LogoutDelivery(storage.engine, storage.logout_bell, sign, egress.post_form)
    mails = MailDelivery(
        storage.engine,
        storage.mail_bell,
        storage.vault,
        mail_renderer(pages),
        smtp_url=settings.smtp_url,
        sender=settings.mail_from,
    )
    pings = PingDelivery(storage.engine, storage.ping_bell, storage.vault, egress.post_json)
    heads = AuditHeads(storage.engine, ring, issuer=settings.issuer)
    holds = HoldDelivery(storage.engine, storage.hold_bell, storage.accounts.opened_number, registry.hold)
    reports = MisuseDelivery(
        storage.engine,
        storage.report_bell,
        storage.vault,
        storage.accounts.opened_number,
        storage.records.line,
        registry.report_misuse,
    )
    return [notices.run(), mails.run(), pings.run(), holds.run(), reports.run(), heads.run()]


async def stopped(task: asyncio.Task[None]) -> None:
    """End a worker; one that failed before is reported by its own log."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def answering(app: FastAPI, part: str) -> Callable[[], Awaitable[object]]:
    """A readiness check that raises while a store does not answer."""

    async def check() -> None:
        storage: Storage = app.state.storage
        ready = storage.postgres_ready if part == "postgresql" else storage.redis_ready
        if not await ready():
            raise Unavailable(part)

    return check


def without_head(route: Route) -> Route:
    """The same route without HEAD, which Starlette adds to GET: an act is not a look (RFC 9110, section 9.3.2)."""
    if route.methods is not None:
        route.methods.discard("HEAD")
    return route

"""The payment gateway's application; run with ``uvicorn --factory clients.payment_gateway.app:create_app``."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from clients.payment_gateway import intake, pages
from clients.payment_gateway.gateway import Gateway, page_token
from clients.payment_gateway.notifications import Notifications
from clients.payment_gateway.settings import GatewaySettings
from clients.payment_gateway.storage.orders import Orders
from clients.portal_kit.portal import now
from clients.portal_kit.sender_keys import SenderKeys
from clients.portal_kit.storage.database import Database, DatabaseGone
from keys import KeyRing
from web import Pages, install


def create_app() -> FastAPI:
    """The application, with settings from the environment."""
    settings = GatewaySettings.from_environment()
    rendered = Pages("clients.payment_gateway", "site.name")
    ring = KeyRing.open(settings.keys_dir)
    database = Database(settings.database_url)
    gateway = Gateway(
        settings=settings,
        pages=rendered,
        ring=ring,
        database=database,
        orders=Orders(database, lambda payee_url, key: page_token(ring, payee_url, key), now),
        payees=SenderKeys(settings.payee_urls, settings.trust_anchors),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        notifications = Notifications(app.state.gateway)
        worker = asyncio.create_task(notifications.run())
        try:
            yield
        finally:
            worker.cancel()
            await asyncio.wait([worker])
            await notifications.close()
            await database.close()

    app = FastAPI(
        title="clients.payment_gateway", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.gateway = gateway
    app.include_router(intake.router)
    app.include_router(pages.router)
    install(
        app,
        rendered,
        settings,
        checks={"database": database.ready},
        machine_paths=("/v1", "/.well-known"),
        unavailable=(DatabaseGone,),
    )
    return app

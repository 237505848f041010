"""The national portal's application; run with ``uvicorn --factory clients.national_portal.app:create_app``."""

from typing import Any, Final

from fastapi import FastAPI

from clients.national_portal import (
    dossier_pages,
    inbox_pages,
    linked_birth,
    linked_death,
    pages,
    statistics_pages,
)
from clients.national_portal.door import Door, build_door
from clients.portal_kit.application import create_portal
from clients.portal_kit.events import RegistryEvent, event_router
from clients.portal_kit.portal import FILING, WHO_LOOKED

NAVIGATION: Final = (
    ("nav.home", "/"),
    ("nav.services", "/services"),
    ("nav.dossiers", "/dossiers"),
    ("nav.inbox", "/inbox"),
    ("nav.statistics", "/statistics"),
    ("nav.who_looked", "/who-looked"),
)


def create_app() -> FastAPI:
    """The application, with settings from the environment."""

    def door() -> Door:
        found: Door = app.state.door
        return found

    async def take(connection: Any, event: RegistryEvent) -> None:
        await door().take(connection, event)

    async def reconcile() -> None:
        await door().reconciler.run()

    async def look_around() -> None:
        await door().services.run()

    async def mail() -> None:
        mailing = door().mailing
        if mailing is not None:
            await mailing.run()

    async def hang_up() -> None:
        await door().client.aclose()

    app = create_portal(
        "clients.national_portal",
        NAVIGATION,
        (
            pages.router,
            dossier_pages.router,
            inbox_pages.router,
            statistics_pages.router,
            event_router(take),
        ),
        procedures=(linked_birth.PROCEDURE, linked_death.PROCEDURE),
        scopes=(*WHO_LOOKED, *FILING),
        background=(reconcile, look_around, mail),
        at_end=hang_up,
        on_behalf=True,
    )
    app.state.door = build_door(app)
    return app

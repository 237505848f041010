"""The residence portal's application; run with ``uvicorn --factory clients.residence_portal.app:create_app``."""

from typing import Final

from fastapi import FastAPI

from clients.portal_kit.application import create_portal
from clients.portal_kit.events import event_router
from clients.residence_portal import pages
from clients.residence_portal.procedures import PROCEDURES

NAVIGATION: Final = (
    ("nav.home", "/"),
    ("nav.dossiers", "/dossiers"),
    ("nav.consents", "/consents"),
    ("nav.check_receipt", "/receipts/check"),
)


def create_app() -> FastAPI:
    """The application, with settings from the environment."""
    return create_portal(
        "clients.residence_portal",
        NAVIGATION,
        (pages.router, event_router()),
        PROCEDURES,
        on_behalf=True,
    )

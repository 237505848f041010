"""The insurance portal's application; run with ``uvicorn --factory clients.insurance_portal.app:create_app``."""

from typing import Final

from fastapi import FastAPI

from clients.insurance_portal import own_card, pages
from clients.portal_kit.application import create_portal
from clients.portal_kit.events import event_router

NAVIGATION: Final = (
    ("nav.home", "/"),
    ("nav.household_insurance", pages.PROCEDURES[0].path),
    ("nav.own_card", own_card.PATH),
    ("nav.dossiers", "/dossiers"),
    ("nav.check_receipt", "/receipts/check"),
)


def create_app() -> FastAPI:
    """The application, with settings from the environment."""
    return create_portal(
        "clients.insurance_portal",
        NAVIGATION,
        (pages.router, own_card.router, event_router()),
        pages.PROCEDURES,
        on_behalf=True,
    )

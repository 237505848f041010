"""The one-stop counter's application; run with ``uvicorn --factory clients.one_stop_portal.app:create_app``."""

from typing import Final

from fastapi import FastAPI

from clients.one_stop_portal import desk, fronts, own_filing, paper_pages, reception
from clients.portal_kit.application import create_portal
from clients.portal_kit.events import event_router

NAVIGATION: Final = (
    ("nav.home", "/"),
    ("nav.receive", "/cases/new"),
    ("nav.file", "/file"),
    ("nav.dossiers", "/dossiers"),
    ("nav.check_receipt", "/receipts/check"),
)
SCOPES: Final = ("registry:dossiers", "registry:verify", "registry:release", "representation")
TEXTS_OF: Final = ("clients.residence_portal", "clients.insurance_portal")
"""Whose forms are filled in here."""


def create_app() -> FastAPI:
    """The application, with settings from the environment."""
    routers = (
        fronts.router,
        reception.router,
        desk.router,
        paper_pages.router,
        own_filing.router,
        event_router(),
    )
    return create_portal("clients.one_stop_portal", NAVIGATION, routers, scopes=SCOPES, texts_of=TEXTS_OF)

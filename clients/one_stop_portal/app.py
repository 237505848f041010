"""The one-stop counter's application; run with ``uvicorn --factory clients.one_stop_portal.app:create_app``."""

from datetime import timedelta
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request

from clients.one_stop_portal import desk, fronts, own_filing, paper_pages, reception, taking_over
from clients.one_stop_portal.people import OFFICE, ROLE, says_staff
from clients.portal_kit.application import create_portal
from clients.portal_kit.events import event_router
from web.pages import Navigation

FOR_EVERYBODY: Final = (
    ("nav.home", "/"),
    ("nav.file", "/file"),
    ("nav.dossiers", "/dossiers"),
    ("nav.check_receipt", "/receipts/check"),
)
FOR_STAFF: Final = (
    ("nav.home", "/"),
    ("nav.receive", "/cases/new"),
    ("nav.colleagues", "/colleagues"),
    ("nav.papers", "/papers"),
    *FOR_EVERYBODY[1:],
)
SCOPES: Final = (
    "office",
    "registry:dossiers",
    "registry:verify",
    "registry:release",
    "representation",
)
CASES_LIVE: Final = timedelta(days=14)
"""People come back with what was missing, and for the result; most terms are seven working days or less."""
TEXTS_OF: Final = ("clients.residence_portal", "clients.insurance_portal", "clients.national_portal")
"""Whose forms are filled in here."""


def navigation(request: Request) -> Navigation:
    """The menu of whoever is signed in; what only staff may use is not offered to anybody else."""
    return FOR_STAFF if says_staff(getattr(request.state, "claims", {})) else FOR_EVERYBODY


def create_app() -> FastAPI:
    """The application, with settings from the environment."""
    routers = (
        fronts.router,
        reception.router,
        desk.router,
        taking_over.router,
        paper_pages.router,
        own_filing.router,
        event_router(),
    )
    return create_portal(
        "clients.one_stop_portal",
        navigation,
        routers,
        scopes=SCOPES,
        texts_of=TEXTS_OF,
        claims=(ROLE, OFFICE),
        drafts_live=CASES_LIVE,
    )

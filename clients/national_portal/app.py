"""The national portal's application; run with ``uvicorn --factory clients.national_portal.app:create_app``."""

from typing import Final

from fastapi import FastAPI

from clients.national_portal import news, pages
from clients.portal_kit.application import create_portal
from clients.portal_kit.events import event_router, keep_dossier
from clients.portal_kit.portal import WHO_LOOKED
from clients.portal_kit.sender_keys import SenderKeys

NAVIGATION: Final = (
    ("nav.home", "/"),
    ("nav.dossiers", "/dossiers"),
    ("nav.who_looked", "/who-looked"),
    ("nav.check_receipt", "/receipts/check"),
)


def create_app() -> FastAPI:
    """The application, with settings from the environment."""
    routers = (pages.router, news.router, event_router(keep_dossier))
    app = create_portal("clients.national_portal", NAVIGATION, routers, scopes=WHO_LOOKED)
    settings = app.state.portal.settings
    app.state.sender_keys = SenderKeys(settings.portal_urls, settings.trust_anchors)
    return app

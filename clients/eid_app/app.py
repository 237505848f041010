"""The e-ID app's application; run with ``uvicorn --factory clients.eid_app.app:create_app``."""

from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI

from clients.eid_app import enrolment, pages
from clients.portal_kit.application import create_portal
from clients.portal_kit.portal import fresh_signer
from clients.relying_party import RelyingParty
from keys import KeyPurpose

NAVIGATION: Final = (("eid.nav.app", "/"), ("eid.consents", "/consents"))
SCOPES: Final = ("registry:dossiers",)


def create_app() -> FastAPI:
    """The application, with settings from the environment."""
    app = create_portal(
        "clients.eid_app",
        NAVIGATION,
        (pages.router, enrolment.router),
        scopes=SCOPES,
        own_dossiers=False,
    )
    app.state.consent_channel = "app"
    app.state.consent_signing = pages.TOLD
    portal = app.state.portal

    def sign(claims: Mapping[str, object]) -> str:
        return fresh_signer(portal.ring, KeyPurpose.CLIENT_ASSERTION).sign(claims)

    app.state.enrolling = RelyingParty(
        issuer=portal.settings.issuer,
        client_id=portal.settings.client_id,
        redirect_uri=f"{portal.settings.public_url}{enrolment.CALLBACK}",
        scopes=enrolment.SCOPES,
        sign=sign,
        anchors=portal.settings.trust_anchors,
    )
    return app

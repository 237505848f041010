"""What the front door holds beside the parts of every portal; found as ``request.app.state.door``."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
from fastapi import FastAPI
from starlette.requests import Request

from clients.dpop import HeldToken
from clients.national_portal.figures import Figures
from clients.national_portal.mailing import Mailing
from clients.national_portal.reconciling import Reconciler, RegistryLines
from clients.national_portal.services import Services
from clients.national_portal.storage.notices import Notices
from clients.national_portal.storage.ratings import Ratings
from clients.national_portal.storage.synced import SyncedDossiers
from clients.national_portal.storage.wishes import Wishes
from clients.portal_kit.events import RegistryEvent
from clients.portal_kit.portal import Portal, now, personal_number_of, portal_of
from clients.portal_kit.storage.sessions import PortalSession
from clients.portal_kit.wire import TIMEOUT
from web.anchors import trusting


@dataclass(slots=True)
class Door:
    """The parts of the front door; ``client`` reaches the registry and the other portals."""

    client: httpx2.AsyncClient
    dossiers: SyncedDossiers
    notices: Notices
    ratings: Ratings
    wishes: Wishes
    services: Services
    figures: Figures
    reconciler: Reconciler
    mailing: Mailing | None

    async def take(self, connection: Any, event: RegistryEvent) -> None:
        """An event of the registry."""
        await self.reconciler.take(connection, event)

    async def greet(self, request: Request) -> PortalSession | None:
        """Who is signed in, with the number of notices that wait on every page.

        Dossiers here come from this portal's own database, so the provider is asked for a token before a dependant's
        are shown: raises `ActingEnded` and ``SignInFailed``, which become pages (`portal_kit.refusals`).
        """
        portal = portal_of(request)
        session = await portal.session(request)
        if session is not None:
            request.state.unread = await self.notices.unread(personal_number_of(session))
            if session.acting is not None:
                await portal.token(session)
        return session


def build_door(app: FastAPI, client: httpx2.AsyncClient | None = None) -> Door:
    """Put the parts together; nothing is contacted yet."""
    portal: Portal = app.state.portal
    settings = portal.settings
    client = client or httpx2.AsyncClient(
        timeout=TIMEOUT, follow_redirects=False, verify=trusting(settings.trust_anchors)
    )

    def person_key(number: str) -> bytes:
        return portal.ring.lookup_hash("portal.person", number)

    async def own_token(scope: str) -> HeldToken:
        present: Portal = app.state.portal
        return await present.party.own_token(scope)

    dossiers = SyncedDossiers(portal.database, portal.ring.sealer("portal.dossier"), person_key)
    wishes_sealer = portal.ring.sealer("portal.news")
    registry = settings.registry_url.rstrip("/")
    others = {name: url for name, url in settings.portals.items() if url != settings.public_url.rstrip("/")}
    return Door(
        client=client,
        dossiers=dossiers,
        notices=Notices(portal.database, person_key),
        ratings=Ratings(portal.database),
        wishes=Wishes(portal.database, wishes_sealer, person_key, now),
        services=Services(registry, others, app.state.registry_keys, client, {"national": portal.procedures}),
        figures=Figures(registry, client),
        reconciler=Reconciler(
            database=portal.database,
            store=dossiers,
            registry=RegistryLines(registry, lambda: app.state.portal.registry, own_token),
            keys=app.state.registry_keys,
            audience=settings.public_url,
            first_time=timedelta(days=settings.first_comparison_days),
        ),
        mailing=None
        if settings.smtp_url is None
        else Mailing(
            database=portal.database,
            sealer=wishes_sealer,
            texts=portal.pages.texts,
            inbox=f"{settings.public_url}/inbox",
            smtp_url=settings.smtp_url,
            sender=settings.mail_sender,
        ),
    )


def door_of(request: Request) -> Door:
    """The front door that serves this request."""
    found: Door = request.app.state.door
    return found

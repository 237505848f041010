"""The registry's only composition root: settings in, application out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any

import httpx2
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from keys import KeyRing
from population_registry.api.answering import Answering
from population_registry.api.batch_documents import PREFIX as BATCHES
from population_registry.api.bearer import TokenGate
from population_registry.api.card_trust import CardTrust
from population_registry.api.catalogue_files import load_catalogue
from population_registry.api.catalogues import PublishedCatalogue
from population_registry.api.challenges import Challenges
from population_registry.api.check_pages import CHECK_FILE, LARGEST_UPLOAD, check_routes
from population_registry.api.checking import PaperChecks
from population_registry.api.confirming import Communes, Confirming
from population_registry.api.counting import Statistics
from population_registry.api.database import Database
from population_registry.api.documentation import add_documentation
from population_registry.api.dossiers.desk import Desk
from population_registry.api.dossiers.refusals import answer_dossier_refusal
from population_registry.api.hot_path import HotPath
from population_registry.api.issuer_keys import IssuerKeys
from population_registry.api.metadata import metadata, metadata_path, metadata_url, origin_of
from population_registry.api.possession import Possession
from population_registry.api.pressing import PaperPress
from population_registry.api.problems import answer_refusal
from population_registry.api.references import Document, References
from population_registry.api.resource import ResourceHeaders
from population_registry.api.routers import ROUTERS
from population_registry.api.searching import Searching
from population_registry.api.service import Service
from population_registry.api.shared_trips import SharedTrips
from population_registry.api.status_lists import StatusLists
from population_registry.api.verifications import PATH as VERIFICATIONS
from population_registry.api.verifications import verify
from population_registry.console.building import build_console
from population_registry.console.routes import console_routes
from population_registry.dossiers import DossierRefused
from population_registry.dossiers.working_days import public_holidays
from population_registry.papers.chip.certificates import SEALS
from population_registry.papers.keeping import FOLDER as CARDS_FOLDER
from population_registry.papers.keeping import CardKeys
from population_registry.papers.typesetting import CHECK_PATH
from population_registry.settings import RegistrySettings
from population_registry.storage.dossiers import is_held
from population_registry.storage.log_tree import LogTree
from population_registry.upkeep import upkeep
from population_registry.verification.deciding import Policy
from population_registry.verification.guessing import BudgetPolicy
from population_registry.verification.refusals import Refusal
from population_registry.working import limits_of
from web import Pages, install
from web.anchors import trusting

METADATA_MAX_AGE = 300


def utc_now() -> datetime:
    """The clock of a running service."""
    return datetime.now(UTC)


class Registry(FastAPI):
    """The application; the hot path stands before the framework and all of its middleware."""

    def __init__(self, *, https: bool, **framework: Any) -> None:
        super().__init__(**framework)
        self.hot_path = HotPath(super().__call__, https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The hot path, and behind it the framework."""
        scope["app"] = self
        await self.hot_path(scope, receive, send)


def create_app(
    settings: RegistrySettings | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> FastAPI:
    """The application; settings come from the environment unless given.

    Raises:
        SettingsError: a setting is missing or unsafe.
        CatalogueError: the catalogue cannot be read.
        KeyRefused: the key folder cannot be used.
        CardKeysError: a certificate of the card authority cannot be read.
    """
    settings = settings or RegistrySettings.from_environment()
    client = httpx2.AsyncClient(transport=transport, trust_env=False, verify=trusting(settings.trust_anchors))
    database = Database(settings.database_url, largest=settings.database_connections)
    references = References.load()
    ring = KeyRing.open(settings.keys_dir, mode=settings.mode.value)
    challenges = Challenges(metadata_url(settings.public_url), settings.public_url)
    policy = Policy(BudgetPolicy(tries=settings.guesses_per_day), references.successors, references.places)
    catalogue = load_catalogue()
    trips = SharedTrips(database, policy.budget)
    answering = Answering(
        database=database,
        trips=trips,
        ring=ring,
        catalogue=catalogue,
        policy=policy,
        issuer=settings.public_url,
        clock=clock,
    )
    communes = Communes.load()
    keys = IssuerKeys(settings.issuer, client)

    async def held(number: str) -> bool:
        async with database.pool() as pool:
            return await is_held(pool, number)

    confirming = Confirming(database, ring, answering.positions, communes, settings.public_url, clock)
    service = Service(
        gate=TokenGate(
            keys,
            issuer=settings.issuer,
            audience=settings.public_url,
            possession=Possession(
                ring, trips, origin_of(settings.public_url), settings.dpop_nonces, settings.trusted_proxies
            ),
            challenges=challenges,
            clock=clock,
            held=held,
        ),
        answering=answering,
        references=references,
        status_lists=StatusLists(database, ring, settings.public_url, clock),
        published=PublishedCatalogue(catalogue, ring, settings.public_url, clock),
        cards=CardTrust.open(settings.keys_dir / CARDS_FOLDER),
        batches=limits_of(settings),
        confirming=confirming,
        paper_checks=PaperChecks(database, ring, communes, clock),
        paper_press=PaperPress(database, CardKeys.beside(settings.keys_dir, ring, SEALS), clock),
        forwarded_hops=settings.forwarded_hops,
        desk=Desk(database, catalogue, ring, references, clock, confirming),
        searching=Searching(database, ring, references.places_of_today, clock),
        log_tree=LogTree(ring, settings.public_url, clock),
        statistics=Statistics(database, references.places, clock),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # The calendar takes half a second to read; the first assessment shall not wait for it.
        reading = asyncio.create_task(asyncio.to_thread(public_holidays, clock().year))
        try:
            async with upkeep(database, service.desk, clock, policy.budget.window):
                yield
        finally:
            await reading
            await trips.close()
            await database.close()
            await client.aclose()

    app = Registry(
        https=settings.https,
        title="Định Danh: population registry (mock)",
        version="1",
        description="Values in, flags out. Every answer is logged before it leaves and carries a signed receipt.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    pages = Pages(
        "population_registry",
        "registry.name",
        (
            ("registry.nav.check", CHECK_PATH),
            ("registry.nav.docs", "/docs"),
            ("registry.nav.console", "/console"),
        ),
        strict_texts=settings.strict_texts,
    )
    app.state.service = service
    app.state.challenges = challenges
    install(
        app,
        pages,
        settings,
        checks={"database": database.check},
        body_limits={BATCHES: settings.batch_largest_bytes, CHECK_FILE: LARGEST_UPLOAD},
        machine_paths=("/v1/", "/.well-known/", "/console/backchannel-logout"),
    )
    app.add_middleware(ResourceHeaders)
    app.add_exception_handler(Refusal, answer_refusal)
    app.add_exception_handler(DossierRefused, answer_dossier_refusal)
    app.router.routes.append(Route(VERIFICATIONS, verify, methods=["POST"]))
    for part in ROUTERS:
        app.include_router(part)
    app.router.routes.extend(check_routes(pages))
    described = _of(Document.of(metadata(settings, ring)))
    app.router.routes.append(Route(metadata_path(settings.public_url), described, methods=["GET"]))
    add_documentation(app, pages)
    app.state.console = build_console(settings, service, pages, keys, transport)
    secret = settings.session_secret or token_urlsafe(32)
    app.router.routes.extend(console_routes(secret=secret, https=settings.https))
    app.add_route("/", _home, methods=["GET"], include_in_schema=False)
    return app


def _of(document: Document) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return document.response(request, max_age=METADATA_MAX_AGE)

    return answer


async def _home(_: Request) -> Response:
    return RedirectResponse("/docs", 302)

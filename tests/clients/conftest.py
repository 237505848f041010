"""Portals on a real database, in front of the real registry with the personas, behind a small real provider."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import text

import clients.eid_app.app
import clients.insurance_portal.app
import clients.national_portal.app
import clients.one_stop_portal.app
import clients.residence_portal.app
from clients.portal_kit import levels
from clients.portal_kit.places import Places
from clients.portal_kit.portal import Portal
from clients.portal_kit.registry import RegistryClient
from clients.portal_kit.storage.database import Database
from clients.portal_kit.storage.migrating import migrate
from clients.portal_kit.storage.tables import metadata
from clients.relying_party import RelyingParty, SignedIn
from keys import KeyPurpose, KeyRing
from population_registry.api.database import Database as RegistryDatabase
from population_registry.app import create_app as create_registry
from population_registry.dossiers.working_days import VIET_NAM
from population_registry.officers import _cast
from population_registry.settings import RegistrySettings
from population_registry.storage import migrate as migrate_registry
from population_registry.storage.connections import connect
from population_registry.storage.officers import appoint
from population_registry.synthesis import populate
from population_registry.upkeep import renew_by_lists
from tests.clients.provider import ISSUER, Provider
from tests.engines import MakeDatabase

REGISTRY = "http://localhost:8100"
PERSONAS = Path(__file__).parents[2] / "demo" / "personas.toml"
CARDS_END = date(datetime.now(VIET_NAM).year, 12, 31)
"""The last day of the insurance cards of who is insured by the year: this registry goes by the real clock."""
URLS = {
    "national_portal": "http://localhost:8201",
    "residence_portal": "http://localhost:8202",
    "insurance_portal": "http://localhost:8203",
    "one_stop_portal": "http://localhost:8204",
    "eid_app": "http://localhost:8205",
}
CLIENT_IDS = {name: name.replace("_", "-") for name in URLS} | {"one_stop_portal": "one-stop"}
FACTORIES = {
    "national_portal": clients.national_portal.app.create_app,
    "residence_portal": clients.residence_portal.app.create_app,
    "insurance_portal": clients.insurance_portal.app.create_app,
    "one_stop_portal": clients.one_stop_portal.app.create_app,
    "eid_app": clients.eid_app.app.create_app,
}
LAN, PHUC, HUNG = "099194000101", "099068000102", "099079000104"
NAMES = {LAN: "Nguyễn Thị Lan", PHUC: "Trần Văn Phúc", HUNG: "Lê Quang Hùng"}


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A key folder for each portal, the registry and the provider."""
    root = tmp_path_factory.mktemp("portal-keys")
    profiles = dict.fromkeys(URLS, "client") | {"registry": "registry", "idp": "idp", "stranger": "registry"}
    for name, profile in profiles.items():
        KeyRing.create(root / name, profile=profile, mode="demo")
    return {name: root / name for name in profiles}


@pytest.fixture(scope="session")
def rings(folders: dict[str, Path]) -> dict[str, KeyRing]:
    """The rings in those folders."""
    return {name: KeyRing.open(folder, mode="demo") for name, folder in folders.items()}


@pytest.fixture(scope="session")
async def portal_url(make_database: MakeDatabase) -> str:
    """One migrated database that the portals of this session share."""
    url = await make_database("portal")
    await migrate(url)
    return url


@pytest.fixture
async def database(portal_url: str) -> AsyncIterator[Database]:
    """That database, empty but for the counter of codes: the registry of this session knows those given before."""
    opened = Database(portal_url)
    async with opened.transaction() as connection:
        names = ", ".join(table.name for table in metadata.sorted_tables if table.name != "dossier_counter")
        await connection.execute(text(f"TRUNCATE {names}"))
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def registry_url(make_database: MakeDatabase) -> str:
    """A registry database with the personas, and with the officers among them; the insurer's lists are taken in."""
    url = await make_database("portal_registry")
    await migrate_registry(url)
    await populate(url, seed=1, size=0, personas=PERSONAS.read_text(encoding="utf-8"))
    database = RegistryDatabase(url, largest=1)
    await renew_by_lists(database, datetime.now(UTC))
    await database.close()
    connection = await connect(url)
    try:
        await appoint(connection, tuple(_cast(PERSONAS)), datetime(2026, 1, 5, tzinfo=UTC))
    finally:
        await connection.close()
    return url


@dataclass
class Wire:
    """An ASGI transport that can be cut."""

    inner: httpx2.ASGITransport
    cut: bool = False

    def transport(self) -> httpx2.AsyncBaseTransport:
        """The transport for a client."""
        wire = self

        class Cuttable(httpx2.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
                if wire.cut:
                    raise httpx2.ConnectError("cut")
                return await wire.inner.handle_async_request(request)

        return Cuttable()


@pytest.fixture
def provider(rings: dict[str, KeyRing]) -> Provider:
    """The provider as relying parties see it."""
    return Provider(rings["idp"])


@pytest.fixture(scope="session")
async def registry_app(
    registry_url: str, folders: dict[str, Path], rings: dict[str, KeyRing]
) -> AsyncIterator[FastAPI]:
    """The real registry, which believes the provider's keys."""
    settings = RegistrySettings(
        public_url=REGISTRY,
        database_url=registry_url,
        issuer=ISSUER,
        keys_dir=folders["registry"],
        log_level="WARNING",
    )
    app = create_registry(settings, transport=httpx2.ASGITransport(Provider(rings["idp"]).app))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def registry(registry_app: FastAPI) -> Wire:
    """The way to the registry."""
    return Wire(httpx2.ASGITransport(registry_app, raise_app_exceptions=False))


def access_token(
    ring: KeyRing,
    client_id: str,
    number: str | None,
    subject: str,
    acr: str | None = levels.FILE,
    scope: str = "registry:verify registry:release registry:access-log registry:dossiers",
    **more: object,
) -> str:
    """A real access token for the registry (RFC 9068): of a signed-in person, or without a number of the client."""
    at = int(time.time())
    claims: dict[str, object] = {
        "iss": ISSUER,
        "aud": REGISTRY,
        "sub": subject,
        "client_id": client_id,
        "pid": number,
        "acr": acr,
        "iat": at,
        "exp": at + 300,
        "jti": f"jti-{time.monotonic_ns()}",
        "scope": scope,
        "party_kind": "state",
        **more,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return ring.signer(KeyPurpose.ACCESS_TOKEN).sign(kept, typ="at+jwt")


@dataclass
class Running:
    """A portal, a browser without cookies of its own, and the wires behind the portal."""

    name: str
    url: str
    app: FastAPI
    portal: Portal
    http: httpx2.AsyncClient
    registry: Wire
    provider: Provider

    def tokens(self, number: str, acr: str = levels.FILE, **changed: Any) -> SignedIn:
        """What the provider would have given for that person; a real access token for the registry."""
        subject = f"pairwise-{self.name}-{number[-3:]}"
        claims = {"sub": subject, "pid": number, "name": NAMES.get(number, "Ai Đó"), "acr": acr} | changed
        access = access_token(self.provider.ring, CLIENT_IDS[self.name], number, subject, acr)
        return SignedIn(subject, claims, "an.id.token", access, None, int(time.time()) + 300)

    async def sign_in(self, number: str, acr: str = levels.FILE, **changed: Any) -> str:
        """A session row and its cookie in the browser; gives the cookie's value."""
        cookie = await self.portal.sessions.start(self.tokens(number, acr, **changed), replaces=None)
        self.http.cookies.set(self.portal.session_cookie, cookie)
        return cookie

    async def form_token(self, path: str) -> str:
        """The hidden token of the first form of a page."""
        page = await self.http.get(path)
        return page.text.partition('name="csrf_token" value="')[2].partition('"')[0]

    async def post(self, path: str, fields: dict[str, str] | None = None, *, form_on: str) -> httpx2.Response:
        """Send a form as the page ``form_on`` would."""
        token = await self.form_token(form_on)
        return await self.http.post(path, data={"csrf_token": token} | (fields or {}))


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start(
    database: Database,
    portal_url: str,
    folders: dict[str, Path],
    registry: Wire,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Start]:
    """Start a portal by its name; ``url`` where a browser finds it."""
    running: list[Running] = []

    async def begin(name: str, url: str = "") -> Running:
        url = url or URLS[name]
        environment = (
            {
                "DINHDANH_MODE": "demo",
                "PUBLIC_URL": url,
                "ISSUER": ISSUER,
                "REGISTRY_URL": REGISTRY,
                "CLIENT_ID": CLIENT_IDS[name],
                "DATABASE_URL": portal_url,
                "KEYS_DIR": str(folders[name]),
                "SESSION_SECRET": "a-secret-of-at-least-thirty-two-characters",
                "LOG_LEVEL": "CRITICAL",
            }
            | {f"{each.upper()}_URL": at for each, at in URLS.items()}
            | {f"{name.upper()}_URL": url}
        )
        for key, value in environment.items():
            monkeypatch.setenv(key, value)
        app = FACTORIES[name]()
        built: Portal = app.state.portal
        client = RegistryClient(
            REGISTRY, CLIENT_IDS[name], httpx2.AsyncClient(transport=registry.transport())
        )
        party = RelyingParty(
            issuer=ISSUER,
            client_id=CLIENT_IDS[name],
            redirect_uri=f"{url}/callback",
            scopes=("openid", "profile", "pid"),
            sign=lambda claims: "signed",
            transport=provider.transport(),
        )
        portal = replace(built, registry=client, places=Places(client), party=party)
        app.state.portal = portal
        http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app, raise_app_exceptions=False),
            base_url=url,
            headers={"Accept": "text/html", "Accept-Language": "vi"},
        )
        found = Running(name, url, app, portal, http, registry, provider)
        running.append(found)
        return found

    yield begin
    for each in running:
        await each.http.aclose()
        await each.portal.registry.close()
        await each.portal.database.close()

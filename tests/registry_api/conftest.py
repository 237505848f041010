"""The registry's application on a real database with the personas, and an issuer that signs real tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from keys import KeyPurpose, KeyRing
from population_registry.app import create_app
from population_registry.officers import _cast
from population_registry.settings import RegistrySettings
from population_registry.storage import migrate
from population_registry.storage.connections import connect
from population_registry.storage.officers import appoint
from population_registry.synthesis import populate
from tests.clock import MovingClock
from tests.engines import MakeDatabase

ISSUER = "http://localhost:8000"
REGISTRY = "http://localhost:8100"
PERSONAS = Path(__file__).parents[2] / "demo" / "personas.toml"

LAN = {"number": "099194000101", "name": "Nguyễn Thị Lan", "birth_date": "1994-05-17"}
PHUC = {"number": "099068000102", "name": "Trần Văn Phúc", "birth_date": "1968-02-09"}
LOC = {"number": "099041000107", "name": "Hoàng Văn Lộc", "birth_date": "1941-01-01"}
SEN = {"number": "099152000112", "name": "Thạch Thị Sen", "birth_date": "1952"}
HAN = {"number": "099192000123", "name": "Lý Ngọc Hân", "birth_date": "1992-08-08"}
NOBODY = {"number": "099199999999", "name": "Nguyễn Thị Lan", "birth_date": "1994-05-17"}
HUNG_HOME = ["099079000104", "099182000141", "099155000142", "099203000143", "099305000144"]
L2A2 = "urn:example:vn:acr:l2-a2"


@dataclass
class Issuer:
    """An identity provider reduced to its keys: real ES256 tokens, real metadata; counts how often it is asked."""

    ring: KeyRing
    clock: MovingClock
    asked: int = 0
    away: bool = False
    serial: int = 0
    audience: str = REGISTRY
    app: Starlette = field(init=False)

    def __post_init__(self) -> None:
        """Serve metadata and keys."""
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/jwks", self._jwks),
            ]
        )

    async def _metadata(self, _: Request) -> JSONResponse:
        self.asked += 1
        if self.away:
            return JSONResponse({}, 503)
        return JSONResponse({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"})

    async def _jwks(self, _: Request) -> JSONResponse:
        return JSONResponse(self.ring.jwks())

    def claims(self, **changed: Any) -> dict[str, Any]:
        """RFC 9068 claims of a client-credentials token, with changes; a value of None takes a claim out."""
        now = self.clock.timestamp()
        self.serial += 1
        claims = {
            "iss": ISSUER,
            "aud": self.audience,
            "sub": changed.get("client_id", "residence-portal"),
            "client_id": "residence-portal",
            "iat": now,
            "exp": now + 300,
            "jti": f"jti-{self.serial}",
            "scope": "registry:verify registry:release registry:access-log",
            "party_kind": "state",
        } | changed
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, typ: str = "at+jwt", **changed: Any) -> str:
        """A signed access token."""
        signer = self.ring.signer(KeyPurpose.ACCESS_TOKEN)
        return signer.sign(self.claims(**changed), typ=typ)

    def bound(self, jkt: str | None = None, x5t: str | None = None, **changed: Any) -> str:
        """A token that is bound to a DPoP key, a certificate, or both (RFC 7800)."""
        members = {"jkt": jkt, "x5t#S256": x5t}
        cnf = {name: value for name, value in members.items() if value is not None}
        return self.token(**{"cnf": cnf} | changed)

    def personal(self, number: str, **changed: Any) -> str:
        """The token of a signed-in person at level l2-a2."""
        return self.token(**{"pid": number, "sub": f"pairwise-{number[-3:]}", "acr": L2A2} | changed)


@dataclass
class Registry:
    """The application behind a client."""

    app: FastAPI
    http: httpx2.AsyncClient
    issuer: Issuer
    clock: MovingClock
    database_url: str

    async def post(self, path: str, body: Any, token: str, **headers: str) -> httpx2.Response:
        """POST a JSON body with a token."""
        return await self.http.post(path, json=body, headers={"Authorization": f"Bearer {token}"} | headers)

    async def get(self, path: str, token: str) -> httpx2.Response:
        """GET with a token."""
        return await self.http.get(path, headers={"Authorization": f"Bearer {token}"})

    async def log_of(self, number: str, dossier: str | None = None) -> list[dict[str, Any]]:
        """Everything in the log of a person, newest first, or what is there for one dossier; no page is left out."""
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            path = f"/v1/access-log?limit=100{cursor and '&cursor=' + cursor}"
            page = (await self.get(path, self.issuer.personal(number))).json()
            found += page["entries"]
            cursor = page["next_cursor"]
        return [row for row in found if dossier in {None, row["dossier_code"]}]

    async def verify(
        self,
        person: dict[str, str],
        token: str | None = None,
        *,
        claims: dict[str, Any] | None = None,
        **changed: Any,
    ) -> httpx2.Response:
        """Ask for temporary residence about a person, name and birth date included."""
        body = question(person, claims) | changed
        headers = body.pop("headers", {})
        return await self.post("/v1/verifications", body, token or self.issuer.token(), **headers)


def question(person: dict[str, str], claims: dict[str, Any] | None = None) -> dict[str, Any]:
    """The body of a verification for 1.004194."""
    return {
        "purpose": "Thẩm định hồ sơ đăng ký tạm trú",
        "procedure_code": "1.004194",
        "dossier_code": "G01.899.05-261121-010042",
        "officer": "CA-00166-017",
        "subject": {"number": person["number"]},
        "claims": {"name": person["name"], "birth_date": person["birth_date"]} | (claims or {}),
    }


@pytest.fixture(scope="session")
def key_rings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, KeyRing]:
    """The registry's key folder and the issuer's ring."""
    folder = tmp_path_factory.mktemp("keys")
    KeyRing.create(folder / "registry", profile="registry", mode="demo")
    return folder / "registry", KeyRing.create(folder / "idp", profile="idp", mode="demo")


@pytest.fixture(scope="session")
async def persona_database(make_database: MakeDatabase) -> str:
    """A registry database that holds the personas and nobody else."""
    url = await make_database("registry_api")
    await migrate(url)
    await populate(url, seed=1, size=0, personas=PERSONAS.read_text(encoding="utf-8"))
    return url


@pytest.fixture(scope="module")
async def dossier_database(make_database: MakeDatabase, pristine_authority: str) -> str:
    """A registry database of one module's own: its decisions change the record, and no other module's people move."""
    return await make_database("registry_dossiers", like=pristine_authority)


@pytest.fixture
async def own_authority(
    start: Callable[[str], AsyncIterator[Registry]], make_database: MakeDatabase, pristine_authority: str
) -> AsyncIterator[Registry]:
    """The registry as the deciding authority on a database of this one test's own."""
    async for running in start(await make_database("registry_own", like=pristine_authority)):
        yield running


@pytest.fixture(scope="session")
async def pristine_authority(make_database: MakeDatabase) -> str:
    """Personas and appointed officers, to be copied: nobody ever works on this database itself."""
    url = await make_database("registry_pristine")
    await migrate(url)
    await populate(url, seed=1, size=0, personas=PERSONAS.read_text(encoding="utf-8"))
    connection = await connect(url)
    try:
        await appoint(connection, tuple(_cast(PERSONAS)), datetime(2026, 1, 5, tzinfo=UTC))
    finally:
        await connection.close()
    return url


@pytest.fixture
async def authority(
    start: Callable[[str], AsyncIterator[Registry]], dossier_database: str
) -> AsyncIterator[Registry]:
    """The registry on that database, as the authority that decides dossiers."""
    async for running in start(dossier_database):
        yield running


@pytest.fixture
def saturday() -> MovingClock:
    """Saturday 21 November 2026, 10:00 in Hà Nội."""
    return MovingClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


@pytest.fixture
def start(saturday: MovingClock, key_rings: tuple[Path, KeyRing]) -> Callable[[str], AsyncIterator[Registry]]:
    """Start the registry on a database; use as `async for` or through the `registry` fixture."""

    async def run(url: str, **changed: Any) -> AsyncIterator[Registry]:
        folder, ring = key_rings
        issuer = Issuer(ring, saturday)
        values = {"public_url": REGISTRY, "database_url": url, "issuer": ISSUER, "keys_dir": folder}
        settings = RegistrySettings(**values | {"log_level": "WARNING"} | changed)
        app = create_app(settings, clock=saturday, transport=httpx2.ASGITransport(issuer.app))
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url=REGISTRY) as http,
        ):
            yield Registry(app, http, issuer, saturday, url)

    return run


@pytest.fixture
async def registry(
    start: Callable[[str], AsyncIterator[Registry]], persona_database: str, budget_clean: None
) -> AsyncIterator[Registry]:
    """The registry with the personas, no guess spent."""
    async for running in start(persona_database):
        yield running


@pytest.fixture
async def budget_clean(persona_database: str) -> None:
    """No guess spent, no answer remembered."""
    from population_registry.storage.connections import connect

    connection = await connect(persona_database)
    try:
        await connection.execute(
            "DELETE FROM guessing_budget; DELETE FROM tried_values; DELETE FROM idempotent_answer; "
            "DELETE FROM dpop_proof"
        )
    finally:
        await connection.close()

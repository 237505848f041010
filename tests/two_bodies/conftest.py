"""Provider and registry, both whole and real, on engines of their own: what one decides the other hears."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from demo.embedded import EmbeddedRedis, running
from idp.app import create_app as create_provider
from idp.authentication import totp
from idp.authentication.password import Passwords, Profile
from idp.storage import Storage
from idp.storage.accounts import Secrets
from idp.storage.postgres.migrating import migrate as migrate_provider
from idp.storage.provisioning import provision_clients
from keys import KeyRing
from population_registry.app import create_app as create_registry
from population_registry.events.delivering import Deliverer
from population_registry.officers import _cast
from population_registry.settings import RegistrySettings
from population_registry.storage import migrate as migrate_registry
from population_registry.storage.connections import connect
from population_registry.storage.officers import appoint
from population_registry.storage.outbox import Subscription, subscribe
from population_registry.synthesis import populate
from tests.browser import serving
from tests.engines import MakeDatabase
from tests.idp_endpoints.conftest import settings_of
from tests.idp_endpoints.people import Person, assertion_keys, portal
from tests.idp_endpoints.provider import ISSUER, Browser, Provider, answer_of, basic
from tests.idp_endpoints.test_token_exchange import agreed
from tests.ports import free_port
from web.egress import LOOPBACK, Egress, EgressPolicy

ROOT = Path(__file__).parents[2]
PERSONAS = ROOT / "demo" / "personas.toml"
DEVICE, CIBA, EXCHANGE = (
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:openid:params:grant-type:ciba",
    "urn:ietf:params:oauth:grant-type:token-exchange",
)
LEVEL = "urn:example:vn:acr:l2-a2"
CENTRE = "C06-012"


def somebody(number: str, key: str) -> Person:
    """An account with a second factor for a persona of the registry."""
    return Person(f"acc-{key}", number, 2, key.encode().ljust(20, b"."))


LAN = somebody("099194000101", "lan")
PHUC = somebody("099068000102", "phuc")
HOA = somebody("099170000103", "hoa")
NGOC = somebody("099303000111", "ngoc")
ANH = somebody("099096000113", "anh")
TAM = somebody("099076000114", "tam")
HAN = somebody("099192000123", "han")
PEOPLE = (LAN, PHUC, HOA, NGOC, ANH, TAM, HAN)
CLIENTS = (
    portal(
        "eid-app",
        grant_types=frozenset({"authorization_code", "refresh_token", DEVICE, CIBA}),
        scopes=frozenset({"openid", "profile", "pid", "offline_access", "registry:dossiers"}),
        backchannel_token_delivery_mode="poll",
    ),
    portal(
        "one-stop",
        grant_types=frozenset({"authorization_code", EXCHANGE}),
        scopes=frozenset({"openid", "pid", "delegation", "registry:verify", "introspection"}),
    ),
    portal(
        "back-office",
        grant_types=frozenset({"client_credentials"}),
        scopes=frozenset({"registry:decide"}),
        redirect_uris=(),
        agency_code="G01.899.07",
    ),
)


@dataclass(slots=True)
class State:
    """Both bodies, and what a story does with them."""

    provider: Provider
    registry: str
    database: str
    deliverer: Deliverer
    keys: Path
    http: httpx2.AsyncClient = field(repr=False)
    browsers: dict[str, Browser] = field(default_factory=dict)

    @property
    def storage(self) -> Storage:
        """The provider's stores."""
        found: Storage = self.provider.app.state.storage
        return found

    async def told(self) -> None:
        """Every event of the registry has reached whom it concerns."""
        await self.deliverer.run(asyncio.Event(), until_idle=True)

    async def held(self, person: Person, *, locked: bool) -> None:
        """Wait until the registry knows, from the provider's own worker, how the account stands."""
        number = (await self.storage.accounts.read(person.account_id)).account.personal_number  # type: ignore[union-attr]  # the account is there
        async with asyncio.timeout(300):
            while (await self.rows(HELD, number) != []) is not locked:  # noqa: ASYNC110 - another process's row
                await asyncio.sleep(0.02)

    async def rows(self, query: str, *values: object) -> list[Any]:
        """Rows of the registry's database."""
        connection = await connect(self.database)
        try:
            return list(await connection.fetch(query, *values))
        finally:
            await connection.close()

    async def system_token(self, client: str, scope: str) -> str:
        """The token of a system of the State for the registry."""
        form = {"grant_type": "client_credentials", "scope": scope, "resource": self.registry}
        answer = await self.provider.token(form, headers=basic(client))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def signed_in(self, person: Person, client: str = "eid-app", **changes: Any) -> tuple[Browser, str]:
        """The person's browser, signed in now if it was not, and a code for the client.

        With `acr_values` two factors are proved; a one-time code counts once, so a person does that once in a story.
        """
        browser = self.browsers.setdefault(person.account_id, self.provider.browser())
        answer = await browser.authorize(client, **{"scope": "openid profile pid"} | changes)
        if answer.headers["location"].startswith("/sign-in"):
            code = totp.code_at(person.totp or b"", int(time.time()))
            answer = await browser.sign_in(person, answer, code)
        if answer.headers["location"].startswith("/consent"):
            answer = await agreed(browser, answer)
        return browser, answer_of(answer)["code"]

    async def registry_token(self, person: Person, **changes: Any) -> str:
        """The person's own token for dossiers, as a portal gets it."""
        scope = "openid pid registry:dossiers"
        _, code = await self.signed_in(person, scope=scope, resource=self.registry, **changes)
        answer = await self.provider.redeem(code, "eid-app", resource=self.registry)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def post(self, path: str, token: str, body: Any) -> httpx2.Response:
        """Ask the registry."""
        return await self.http.post(path, json=body, headers={"Authorization": f"Bearer {token}"})

    async def get(self, path: str, token: str) -> httpx2.Response:
        """Read at the registry."""
        return await self.http.get(path, headers={"Authorization": f"Bearer {token}"})

    async def officer_act(self, code: str, act: str, **said: Any) -> httpx2.Response:
        """An act of the centre's officer on the dossier as it stands."""
        token = await self.system_token("back-office", "registry:decide")
        read = await self.get(f"/v1/dossiers/{code}?officer={CENTRE}", token)
        body = {"act": act, "officer": CENTRE, "version": read.json()["version"]} | said
        return await self.post(f"/v1/dossiers/{code}/acts", token, body)

    async def ex_officio(self, procedure: str, person: Person, **inputs: Any) -> dict[str, Any]:
        """The centre's officer opens a dossier about somebody."""
        body = {
            "procedure_code": procedure,
            "purpose": "Thực hiện Luật Căn cước",
            "filing": "ex_officio",
            "applicant": {"number": person.number},
            "officer": CENTRE,
            "inputs": {"decision": "12/QĐ-2026"} | inputs,
        }
        answer = await self.post(
            "/v1/dossiers", await self.system_token("back-office", "registry:decide"), body
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


HELD = "SELECT 1 FROM person_hold JOIN person USING (person_id) WHERE personal_number = $1"


@pytest.fixture(scope="session")
async def state(
    make_database: MakeDatabase, engines_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[State]:
    """Both bodies with the people of the demo; people and clients of the stories have accounts."""
    folder = tmp_path_factory.mktemp("two-bodies")
    for name, profile in (("idp", "idp"), ("registry", "registry")):
        KeyRing.create(folder / name, profile=profile, mode="demo")
    registry_database, provider_database = await make_database("two_registry"), await make_database("two_idp")
    await migrate_registry(registry_database)
    await populate(registry_database, seed=1, size=0, personas=PERSONAS.read_text(encoding="utf-8"))
    await migrate_provider(provider_database)
    async with contextlib.AsyncExitStack() as stack:
        redis = EmbeddedRedis(engines_folder / "redis-two", durable=False)
        stack.enter_context(running(redis))
        port = free_port()
        address = f"http://localhost:{port}"
        settings = settings_of(provider_database, redis.url(), folder / "idp", registry_url=address)
        provider = create_provider(settings)
        inside = httpx2.ASGITransport(provider)
        registry = create_registry(
            RegistrySettings(
                public_url=address,
                database_url=registry_database,
                issuer=ISSUER,
                keys_dir=folder / "registry",
                log_level="WARNING",
            ),
            transport=inside,
        )
        await stack.enter_async_context(serving(registry, port=port))
        await stack.enter_async_context(provider.router.lifespan_context(provider))
        await furnish(provider.state.storage, folder, address)
        await appointed(registry_database)
        egress = Egress(EgressPolicy(allowed=LOOPBACK, total_seconds=300), transport=inside)
        await stack.enter_async_context(egress)
        ring = KeyRing.open(folder / "registry", mode="demo")
        deliverer = Deliverer(
            registry_database, ring, egress, address, lambda: datetime.now(UTC), lambda: 0.0
        )
        http = await stack.enter_async_context(httpx2.AsyncClient(base_url=address, timeout=300))
        yield State(Provider(provider, assertion_keys()), address, registry_database, deliverer, folder, http)


async def furnish(storage: Storage, folder: Path, registry: str) -> None:
    """The manifests of `clients/manifests`, the clients of the stories, and everybody's account."""
    manifests = ROOT / "clients" / "manifests"
    environment = {"REGISTRY_URL": registry, "CLIENT_KEYS": str(folder)}
    for path in manifests.glob("*.toml"):
        environment |= {f"{path.stem.upper()}_URL": f"https://{path.stem.replace('_', '-')}.example"}
        ring = KeyRing.create(folder / path.stem, profile="client", mode="demo")
        (folder / path.stem / "jwks.json").write_bytes(orjson.dumps(ring.jwks()))
    await provision_clients(storage.clients, manifests, environment, lambda _client: None)
    for client in CLIENTS:
        await storage.clients.save(replace(client, resources=frozenset({registry})))
    hashed = Passwords(Profile.CHEAPEST).hash("mat-khau-dung")
    for person in PEOPLE:
        await storage.accounts.save(
            person.account_id,
            person.number,
            Secrets(person.totp, None, None),
            level=person.level,
            status="active",
            lock_reasons=[],
            password_hash=hashed,
            account_type="citizen",
        )


async def appointed(database: str) -> None:
    """The officers of the demo hold their offices, and the provider hears of what happens."""
    connection = await connect(database)
    now = datetime.now(UTC)
    try:
        await appoint(connection, tuple(_cast(PERSONAS)), datetime(2026, 1, 5, tzinfo=UTC))
        await subscribe(
            connection, Subscription("idp", f"{ISSUER}/registry-events", ISSUER, ("registry.%",)), now
        )
    finally:
        await connection.close()

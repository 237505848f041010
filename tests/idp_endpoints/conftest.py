"""The whole provider over HTTP, in this process, on the real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from demo.embedded import EmbeddedRedis, running
from idp.app import create_app
from idp.authentication.password import Passwords, Profile
from idp.settings import Settings
from idp.storage import Storage
from idp.storage.accounts import Secrets
from idp.storage.postgres.migrating import migrate
from keys import KeyRing
from tests.engines import MakeDatabase
from tests.idp_endpoints.people import CLIENTS, PEOPLE, assertion_keys
from tests.idp_endpoints.provider import ISSUER, Provider
from web import Mode


@pytest.fixture(scope="session")
def own_redis(engines_folder: Path):
    """A Redis that nobody else empties."""
    server = EmbeddedRedis(engines_folder / "redis-endpoints", durable=False)
    with running(server):
        yield server.url()


@pytest.fixture(scope="session")
def endpoint_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a provider's keys."""
    folder = tmp_path_factory.mktemp("endpoint-keys") / "idp"
    KeyRing.create(folder, profile="idp", mode="demo")
    return folder


@pytest.fixture(scope="session")
async def provider(
    make_database: MakeDatabase, own_redis: str, endpoint_keys: Path
) -> AsyncIterator[Provider]:
    """A provider with the clients and people of :mod:`tests.idp_endpoints.people`."""
    database = await make_database("idp_endpoints")
    async with served(database, own_redis, endpoint_keys) as made:
        yield made


@asynccontextmanager
async def served(
    database: str, redis: str, folder: Path, *, issuer: str = ISSUER, **changes: Any
) -> AsyncIterator[Provider]:
    """A provider on these engines; ``changes`` are settings of its own."""
    await migrate(database)
    app = create_app(settings_of(database, redis, folder, issuer, **changes))
    async with app.router.lifespan_context(app):
        await furnish(app.state.storage)
        yield Provider(app, assertion_keys())


async def furnish(storage: Storage) -> None:
    """Register every client and person."""
    for client in CLIENTS.values():
        await storage.clients.save(client)
    hashed = Passwords(Profile.CHEAPEST).hash("mat-khau-dung")
    for person in PEOPLE:
        await storage.accounts.save(
            person.account_id,
            person.number,
            Secrets(person.totp, person.email, None),
            level=person.level,
            status="active",
            lock_reasons=[],
            password_hash=hashed,
            account_type="citizen",
        )
        await storage.accounts.save_profile(person.account_id, person.profile)


def settings_of(database: str, redis: str, folder: Path, issuer: str = ISSUER, **changes: Any) -> Settings:
    """Settings of a provider under test."""
    values: dict[str, Any] = {
        "mode": Mode.DEMO,
        "public_url": issuer,
        "database_url": database,
        "redis_url": redis,
        "keys_dir": folder,
        "registry_url": "http://127.0.0.1:9",
        "password_profile": Profile.CHEAPEST,
        "eid_app_url": "http://localhost:8205",
    }
    return Settings(**(values | changes))

"""The stores on the real engines, with one client and one account to play with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from idp.domain.client import Client, PartyKind
from idp.storage import Storage, open_storage
from idp.storage.accounts import Secrets
from idp.storage.postgres.migrating import migrate
from keys import KeyRing
from tests.engines import MakeDatabase
from tests.idp_storage.samples import ACCOUNT, CLIENT, EMAIL, NUMBER, TOTP

OpenStorage = Callable[..., Awaitable[Storage]]


@pytest.fixture(scope="session")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """Keys of a provider, made for this session."""
    folder: Path = tmp_path_factory.mktemp("keys") / "idp"
    return KeyRing.create(folder, profile="idp", mode="demo")


@pytest.fixture(scope="session")
async def idp_database(make_database: MakeDatabase) -> str:
    """A migrated database that the tests of this folder share."""
    url = await make_database("idp_storage")
    await migrate(url)
    return url


@pytest.fixture
async def fresh_database(make_database: MakeDatabase) -> str:
    """A migrated database of one test alone, with an empty audit log."""
    url = await make_database("idp_alone")
    await migrate(url)
    return url


@pytest.fixture
async def opening(ring: KeyRing, idp_database: str, redis_clean: str) -> AsyncIterator[OpenStorage]:
    """Opens storages on the shared engines (or on others); all are closed afterwards."""
    made: list[Storage] = []

    async def make(**changes: object) -> Storage:
        values = {"database_url": idp_database, "redis_url": redis_clean, "ring": ring} | changes
        storage = await open_storage(**values)
        made.append(storage)
        return storage

    yield make
    for storage in made:
        await storage.close()


async def furnish(storage: Storage) -> None:
    """Register the sample client and account."""
    await storage.clients.save(
        Client(CLIENT, "Cổng mẫu", "Sample portal", PartyKind.STATE, ("https://portal.example/callback",))
    )
    await storage.accounts.save(
        ACCOUNT,
        NUMBER,
        Secrets(TOTP, EMAIL, None),
        level=2,
        status="active",
        lock_reasons=[],
        password_hash="$argon2id$sample",
        account_type="citizen",
    )


@pytest.fixture
async def storage(opening: OpenStorage) -> Storage:
    """Storage with the sample client and account."""
    opened = await opening()
    await furnish(opened)
    return opened

"""A registry database with personas and a small population, filled once for the session."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from population_registry.storage import Pool, migrate, open_pool
from population_registry.storage.connections import connect
from population_registry.storage.months import ready_months
from population_registry.synthesis import populate
from tests.engines import MakeDatabase

PERSONAS = Path(__file__).parents[2] / "demo" / "personas.toml"
SEED, SIZE = 6, 300


@pytest.fixture(scope="session")
async def registry_url(make_database: MakeDatabase) -> str:
    """The address of a database with schema, reference tables, 300 people of seed 6 and the personas."""
    url = await make_database("registry")
    await migrate(url)
    await november_has_its_partition(url)
    await populate(url, seed=SEED, size=SIZE, personas=PERSONAS.read_text(encoding="utf-8"))
    return url


async def november_has_its_partition(url: str) -> None:
    """The rows of these tests lie in a partition of their month, on whatever day the schema was made."""
    connection = await connect(url)
    try:
        await ready_months(connection, datetime(2026, 11, 21, tzinfo=UTC))
    finally:
        await connection.close()


@pytest.fixture(scope="session")
async def pool(registry_url: str) -> AsyncIterator[Pool]:
    """A pool on that database."""
    pool = await open_pool(registry_url)
    yield pool
    await pool.close()

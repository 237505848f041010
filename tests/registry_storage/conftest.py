"""A registry database, migrated once for the session."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from population_registry.storage import Pool, migrate, open_pool
from tests.engines import MakeDatabase


@pytest.fixture(scope="session")
async def registry_url(make_database: MakeDatabase) -> str:
    """The address of a database with the registry's schema and reference tables."""
    url = await make_database("registry")
    await migrate(url)
    return url


@pytest.fixture(scope="session")
async def pool(registry_url: str) -> AsyncIterator[Pool]:
    """A pool on the migrated registry database."""
    pool = await open_pool(registry_url)
    yield pool
    await pool.close()

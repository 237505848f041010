"""The schema: what Alembic builds is what the tables say."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from population_registry.storage import Pool, migrate
from population_registry.storage.months import is_partition
from population_registry.storage.tables import metadata


def _differences(connection: Connection) -> list[object]:
    def is_whole(_item: object, name: str | None, kind: str, *_rest: object) -> bool:
        return kind != "table" or not is_partition(name or "")

    context = MigrationContext.configure(connection, opts={"include_object": is_whole})
    return list(compare_metadata(context, metadata))


async def test_migrations_build_exactly_the_tables(registry_url: str) -> None:
    """The migrated database differs in nothing from the tables in code."""
    engine = create_async_engine(registry_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()


async def test_migrating_again_changes_nothing(registry_url: str, pool: Pool) -> None:
    """A second start on the same data finds the schema, 34 provinces and 3,321 communes as they are."""
    await migrate(registry_url)
    assert await pool.fetchval("SELECT count(*) FROM province") == 34
    assert await pool.fetchval("SELECT count(*) FROM commune") == 3321
    assert await pool.fetchval("SELECT count(*) FROM number_prefix WHERE reserved") == 3

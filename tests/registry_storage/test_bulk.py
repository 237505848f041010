"""Loading many people: one transaction, indexes as before, the same rows whoever makes them."""

from __future__ import annotations

import asyncpg
import pytest

from population_registry.storage import migrate
from population_registry.storage.connections import connect
from population_registry.storage.searching import count_tokens
from population_registry.storage.tables import metadata
from population_registry.synthesis import AlreadyPopulatedError, populate
from population_registry.synthesis.population import manifest_of
from population_registry.synthesis.rows import BLOCK, COLUMNS
from tests.engines import MakeDatabase

SEED, SIZE = 3, 2 * BLOCK + 40
_SHAPE = """
SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT tablename::text, indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
 ORDER BY 1, 2, 3
"""


_DIFFERENT_ENTRIES = """
SELECT count(*) FROM search_source s FULL JOIN search_entry e USING (person_id)
 WHERE (s.name, s.birth_date) IS DISTINCT FROM (e.name, e.birth_date)
    OR NOT (s.tokens @> e.tokens AND e.tokens @> s.tokens AND cardinality(s.tokens) = cardinality(e.tokens))
"""


class StoppedError(Exception):
    """The test's own interruption."""


async def _counts(connection: asyncpg.Connection) -> set[tuple[str, int]]:
    return {tuple(row) for row in await connection.fetch("SELECT token, people FROM search_token")}


async def _shape(connection: asyncpg.Connection) -> list[tuple[str, ...]]:
    return [tuple(row) for row in await connection.fetch(_SHAPE)]


async def test_an_interrupted_load_leaves_nothing_and_the_next_one_is_whole(
    make_database: MakeDatabase,
) -> None:
    """Rows, dropped indexes and manifest are one transaction; what stops it undoes all."""
    url = await make_database("bulk")
    await migrate(url)
    connection = await connect(url)
    try:
        shape = await _shape(connection)

        def stop(done: int, _: int) -> None:
            if done > BLOCK:
                raise StoppedError

        with pytest.raises(StoppedError):
            await populate(url, seed=SEED, size=SIZE, workers=2, progress=stop)
        assert await connection.fetchval("SELECT count(*) FROM person") == 0
        assert await connection.fetchval("SELECT count(*) FROM population_manifest") == 0
        assert await _shape(connection) == shape
        told: list[int] = []
        manifest = await populate(
            url, seed=SEED, size=SIZE, workers=2, progress=lambda done, _: told.append(done)
        )
        assert told == [BLOCK, 2 * BLOCK, SIZE]
        assert manifest == manifest_of(SEED, SIZE)
        assert await _shape(connection) == shape
        for name in COLUMNS:
            rows = await connection.fetchval(f"SELECT count(*) FROM {name}")
            assert rows == manifest.detail["tables"][name]["rows"]  # type: ignore[index]  # JSON
        await _references_hold(connection)
        assert await connection.fetchval(_DIFFERENT_ENTRIES) == 0
        assert await connection.fetchval("SELECT people FROM search_token WHERE token = ''") == SIZE
        counted = await _counts(connection)
        await count_tokens(connection)
        assert counted == await _counts(connection)
        assert await populate(url, seed=SEED, size=SIZE) == manifest
        with pytest.raises(AlreadyPopulatedError):
            await populate(url, seed=SEED, size=SIZE + 1)
    finally:
        await connection.close()


async def _references_hold(connection: asyncpg.Connection) -> None:
    """Loading left references unchecked; PostgreSQL checks each of them now, as when it is made anew."""
    for name in COLUMNS:
        for reference in metadata.tables[name].foreign_key_constraints:
            (target,) = {element.column.table.name for element in reference.elements}
            ours = ", ".join(str(column) for column in reference.column_keys)
            theirs = ", ".join(str(element.column.name) for element in reference.elements)
            await connection.execute(
                f"ALTER TABLE {name} ADD CONSTRAINT again FOREIGN KEY ({ours}) REFERENCES {target} ({theirs})"
            )
            await connection.execute(f"ALTER TABLE {name} DROP CONSTRAINT again")

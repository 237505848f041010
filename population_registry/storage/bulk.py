"""Room for very many rows at once: no indexes meanwhile, no checks of references, no log where that is safe."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from population_registry.storage.connections import Connection, connect

_FREE_CONSTRAINTS = """
SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid) FROM pg_constraint c
 WHERE c.conrelid = ANY($1::text[]::regclass[]) AND c.contype IN ('p', 'u') AND c.conparentid = 0
   AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid)
 ORDER BY 1, 2
"""
_PLAIN_INDEXES = """
SELECT i.indexrelid::regclass::text, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') FROM pg_index i
 WHERE i.indrelid = ANY($1::text[]::regclass[])
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
 ORDER BY 1
"""
_FILLED_TABLES = """
SELECT oid::regclass::text FROM pg_class
 WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND pg_relation_size(oid) > 0
 ORDER BY pg_relation_size(oid) DESC
"""
_EVERYTHING_THAT_REFERS = """
WITH RECURSIVE bound AS (
  SELECT unnest($1::text[]::regclass[])::oid AS id
  UNION SELECT f.conrelid FROM bound JOIN pg_constraint f ON f.confrelid = bound.id AND f.contype = 'f'
) SELECT id::regclass::text FROM bound ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Room:
    """What was made way for: `restoring` brings the indexes back; `empty`: the tables were truncated just now."""

    empty: bool
    restoring: tuple[str, ...]


NO_ROOM = Room(empty=False, restoring=())
"""Tables as they are, for few rows."""


async def stop_checking_references(connection: Connection) -> None:
    """Leave references unchecked until the transaction ends, where the role may (it takes a superuser)."""
    if await connection.fetchval("SELECT current_setting('is_superuser')") == "on":
        await connection.execute("SET LOCAL session_replication_role = replica")


async def check_references_again(connection: Connection) -> None:
    """Check references and run triggers from here on, inside the same transaction."""
    if await connection.fetchval("SELECT current_setting('is_superuser')") == "on":
        await connection.execute("SET LOCAL session_replication_role = origin")


async def make_room(connection: Connection, tables: Sequence[str]) -> Room:
    """Take the indexes of these tables away and answer how to bring them back.

    Inside the caller's transaction: when that fails, everything is as before. Indexes that references need stay.
    Empty tables are truncated, so that PostgreSQL may leave their rows out of its log (`wal_level=minimal`) and take
    them as seen by everybody from the start (`COPY … FREEZE`): else whoever reads a page first writes it anew.
    """
    names = list(tables)
    bound = [str(row[0]) for row in await connection.fetch(_EVERYTHING_THAT_REFERS, names)]
    held = [await connection.fetchval(f"SELECT EXISTS (SELECT FROM {name})") for name in bound]  # noqa: S608 — from the catalogue
    empty = not any(held)
    if empty:
        await connection.execute(f"TRUNCATE {', '.join(bound)}")
    restoring = []
    for table, name, definition in await _three(connection, _FREE_CONSTRAINTS, names):
        await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        restoring.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for name, definition in await _three(connection, _PLAIN_INDEXES, names):
        await connection.execute(f"DROP INDEX {name}")
        restoring.append(definition)
    return Room(empty, tuple(restoring))


async def build_indexes(connection: Connection, statements: Sequence[str]) -> None:
    """Run what `make_room` answered, with memory for large sorts."""
    await connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
    for statement in statements:
        await connection.execute(statement)


async def gather_statistics(url: str, connections: int) -> None:
    """Let the planner know every table that holds rows, the largest first, some at a time; each is read by sample."""
    first = await connect(url)
    try:
        waiting = [str(row[0]) for row in await first.fetch(_FILLED_TABLES)]
    finally:
        await first.close()
    waiting.reverse()

    async def work() -> None:
        connection = await connect(url)
        try:
            while waiting:
                await connection.execute(f"ANALYZE {waiting.pop()}")
        finally:
            await connection.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(work())


async def _three(connection: Connection, query: str, names: list[str]) -> list[tuple[str, ...]]:
    return [cast("tuple[str, ...]", tuple(row)) for row in await connection.fetch(query, names)]

"""Streams the population into PostgreSQL by COPY; a second run finds the manifest and does nothing."""

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

import orjson

from population_registry.storage.bulk import (
    NO_ROOM,
    build_indexes,
    check_references_again,
    gather_statistics,
    make_room,
    stop_checking_references,
)
from population_registry.storage.connections import CopyConnection, connect
from population_registry.storage.searching import count_tokens, keep_counts
from population_registry.storage.yearly_lists import read_lists_again
from population_registry.synthesis.copying import copied_rows
from population_registry.synthesis.inputs import AS_OF
from population_registry.synthesis.manifest import GENERATION, Digester, Manifest
from population_registry.synthesis.personas import persona_rows
from population_registry.synthesis.rows import BLOCK, COLUMNS, FIRST_ID, Rows

Progress = Callable[[int, int], None]
"""Told how many people of how many are written."""

_LOCK = 7065127
_READERS = 4


class AlreadyPopulatedError(RuntimeError):
    """The database holds another population; it is never mixed or replaced."""


async def populate(
    url: str,
    *,
    seed: int,
    size: int,
    personas: str | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Manifest:
    """Make the database hold the population of that seed and size, and the personas of that file's text.

    All of it is one transaction: whoever stops it, by whatever means, leaves the database as it was. `workers`
    processes make the people; their number changes nothing but the time. The population is written once; personas
    are exchanged when their file changed, and left as they are when no file is given.

    Raises:
        AlreadyPopulatedError: the database holds a population of other inputs.
        PersonaError: the personas file does not hold together; nothing was written.
        MakingError: too many people, or a process that makes them was ended; nothing was written.
        OSError: the database cannot be reached.
    """
    cast_rows = None if personas is None else persona_rows(personas)
    connection = await connect(url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            held = await stored_manifest(connection)
            if held is not None:
                _refuse_other(held, seed, size)
            manifest = held or await _write_population(connection, seed, size, workers, progress)
            if personas is not None and cast_rows is not None:
                await _exchange_personas(connection, personas, cast_rows)
        if held is None:
            await gather_statistics(url, max(1, min(workers, _READERS)))
    finally:
        await connection.close()
    return manifest


async def stored_manifest(connection: CopyConnection, part: str = "population") -> Manifest | None:
    """The manifest of the population that the database holds; None while it holds none."""
    rows = await connection.fetch("SELECT detail, digest FROM population_manifest WHERE part = $1", part)
    if not rows:
        return None
    detail, digest = cast("tuple[str, str]", tuple(rows[0]))
    return Manifest(orjson.loads(detail), digest)


def _refuse_other(manifest: Manifest, seed: int, size: int) -> None:
    held: Any = manifest.detail
    wanted = {"seed": seed, "size": size, "as_of": AS_OF.isoformat()}
    if held["inputs"] != wanted or held["generation"] != GENERATION:
        raise AlreadyPopulatedError(
            f"the database holds a population of seed {held['inputs']['seed']} and size {held['inputs']['size']} "
            f"(generation {held['generation']}); use an empty database for another one"
        )


async def _write_population(
    connection: CopyConnection, seed: int, size: int, workers: int, progress: Progress | None
) -> Manifest:
    digester, done, tokens = Digester(), 0, Counter[str]()
    # References are whole by construction (a test checks them); checking each again would double the time.
    await stop_checking_references(connection)
    room = await make_room(connection, tuple(COLUMNS)) if size > BLOCK else NO_ROOM
    from population_registry.synthesis.workers import made_blocks  # late: no running service needs numpy

    async with made_blocks(seed, size, workers=workers, as_of=AS_OF) as blocks:
        async for block in blocks:
            digester.take(block.tables)
            for name, columns in COLUMNS.items():
                if block.tables[name].rows:
                    text = block.text(name)
                    await connection.copy_to_table(name, source=text, columns=columns, freeze=room.empty)
            tokens.update(block.tokens)
            done += block.people
            if progress is not None:
                progress(done, size)
    await build_indexes(connection, room.restoring)
    await (keep_counts(connection, done, tokens) if room.empty else count_tokens(connection))
    await check_references_again(connection)
    await read_lists_again(connection)
    manifest = digester.manifest({"seed": seed, "size": size, "as_of": AS_OF.isoformat()})
    await _keep(connection, "population", manifest)
    return manifest


async def _exchange_personas(connection: CopyConnection, text: str, rows: Rows) -> None:
    digester = Digester()
    digester.take({name: copied_rows(lines) for name, lines in rows.tables.items()})
    manifest = digester.manifest({"file": hashlib.sha256(text.encode()).hexdigest()})
    held = await stored_manifest(connection, "personas")
    if held is not None and held.digest == manifest.digest:
        return
    for table, column in (
        *(("kinship", "person_id"), ("guardianship", "person_id"), ("custody", "person_id")),
        *(("residence", "person_id"), ("household", "household_id")),
        *(("dwelling", "dwelling_id"), ("person", "person_id")),
    ):
        await connection.execute(f"DELETE FROM {table} WHERE {column} < $1", FIRST_ID)  # noqa: S608 — names are constants
    await _copy(connection, rows)
    await read_lists_again(connection)
    await _keep(connection, "personas", manifest)


async def _copy(connection: CopyConnection, rows: Rows) -> None:
    for name, columns in COLUMNS.items():
        if lines := rows.tables[name]:
            await connection.copy_records_to_table(name, records=lines, columns=columns)


async def _keep(connection: CopyConnection, part: str, manifest: Manifest) -> None:
    await connection.execute(
        "INSERT INTO population_manifest (part, digest, detail) VALUES ($1, $2, $3::jsonb) "
        "ON CONFLICT (part) DO UPDATE SET digest = excluded.digest, detail = excluded.detail",
        part,
        manifest.digest,
        orjson.dumps(manifest.detail).decode(),
    )

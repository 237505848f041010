"""Filling the database: once, whole, repeatable."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from population_registry.__main__ import main
from population_registry.storage import Pool, load_facts, migrate, open_pool
from population_registry.synthesis import AlreadyPopulatedError, PersonaError, populate
from population_registry.synthesis.population import manifest_of
from tests.engines import MakeDatabase
from tests.registry_storage.conftest import PERSONAS, SEED, SIZE

TEXT = PERSONAS.read_text(encoding="utf-8")
LAN = "099194000101"


async def _counts(pool: Pool) -> object:
    names = ("person", "membership", "residence", "kinship", "health_insurance", "dwelling_owner")
    return [await pool.fetchval(f"SELECT count(*) FROM {name}") for name in names]


async def test_second_run_changes_nothing(registry_url: str, pool: Pool) -> None:
    """The same inputs find their manifest: same rows, no progress, the digest that no database was needed for."""
    before, told = await _counts(pool), list[int]()
    again = await populate(
        registry_url, seed=SEED, size=SIZE, personas=TEXT, progress=lambda done, _: told.append(done)
    )
    assert again.digest == manifest_of(SEED, SIZE).digest
    assert await _counts(pool) == before
    assert told == []


async def test_other_inputs_are_refused(registry_url: str, pool: Pool) -> None:
    """A population is never mixed with another or replaced."""
    before = await _counts(pool)
    with pytest.raises(AlreadyPopulatedError, match="seed 6 and size 300"):
        await populate(registry_url, seed=SEED + 1, size=SIZE, personas=TEXT)
    assert await _counts(pool) == before


async def test_references_hold_in_the_database(pool: Pool) -> None:
    """COPY ran without reference checks; afterwards every foreign key is satisfied all the same."""
    keys = await pool.fetch(
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid), conname FROM pg_constraint WHERE contype = 'f'"
    )
    assert len(keys) > 12
    for table, _, name in keys:
        definition = await pool.fetchval(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", name
        )
        await pool.execute(
            f'ALTER TABLE {table} DROP CONSTRAINT "{name}"; ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'
        )


async def test_a_changed_personas_file_exchanges_the_personas(make_database: MakeDatabase) -> None:
    """New wording replaces the old personas; the population beside them stays; a broken file changes nothing."""
    url = await make_database("personas")
    await migrate(url)
    told: list[tuple[int, int]] = []
    await populate(url, seed=1, size=50, personas=TEXT, progress=lambda *step: told.append(step))
    assert told[-1] == (50, 50)
    with pytest.raises(PersonaError):
        await populate(url, seed=1, size=50, personas="[[persona")
    await populate(url, seed=1, size=50, personas=TEXT.replace('birth = "1994-05-17"', 'birth = "1994-05"'))
    pool = await open_pool(url)
    try:
        facts = await load_facts(pool, [LAN])
        assert facts.subject is not None
        assert str(facts.subject.person.birth) == "1994-05"
        assert await pool.fetchval("SELECT count(*) FROM person WHERE person_id > 100000") == 50
        everybody = await pool.fetchval("SELECT count(*) FROM person")
        await populate(url, seed=1, size=50)
        assert await pool.fetchval("SELECT count(*) FROM person") == everybody
        await populate(url, seed=1, size=50, personas="")
        assert await pool.fetchval("SELECT count(*) FROM person") == 50
    finally:
        await pool.close()


def _cli(url: str, *words: str) -> int:
    return main(["--database", url, *words])


async def test_command_line(make_database: MakeDatabase, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """`migrate`, `populate`, `manifest` do what they say; refusals are one sentence and exit code 2."""
    url = await make_database("cli")

    async def run(*words: str) -> tuple[int, bytes, bytes]:
        code = await asyncio.to_thread(_cli, url, *words)
        return (code, *capfdbinary.readouterr())

    assert (await run("migrate"))[0] == 0
    assert (await run("manifest"))[0] == 2
    code, out, err = await run("populate", "--size", "40", "--seed", "3", "--personas", str(PERSONAS))
    assert code == 0
    assert b"40 of 40" in err
    assert orjson.loads(out)["sha256"] == manifest_of(3, 40).digest
    assert orjson.loads((await run("manifest"))[1]) == orjson.loads(out)
    code, out, err = await run("populate", "--size", "41", "--seed", "3", "--quiet")
    assert (code, out) == (2, b"")
    assert b"empty database" in err


async def test_command_line_says_what_is_wrong(
    make_database: MakeDatabase, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No schema, no such database, no file, production mode: one sentence with the remedy, never a traceback."""
    empty = await make_database("empty")
    gone = empty.replace("test_empty", "test_gone")

    async def refusal(url: str, *words: str) -> bytes:
        assert await asyncio.to_thread(_cli, url, *words) == 2
        out, err = capfdbinary.readouterr()
        assert (out, err.count(b"\n")) == (b"", 1)
        return err

    assert b"run migrate first" in await refusal(empty, "populate", "--size", "5")
    assert b"run migrate first" in await refusal(empty, "manifest")
    assert b"refuses" in await refusal(gone, "manifest")
    assert b"refuses" in await refusal(gone, "migrate")
    assert b"cannot be read" in await refusal(empty, "populate", "--personas", "/nowhere.toml")
    monkeypatch.setenv("DINHDANH_MODE", "production")
    assert b"production" in await refusal(empty, "populate", "--personas", str(PERSONAS))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert b"name the database" in await refusal("", "migrate")

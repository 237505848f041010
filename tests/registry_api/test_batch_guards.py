"""Rows established as written leave no answer of their own: what keeps a lost answer from reading like them."""

from __future__ import annotations

import pytest

from population_registry.batch import erasing
from population_registry.storage.connections import connect
from population_registry.working import make_worker
from tests.registry_api.batches import HEADER, look, make, run, send, settings_of
from tests.registry_api.conftest import LAN, PHUC

pytestmark = pytest.mark.engine
ROWS = [
    f"1,{LAN['number']},{LAN['name'].upper()},{LAN['birth_date']}",
    f"2,{PHUC['number']},{PHUC['name'].upper()},{PHUC['birth_date']}",
]
CAPITALS = (HEADER + "\n".join(ROWS) + "\n").encode()


@pytest.fixture
async def keys(key_rings, persona_database):
    """The key folder; no batch of another test is left."""
    connection = await connect(persona_database)
    await connection.execute(
        "DELETE FROM batch_job; DELETE FROM batch_row; DELETE FROM batch_result; DELETE FROM guessing_budget"
    )
    await connection.close()
    return key_rings[0]


async def test_a_batch_that_lost_an_answer_signs_nothing(registry, keys):
    """Were the answer of a row lost, it would read as established: nothing is signed or given out."""
    path = await make(registry)
    await send(registry, path, CAPITALS)
    worker = make_worker(settings_of(registry, keys), clock=registry.clock)
    for _ in range(2):
        assert await worker.step()  # taken in, answered
    connection = await connect(registry.database_url)
    assert await connection.execute("DELETE FROM batch_result") == "DELETE 2"
    await connection.close()
    assert await worker.step()
    await worker.close()
    job = await look(registry, path)
    assert (job["state"], job["problem"]["code"], job["receipt"]) == ("stopped", "broken", None)


async def test_rows_and_what_was_said_of_them_are_erased_together(registry, keys, monkeypatch):
    """A slice takes a row with its answer: what is left never reads as established without having been."""
    await run(registry, keys, CAPITALS)
    registry.clock.advance(hours=73)
    monkeypatch.setattr(erasing, "_SLICE", erasing._SLICE.replace(str(erasing.SLICE), "1"))
    connection = await connect(registry.database_url)
    left = "SELECT array_agg(row_no ORDER BY row_no) FROM "
    for rows in ([3], None):
        assert await erasing.erase_some(connection, registry.clock())
        assert await connection.fetchval(f"{left} batch_row") == rows
        assert await connection.fetchval(f"{left} batch_result") == rows
    await connection.close()

"""Several workers on one batch: a killed process and a race lose no row and double none."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from population_registry.storage import migrate
from population_registry.storage.connections import connect
from population_registry.synthesis import populate
from tests.registry_api.batches import HEADER, look, make, send, settings_of, work
from tests.registry_api.conftest import ISSUER, REGISTRY

pytestmark = pytest.mark.engine
ROOT = Path(__file__).parents[2]
TIMES = 12
PEOPLE = 2_000


@pytest.fixture(scope="module")
async def crowd(make_database):
    """A registry of two thousand synthetic people."""
    url = await make_database("registry_crowd")
    await migrate(url)
    await populate(url, seed=3, size=PEOPLE)
    return url


@pytest.fixture
async def file_of_all(crowd):
    """Everybody: half as recorded, half in capitals (the slow way), and as many numbers of nobody as fit."""
    connection = await connect(crowd)
    await connection.execute("DELETE FROM batch_job; DELETE FROM batch_row; DELETE FROM batch_result")
    await connection.execute("DELETE FROM guessing_budget")
    people = await connection.fetch(
        "SELECT personal_number, concat_ws(' ', nullif(family_name, ''), nullif(middle_name, ''), given_name), "
        "birth_date FROM person ORDER BY person_id"
    )
    await connection.close()
    rows = [
        f"{n},{number},{name if n % 2 else name.upper()},{birth}"
        for n, (number, name, birth) in enumerate(people)
    ]
    rows += [f"x{n},0980000{n:05d},Nguyễn Văn A,19{n % 90 + 10}" for n in range(500)]
    return (HEADER + "\n".join(rows) + "\n").encode(), len(rows)


@pytest.fixture
def small_pieces(monkeypatch):
    """Pieces of a hundred rows, so that there are many to share."""
    monkeypatch.setattr("population_registry.batch.intake.ROWS_OF_A_CHUNK", 100)


async def _check(url: str, path: str, rows: int, job: dict) -> None:
    """Every row has one answer or one fault, every person found has one log entry, and the counts say so."""
    batch_id = path[-36:]
    connection = await connect(url)
    answered = await connection.fetchval(
        "SELECT (SELECT count(*) FROM batch_result WHERE batch_id::text = $1) + "
        "sum((tally->>'as_written')::int) FROM batch_chunk WHERE batch_id::text = $1",
        batch_id,
    )
    faulty = await connection.fetchval(
        "SELECT count(*) FROM batch_row WHERE batch_id::text = $1 AND error IS NOT NULL", batch_id
    )
    logged = await connection.fetch(
        "SELECT count(*), count(DISTINCT subject_id) FROM access_log WHERE correlation_id = $1", batch_id
    )
    await connection.close()
    counts = job["rows"]
    assert job["state"] == "finished", job
    assert counts["total"] == counts["done"] == rows == answered + faulty
    assert counts["refused"] == faulty
    found = answered - counts["no_such_person"]
    assert tuple(logged[0]) == (found, found)


def _process(url: str, folder: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "DATABASE_URL": url,
        "PUBLIC_URL": REGISTRY,
        "ISSUER": ISSUER,
        "KEYS_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
        "DINHDANH_MODE": "demo",
    }
    # The very worker, which stops inside each transaction after the first: the kill meets one that is open.
    script = (
        "import asyncio, itertools, runpy, sys\n"
        "from population_registry.batch import working\n"
        "real, pieces = working.work_chunk, itertools.count()\n"
        "async def slow(*parts):\n"
        "    done = await real(*parts)\n"
        "    if next(pieces):\n"
        "        await asyncio.Event().wait()\n"
        "    return done\n"
        "working.work_chunk = slow\n"
        "sys.argv = ['population_registry', 'work']\n"
        "runpy.run_module('population_registry', run_name='__main__')\n"
    )
    return subprocess.Popen([sys.executable, "-c", script], env=environment, cwd=ROOT)


async def _moved(registry, path: str, before: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until another piece is committed; the worker goes on living."""
    while await _done(registry, path) <= before:
        assert process.poll() is None
        await asyncio.sleep(0.05)


async def _done(registry, path: str) -> int:
    return (await look(registry, path))["rows"]["done"]


async def test_a_killed_worker_loses_no_row_and_doubles_none(
    start, crowd, file_of_all, key_rings, small_pieces
):
    """Kill -9 in the middle of open transactions, three times; another worker ends the batch exactly."""
    content, rows = file_of_all
    async for registry in start(crowd):
        path = await make(registry)
        await send(registry, path, content)
        worker_settings = settings_of(registry, key_rings[0])
        from population_registry.working import make_worker

        first = make_worker(worker_settings, clock=registry.clock)
        assert await first.step()  # the intake, with small pieces
        await first.close()
        for _ in range(3):
            before = await _done(registry, path)
            process = _process(crowd, key_rings[0])
            try:
                await _moved(registry, path, before, process)
                assert process.poll() is None
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()
            assert before < await _done(registry, path) < rows
        await work(registry, key_rings[0])
        await _check(crowd, path, rows, await look(registry, path))


async def test_two_workers_share_a_batch_exactly(start, crowd, file_of_all, key_rings, small_pieces):
    """Four workers race for every piece, for the intake and for the end; each is done once."""
    content, rows = file_of_all
    async for registry in start(crowd):
        path = await make(registry)
        await send(registry, path, content)
        await asyncio.gather(*(work(registry, key_rings[0]) for _ in range(4)))
        await work(registry, key_rings[0])
        await _check(crowd, path, rows, await look(registry, path))


async def test_a_cancellation_between_two_pieces_ends_the_work(
    start, crowd, file_of_all, key_rings, small_pieces
):
    """What was committed before stays in the log; nothing is written afterwards, and the rows are erased."""
    content, rows = file_of_all
    async for registry in start(crowd):
        path = await make(registry)
        await send(registry, path, content)
        from population_registry.working import make_worker
        from tests.registry_api.batches import insurer

        worker = make_worker(settings_of(registry, key_rings[0]), clock=registry.clock)
        for _ in range(3):
            assert await worker.step()
        assert 0 < await _done(registry, path) < rows
        await registry.post(f"{path}/cancellation", {}, insurer(registry))
        connection = await connect(crowd)
        count = "SELECT count(*) FROM access_log WHERE correlation_id = $1"
        logged = await connection.fetchval(count, path[-36:])
        await work(registry, key_rings[0])
        assert await connection.fetchval(count, path[-36:]) == logged > 0
        assert await connection.fetchval("SELECT count(*) FROM batch_row") == 0
        await worker.close()
        await connection.close()


async def test_two_uploads_at_the_same_place_keep_one(start, crowd, key_rings):
    """Of two uploads racing for the same offset one is kept, the other is told where to go on."""
    async for registry in start(crowd):
        path = await make(registry)
        answers = await asyncio.gather(
            *(send(registry, path, b"x" * 1000, Upload_Complete="?0") for _ in range(6))
        )
        assert sorted(answer.status_code for answer in answers) == [204] + [409] * 5
        assert (await look(registry, path))["bytes"]["received"] == 1000

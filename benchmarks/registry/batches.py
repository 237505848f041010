"""Rows a second of a batch, exact and fuzzy, beside a plain SQL join on the same rows in the same run.

`python -m benchmarks.registry.batches` sends a file with every name as recorded and one with every name in capitals,
works each with one worker, and prints rows per wall second, and per CPU second of the worker and of its backends.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.registry.ground import VAR, engine, ring_folder
from population_registry.batch.asking import read_order
from population_registry.batch.jobs import append, complete, make_job, tally
from population_registry.settings import RegistrySettings
from population_registry.storage.connections import connect
from population_registry.verification.asking import Caller
from population_registry.working import make_worker

PIECE = 512 * 1024
WARM = 2_000
"""Rows of a first batch that is not measured: a worker lives long, its first words and statements are made once."""
ORDER = {
    "purpose": "Đo tốc độ đối soát",
    "procedure_code": "bhxh.reconcile",
    "kind": "reconcile",
    "format": "csv",
    "columns": {"number": "so", "name": "ten", "birth_date": "ns"},
}
NAME = "concat_ws(' ', nullif(family_name, ''), nullif(middle_name, ''), given_name)"
JOIN = f"""
SELECT count(*) FROM batch_row r JOIN person p ON p.personal_number = r.number
 WHERE r.batch_id = $1 AND p.birth_date = r.birth_date AND {NAME} = r.name
"""


def cpu_of(process: int) -> float:
    """CPU seconds of a process so far."""
    return int(Path(f"/proc/{process}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def resident_of(process: int) -> float:
    """Most MB that a process ever held."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


async def measured(worker: Any, work: Any) -> dict[str, float]:
    """Wall and CPU seconds of something that one worker does."""
    backends = [each.get_server_pid() for each in (worker._first, worker._second)]  # noqa: SLF001 -- a measurement
    wall, own = time.perf_counter(), time.process_time()
    engine = sum(cpu_of(each) for each in backends)
    await work()
    return {
        "wall": time.perf_counter() - wall,
        "worker_cpu": time.process_time() - own,
        "engine_cpu": sum(cpu_of(each) for each in backends) - engine,
    }


async def one(url: str, worker: Any, content: bytes, people: int) -> dict[str, Any]:
    """One batch, phase by phase."""
    connection = await connect(url)
    batch_id, now = uuid4(), datetime.now(UTC)
    order = read_order(ORDER, largest=len(content) + 1)
    await make_job(connection, batch_id, Caller("insurance-portal", frozenset()), order, now)
    begun = time.perf_counter()
    for at in range(0, len(content), PIECE):
        assert await append(connection, batch_id, at, content[at : at + PIECE])
    upload = time.perf_counter() - begun
    assert await complete(connection, batch_id, len(content), now)
    taken = await measured(worker, worker._take_in)  # noqa: SLF001 -- phases apart

    async def answer() -> None:
        while await worker._answer():  # noqa: SLF001 -- phases apart
            pass

    answered = await measured(worker, answer)
    finished = await measured(worker, worker._finish)  # noqa: SLF001 -- phases apart
    begun = time.perf_counter()
    joined = await connection.fetchval(JOIN, batch_id)
    join = time.perf_counter() - begun
    done, counts = await tally(connection, batch_id)
    assert done == people
    await connection.execute("DELETE FROM guessing_budget")
    await connection.close()
    phases = {"take in": taken, "answer": answered, "finish": finished}
    return {
        "counts": counts,
        "joined": joined,
        "rows_per_s": {
            "upload": round(people / upload),
            **{
                name: {part: round(people / max(s, 0.01)) for part, s in phase.items()}
                for name, phase in phases.items()
            },
            "worker, all phases": round(people / sum(phase["worker_cpu"] for phase in phases.values())),
            "all but upload": round(people / sum(phase["wall"] for phase in phases.values())),
            "plain join": round(people / join),
        },
    }


def file_of(rows: Sequence[Any], change: Callable[[str], str]) -> bytes:
    """The file of these people, every name changed so."""
    lines = (f"{number},{change(name)},{birth}\n" for number, name, birth in rows)
    return ("so,ten,ns\n" + "".join(lines)).encode()


async def batches(url: str, keys: Path, people: int) -> dict[str, Any]:
    """An exact and a fuzzy batch about so many people of a filled database."""
    connection = await connect(url)
    rows = await connection.fetch(
        f"SELECT personal_number, {NAME}, birth_date FROM person WHERE personal_number >= '0' "
        "ORDER BY person_id LIMIT $1",
        people,
    )
    await connection.close()
    settings = RegistrySettings(
        public_url="http://localhost:8100",
        database_url=url,
        issuer="http://localhost:8000",
        keys_dir=keys,
        batch_homonyms=100_000,
    )
    worker = make_worker(settings)
    await worker.step()
    said: dict[str, Any] = {"rows": len(rows)}
    await one(url, worker, file_of(rows[:WARM], str.lower), len(rows[:WARM]))
    for label, change in (("exact", str), ("fuzzy", str.upper)):
        said[label] = await one(url, worker, file_of(rows, change), len(rows))
    said["worker_peak_mb"] = round(resident_of(os.getpid()))
    await worker.close()
    return said


def main() -> None:
    """Run and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, help="people in the database")
    parser.add_argument("--rows", type=int, default=10_000, help="rows of each file")
    options = parser.parse_args()
    with engine(VAR / f"people-{options.people}", options.people) as running:
        said = asyncio.run(batches(running.url, ring_folder(VAR), options.rows))
    print(json.dumps(said, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()

"""`make bench` after the provider: the registry over populations of several sizes, into ``docs/performance.md``.

`python -m benchmarks.registry --sizes 10000 100000` makes the populations; `--at 1000000=URL` measures one that
exists (a copy of its own: the measured questions are logged in it). `--report` writes the page and the plot.
"""

import argparse
import asyncio
import json
import os
import statistics
from contextlib import AbstractContextManager
from typing import Any

from benchmarks.load import run
from benchmarks.process import LOAD_CORE, pin
from benchmarks.registry import report
from benchmarks.registry.batches import batches
from benchmarks.registry.ground import VAR, Engine, Ground, engine, held, ring_folder, service
from benchmarks.registry.questions import SCENARIOS, Scenario, people


async def once(scenario: Scenario, ground: Ground, count: int) -> dict[str, float]:
    """Prepare unmeasured, then measure."""
    requests = await scenario.prepare(ground, await people(ground, count))
    server, backends = ground.server.cpu_seconds(), ground.engine.cpu_seconds()
    measured = await run(ground.server.port, requests)
    return {
        "cpu_microseconds": (ground.server.cpu_seconds() - server) / count * 1e6,
        "engine_microseconds": (ground.engine.cpu_seconds() - backends) / count * 1e6,
        "requests_per_second": measured.requests / measured.seconds,
        "p50_milliseconds": measured.quantile(0.5) * 1e3,
        "p99_milliseconds": measured.quantile(0.99) * 1e3,
    }


async def single(ground: Ground, names: set[str], count: int, rounds: int) -> dict[str, Any]:
    """Every single question, the middle of some rounds; in turns, so that noise of the machine meets all."""
    chosen = [scenario for scenario in SCENARIOS if not names or scenario.name in names]
    found: dict[str, list[dict[str, float]]] = {scenario.name: [] for scenario in chosen}
    for number in range(rounds + 1):
        for scenario in chosen:
            figures = await once(scenario, ground, count)
            if number:  # the first round warms up
                found[scenario.name].append(figures)
    return {
        name: {part: statistics.median(each[part] for each in figures) for part in figures[0]}
        for name, figures in found.items()
    }


def measure(place: AbstractContextManager[Engine], size: int, options: argparse.Namespace) -> dict[str, Any]:
    """Everything about one population."""
    with place as running_engine:
        with service(running_engine, VAR) as ground:
            pin(os.getpid(), LOAD_CORE)
            singles = asyncio.run(single(ground, set(options.only), options.count, options.rounds))
            memory = ground.server.memory_megabytes()
        rows = min(size, options.rows)
        both = asyncio.run(batches(running_engine.url, ring_folder(VAR), rows)) if rows else None
    found = {
        "people": size,
        "single": singles,
        "memory": memory,
        "batches": both,
        "filled": running_engine.filled,
    }
    print(json.dumps(found, indent=1), flush=True)
    return found


def main() -> None:
    """Measure, print, and write the report where that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.registry", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000], help="people")
    parser.add_argument("--at", nargs="*", default=[], metavar="PEOPLE=URL", help="databases that exist")
    parser.add_argument("--only", nargs="*", default=[], help="names of scenarios")
    parser.add_argument("--count", type=int, default=1_000, help="requests in a round")
    parser.add_argument("--rounds", type=int, default=3, help="measured rounds; the median counts")
    parser.add_argument("--rows", type=int, default=20_000, help="rows of each batch; 0 for none")
    parser.add_argument("--report", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    VAR.mkdir(parents=True, exist_ok=True)
    places: dict[int, AbstractContextManager[Engine]] = {
        size: engine(VAR / f"people-{size}", size) for size in options.sizes
    }
    for each in options.at:
        size, _, url = each.partition("=")
        places[int(size)] = held(url)
    found = [measure(places[size], size, options) for size in sorted(places)]
    result = {"sizes": found, "count": options.count, "rounds": options.rounds}
    (VAR / "registry.json").write_text(json.dumps(result, indent=2), encoding="utf-8")
    if options.report:
        report.write(result)


if __name__ == "__main__":
    main()

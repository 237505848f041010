"""`python -m benchmarks.registry`: measure the registry over populations of several sizes."""

import argparse
import asyncio
import json
import os
import statistics
from pathlib import Path
from typing import Any

from benchmarks.load import run
from benchmarks.process import LOAD_CORE, pin
from benchmarks.registry.ground import VAR, Ground, engine, service
from benchmarks.registry.questions import SCENARIOS, Scenario, people


async def once(scenario: Scenario, ground: Ground, count: int) -> dict[str, float]:
    """Prepare unmeasured, then measure."""
    requests = await scenario.prepare(ground, await people(ground, count))
    server, engine_before = ground.server.cpu_seconds(), ground.engine.cpu_seconds()
    measured = await run(ground.server.port, requests)
    return {
        "cpu_microseconds": (ground.server.cpu_seconds() - server) / count * 1e6,
        "engine_microseconds": (ground.engine.cpu_seconds() - engine_before) / count * 1e6,
        "requests_per_second": measured.requests / measured.seconds,
        "p50_milliseconds": measured.quantile(0.5) * 1e3,
        "p99_milliseconds": measured.quantile(0.99) * 1e3,
    }


async def single(ground: Ground, names: set[str], count: int, rounds: int) -> dict[str, Any]:
    """Every single question, the middle of some rounds."""
    found = {}
    for scenario in SCENARIOS:
        if names and scenario.name not in names:
            continue
        figures = [await once(scenario, ground, count) for _ in range(rounds + 1)][1:]
        found[scenario.name] = {
            name: statistics.median(each[name] for each in figures) for name in figures[0]
        }
        print(f"{scenario.title:40}", {k: round(v, 1) for k, v in found[scenario.name].items()}, flush=True)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.registry", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000], help="people")
    parser.add_argument("--data", type=Path, help="data folder of an engine that holds the last size")
    parser.add_argument("--only", nargs="*", default=[], help="names of scenarios")
    parser.add_argument("--count", type=int, default=1_000, help="requests in a round")
    parser.add_argument("--rounds", type=int, default=3, help="measured rounds; the median counts")
    arguments = parser.parse_args()
    VAR.mkdir(parents=True, exist_ok=True)
    for size in arguments.sizes:
        folder = VAR / f"people-{size}"
        with engine(folder, size) as running_engine, service(running_engine, VAR) as ground:
            pin(os.getpid(), LOAD_CORE)
            found = asyncio.run(single(ground, set(arguments.only), arguments.count, arguments.rounds))
            print(size, json.dumps(found), f"{ground.server.memory_megabytes():.0f} MB")


if __name__ == "__main__":
    main()

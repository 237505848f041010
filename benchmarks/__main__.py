"""``make bench``: run every scenario on both sides in turns, write figures and plot to ``docs/performance.md``.

Then the registry is measured (`benchmarks/registry`); ``make bench ARGS="registry …"`` measures it alone, and
``make bench ARGS=people`` how long people wait for pages (`benchmarks/people`).
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any, Final

from benchmarks import login, report
from benchmarks.load import run
from benchmarks.ours import VAR, Ours, registry_url
from benchmarks.peer import Peer
from benchmarks.process import LOAD_CORE, Server, pin
from benchmarks.scenarios import SCENARIOS, Scenario, Side

PARTS: Final = {
    "registry": ("benchmarks.registry", "--report"),
    "people": ("benchmarks.people",),
}
"""What is measured by itself, in a process of its own."""
OUR_PATHS: Final = {
    "authorize": "/authorize",
    "push": "/par",
    "token": "/token",
    "introspect": "/introspect",
    "userinfo": "/userinfo",
    "revoke": "/revoke",
    "jwks": "/jwks",
    "discovery": "/.well-known/openid-configuration",
}
LOGINS: Final = 20
PEER_PATHS: Final = {
    **OUR_PATHS,
    "authorize": "/auth",
    "push": "/request",
    "introspect": "/token/introspection",
    "userinfo": "/me",
    "revoke": "/token/revocation",
}


Sides = tuple[tuple[str, Side, Server], tuple[str, Side, Server]]


@dataclass(frozen=True, slots=True)
class Round:
    """One run of one scenario on one side."""

    cpu_microseconds: float
    requests_per_second: float
    p50_milliseconds: float
    p99_milliseconds: float


async def once(scenario: Scenario, side: Side, server: Server, count: int) -> Round:
    """Prepare unmeasured, then measure."""
    requests = await scenario.prepare(side, count)
    before = server.cpu_seconds()
    measured = await run(side.port, requests)
    cpu = server.cpu_seconds() - before
    return Round(
        cpu_microseconds=cpu / measured.requests * 1e6,
        requests_per_second=measured.requests / measured.seconds,
        p50_milliseconds=measured.quantile(0.5) * 1e3,
        p99_milliseconds=measured.quantile(0.99) * 1e3,
    )


def median(rounds: list[Round]) -> dict[str, float]:
    """The middle of every figure."""
    return {name: statistics.median(getattr(each, name) for each in rounds) for name in Round.__slots__}


def both(ours: Ours, peer: Peer) -> Sides:
    """The two sides, each with a signed-in browser."""
    return (
        ("ours", Side(ours.issuer, ours.server.port, OUR_PATHS, ours.sign_in(), registry_url()), ours.server),
        (
            "peer",
            Side(peer.issuer, peer.server.port, PEER_PATHS, peer.sign_in(), registry_url()),
            peer.server,
        ),
    )


async def compare(sides: Sides, names: set[str], count: int, rounds: int) -> list[dict[str, Any]]:
    """Both sides in turns, so that noise of the machine meets both."""
    rows = []
    for scenario in SCENARIOS:
        if names and scenario.name not in names:
            continue
        found: dict[str, list[Round]] = {"ours": [], "peer": []}
        for number in range(rounds + 1):
            for name, side, server in sides:
                figures = await once(scenario, side, server, count)
                if number:  # the first round warms up
                    found[name].append(figures)
        row: dict[str, Any] = {"name": scenario.name, "title": scenario.title}
        row |= {name: median(figures) for name, figures in found.items()}
        row["ratio"] = row["ours"]["cpu_microseconds"] / row["peer"]["cpu_microseconds"]
        rows.append(row)
        print(
            f"{scenario.title:44} {row['ours']['cpu_microseconds']:7.0f} µs"
            f"  {row['peer']['cpu_microseconds']:7.0f} µs  ratio {row['ratio']:.2f}",
            flush=True,
        )
    return rows


def whole_logins(sides: Sides, credentials: tuple[str, str], count: int) -> dict[str, dict[str, float]]:
    """A whole login on each side, one after the other: CPU time of the provider and duration, in milliseconds."""
    found = {}
    for name, side, server in sides:
        proof = credentials if name == "ours" else None
        login.logins(side, 2, proof)
        before, begun = server.cpu_seconds(), time.perf_counter()
        login.logins(side, count, proof)
        cpu, seconds = server.cpu_seconds() - before, time.perf_counter() - begun
        found[name] = {"cpu_milliseconds": cpu / count * 1e3, "milliseconds": seconds / count * 1e3}
    print(f"whole login: {found}", flush=True)
    return found


def main() -> None:
    """Measure, print, and write the report when everything was measured; then the registry; or one part alone."""
    if sys.argv[1:] and sys.argv[1] in PARTS:
        alone(sys.argv[1], *sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="names of scenarios")
    parser.add_argument("--count", type=int, default=2_000, help="requests in a round")
    parser.add_argument("--rounds", type=int, default=3, help="measured rounds; the median counts")
    arguments = parser.parse_args()
    ours = Ours()
    peer = None
    try:
        peer = Peer(ours.redis_url, registry_url(), VAR / "peer.log")
        pin(os.getpid(), LOAD_CORE)
        sides = both(ours, peer)
        rows = asyncio.run(compare(sides, set(arguments.only), arguments.count, arguments.rounds))
        logins = whole_logins(sides, ours.credentials(), LOGINS)
        memory = {"ours": ours.server.memory_megabytes(), "peer": peer.server.memory_megabytes()}
    finally:
        if peer is not None:
            peer.stop()
        ours.stop()
    result = {
        "rows": rows,
        "logins": logins,
        "memory": memory,
        "count": arguments.count,
        "rounds": arguments.rounds,
    }
    (VAR / "results.json").write_text(json.dumps(result, indent=2), encoding="utf-8")
    if not arguments.only:
        report.write(result)
        alone("registry")


def alone(part: str, *arguments: str) -> None:
    """Measure a part in a process of its own, which may use every core again."""
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    subprocess.run([sys.executable, "-m", *PARTS[part], *arguments], check=True)


if __name__ == "__main__":
    main()

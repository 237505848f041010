"""What one page costs: how long its reader waits, and the CPU time of its service and of everybody behind it.

One request at a time, each after the yardstick, so that what the machine does besides shows in both. Waiting grows
with whatever else runs; CPU time much less, so that on a busy machine it is the figure to look at.
"""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import httpx2
import redis
from sqlalchemy.engine import make_url

from benchmarks.load import prepare, run
from benchmarks.people.country import Visitor
from benchmarks.process import cpu_of_children, cpu_of_process, listener
from demo.place import Place
from demo.rows import Service
from demo.services import table

WARM: Final = 3
HEAD: Final = (
    "| page | ms p50 | p95 | CPU ms, its service | CPU ms, behind it | /health/live: ms p50 | p95 | CPU ms |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|"
)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The CPU clocks of a running demo: its services by their ports, the database server, Redis."""

    services: Mapping[int, int]
    postgres: int
    cache: int

    @classmethod
    def of(cls, place: Place) -> Self:
        """Of the demo that runs at a place."""
        ports = {row.port for row in table(place) if isinstance(row, Service)} - {0}
        folder = Path(str(make_url(place.database("idp")).query["host"]))
        postgres = int((folder / ".s.PGSQL.5432.lock").read_text(encoding="ascii").split()[0])
        with redis.Redis.from_url(place.cache("idp")) as cache:
            said = cache.info("server")
        return cls({port: listener(port) for port in ports}, postgres, int(said["process_id"]))

    def read(self, port: int) -> tuple[float, float]:
        """Milliseconds so far of the service at a port, and of everybody else."""
        spent = {each: cpu_of_process(pid) for each, pid in self.services.items()}
        own = spent.pop(port)
        behind = sum(spent.values()) + cpu_of_process(self.cache) + cpu_of_children(self.postgres)
        return own * 1e3, behind * 1e3


@dataclass(frozen=True, slots=True)
class Cost:
    """The middle and a late wait, and the middle CPU times, in milliseconds."""

    p50: float
    p95: float
    own: float
    behind: float


@dataclass(frozen=True, slots=True)
class Waited:
    """A page beside the yardstick of its service."""

    page: Cost
    live: Cost

    def row(self, name: str) -> str:
        """A line of the table in docs/performance.md."""
        page, live = self.page, self.live
        figures = (page.p50, page.p95, page.own, page.behind, live.p50, live.p95, live.own)
        return f"| {name} | " + " | ".join(f"{each:.1f}" for each in figures) + " |"


async def waited(url: str, visitor: Visitor, clocks: Clocks, count: int) -> Waited:
    """Ask for a page so many times, each time after the yardstick; the page is where its address leads."""
    answer = visitor.browser.get(url)
    if answer.status_code != httpx2.codes.OK:
        raise RuntimeError(f"{answer.url}: {answer.status_code} {answer.text[:500]}")
    address, port = answer.url, answer.url.port or 80
    page = prepare(str(address), headers=[("Cookie", visitor.cookies())])
    live = prepare(str(address.join("/health/live")))
    found: dict[bool, list[tuple[float, float, float]]] = {False: [], True: []}
    for number in range(count + WARM):
        for request in (live, page):
            before = clocks.read(port)
            measured = await run(port, [request], connections=1)
            after = clocks.read(port)
            if number >= WARM:
                spent = (after[0] - before[0], after[1] - before[1])
                found[request is page].append((measured.latencies[0] * 1e3, *spent))
    return Waited(cost(found[True]), cost(found[False]))


def cost(found: list[tuple[float, float, float]]) -> Cost:
    """The figures of some requests."""
    waits, own, behind = (sorted(each) for each in zip(*found, strict=True))
    late = waits[min(len(waits) - 1, int(len(waits) * 0.95))]
    return Cost(statistics.median(waits), late, statistics.median(own), statistics.median(behind))

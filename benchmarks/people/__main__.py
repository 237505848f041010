"""How long people wait for pages: `python -m benchmarks.people`, or `make bench ARGS=people`.

The whole demo runs. First every family of pages is measured on its data, then "who looked at me" after a million
entries were added to the logs of provider and registry: for somebody like everybody else, and for somebody of whom
there are a hundred thousand, on the newest page and on old ones. One request at a time; /health/live of the same
service is asked in turns with each page, so that what the machine does besides shows in both.
"""

import argparse
import asyncio
import json
import re
from dataclasses import dataclass
from typing import Final

import httpx2

from benchmarks.load import prepare, run
from benchmarks.people.country import VAR, Visitor, country
from benchmarks.people.filling import fill
from benchmarks.people.pages import FAMILIES, let_in
from demo.place import Place

WARM: Final = 3
OLDER: Final = re.compile(r'rel="next" href="(\?[^"]+)"')
DEEP: Final = 40  # pages back in time
HUNTED, ORDINARY = "hung", "thanh"


@dataclass(frozen=True, slots=True)
class Waited:
    """What a page and the yardstick took, in milliseconds."""

    p50: float
    p95: float
    live_p50: float
    live_p95: float

    def row(self, name: str) -> str:
        """A line of the table in docs/performance.md."""
        return f"| {name} | {self.p50:.1f} | {self.p95:.1f} | {self.live_p50:.1f} | {self.live_p95:.1f} |"


async def waited(url: str, visitor: Visitor, count: int) -> Waited:
    """Ask for a page so many times, each time after the yardstick; the page is where its address leads."""
    answer = visitor.browser.get(url)
    if answer.status_code != httpx2.codes.OK:
        raise RuntimeError(f"{answer.url}: {answer.status_code} {answer.text[:500]}")
    address = answer.url
    page = prepare(str(address), headers=[("Cookie", visitor.cookies())])
    live = prepare(str(address.join("/health/live")))
    pages: list[float] = []
    yardstick: list[float] = []
    for number in range(count + WARM):
        for request, found in ((live, yardstick), (page, pages)):
            measured = await run(address.port or 80, [request], connections=1)
            if number >= WARM:
                found.append(measured.latencies[0])
    return Waited(*(quantile(found, at) * 1e3 for found in (pages, yardstick) for at in (0.5, 0.95)))


def quantile(seconds: list[float], at: float) -> float:
    """The middle, or a late one."""
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * at))]


async def families(place: Place, names: set[str], count: int) -> dict[str, Waited]:
    """Every page of every family, on the demo's data."""
    found: dict[str, Waited] = {}
    for family in FAMILIES:
        if names and family.name not in names:
            continue
        visitor = let_in(place, family)
        for path in family.paths:
            name = f"{family.name}: {path}"
            found[name] = await waited(place.url(family.service) + path, visitor, count)
            print(found[name].row(name), flush=True)
    return found


async def who_looked(place: Place, entries: int, share: int, count: int) -> dict[str, Waited]:
    """The joint list, with so many entries."""
    ordinary, hunted = Visitor(place, ORDINARY), Visitor(place, HUNTED)
    for visitor in (ordinary, hunted):
        visitor.enter(f"{place.url('idp')}/sign-in")
    print(json.dumps(await fill(place, entries, HUNTED, share)), flush=True)
    found: dict[str, Waited] = {}
    for who, visitor in (("one of everybody", ordinary), (f"of whom there are {share:,}", hunted)):
        newest = f"{place.url('idp')}/account/history"
        for name, url in (
            (f"newest page, {who}", newest),
            (f"{DEEP} pages back, {who}", back(visitor, newest)),
        ):
            found[name] = await waited(url, visitor, count)
            print(found[name].row(name), flush=True)
    return found


def back(visitor: Visitor, address: str) -> str:
    """The page that is reached by following "older" so often, or the last one."""
    for _ in range(DEEP):
        older = OLDER.search(visitor.browser.get(address).text)
        if older is None:
            break
        address = address.partition("?")[0] + older[1]
    return address


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.people", description=__doc__)
    parser.add_argument("--count", type=int, default=60, help="requests for each page")
    parser.add_argument("--only", nargs="*", default=[], help="names of families")
    parser.add_argument(
        "--entries", type=int, default=1_000_000, help="in both logs together; 0 leaves them alone"
    )
    parser.add_argument("--share", type=int, default=100_000, help="of these about one person")
    options = parser.parse_args()
    print("| page | p50 ms | p95 ms | /health/live p50 | p95 |\n|---|---:|---:|---:|---:|", flush=True)
    with country() as place:
        found = asyncio.run(families(place, set(options.only), options.count))
        if options.entries:
            found |= asyncio.run(who_looked(place, options.entries, options.share, options.count))
    slow = [name for name, each in found.items() if each.p95 > 100]
    VAR.joinpath("pages.json").write_text(
        json.dumps({name: each.row(name) for name, each in found.items()}), "utf-8"
    )
    print("every page within 100 ms (p95)" if not slow else f"over 100 ms (p95): {', '.join(slow)}")


if __name__ == "__main__":
    main()

"""How long people wait for pages: `python -m benchmarks.people`, or `make bench ARGS=people`.

The whole demo runs. First every family of pages is measured on its data, then "who looked at me" after the logs of
provider and registry were filled up to a million entries: for somebody like everybody else, and for somebody of whom
there are a hundred thousand, on the newest page and on old ones. The filled demo is kept: a second run measures it
again. ``--running`` measures the demo that runs already at DINHDANH_PORT_BASE and DINHDANH_VAR.
"""

import argparse
import asyncio
import json
import re
from contextlib import nullcontext
from typing import Final

from benchmarks.people.country import VAR, Visitor, country
from benchmarks.people.filling import fill
from benchmarks.people.pages import FAMILIES, let_in
from benchmarks.people.waiting import HEAD, Clocks, Waited, waited
from demo.place import Place

OLDER: Final = re.compile(r'rel="next" href="(\?[^"]+)"')
DEEP: Final = 40  # pages back in time
GOAL: Final = 100  # milliseconds, p95
HUNTED, ORDINARY = "hung", "thanh"


async def families(place: Place, clocks: Clocks, names: list[str] | None, count: int) -> dict[str, Waited]:
    """Every page of every family, on the demo's data."""
    found: dict[str, Waited] = {}
    for family in FAMILIES:
        if names is not None and family.name not in names:
            continue
        visitor = let_in(place, family)
        for path in family.paths:
            name = f"{family.name}: {path}"
            found[name] = await waited(place.url(family.service) + path, visitor, clocks, count)
            print(found[name].row(name), flush=True)
    return found


async def who_looked(place: Place, clocks: Clocks, entries: int, share: int, count: int) -> dict[str, Waited]:
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
            found[name] = await waited(url, visitor, clocks, count)
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
    parser.add_argument("--only", nargs="*", help="names of families; none: no family")
    parser.add_argument(
        "--entries", type=int, default=1_000_000, help="in both logs together; 0 leaves them alone"
    )
    parser.add_argument("--share", type=int, default=100_000, help="of these about one person")
    parser.add_argument("--running", action="store_true", help="measure the demo that runs already")
    options = parser.parse_args()
    with nullcontext(Place.from_environment()) if options.running else country() as place:
        clocks = Clocks.of(place)
        print(HEAD, flush=True)
        found = asyncio.run(families(place, clocks, options.only, options.count))
        if options.entries:
            found |= asyncio.run(who_looked(place, clocks, options.entries, options.share, options.count))
    slow = [name for name, each in found.items() if each.page.p95 > GOAL]
    VAR.mkdir(parents=True, exist_ok=True)
    VAR.joinpath("pages.json").write_text(
        json.dumps({name: each.row(name) for name, each in found.items()}), "utf-8"
    )
    print(f"every page within {GOAL} ms (p95)" if not slow else f"over {GOAL} ms (p95): {', '.join(slow)}")


if __name__ == "__main__":
    main()

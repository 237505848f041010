"""Officers' search on a population that exists: `python -m benchmarks.registry.searches URL` (each search is logged).

Elapsed time of the first page as the service gives it, log rows committed: the first time as the caches stand, then
the middle and the 95th of a hundred of twenty more. Run it where nothing else runs.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from keys import KeyRing
from population_registry.api.database import Database
from population_registry.api.references import References
from population_registry.api.searching import Inquiry, Searching
from population_registry.operators.criteria import read_criteria
from population_registry.operators.officers import Officer, Role
from population_registry.storage import migrate
from population_registry.verification.asking import Context

CENTRE: Final = Officer("C06-012", "", "", Role.CENTRE_OFFICER)
PROVINCE: Final = Officer("CA-01-004", "", "", Role.PROVINCE_OFFICER, "01")
COMMUNE: Final = Officer("CA-00166-017", "", "", Role.COMMUNE_OFFICER, "00166")
SEARCHES: Final[tuple[tuple[str, Officer, dict[str, Any]], ...]] = (
    ("three words and year, whole country", CENTRE, {"name": "nguyễn thị lan", "birth": "1994"}),
    ("one common word and full date, whole country", CENTRE, {"name": "nguyen", "birth": "1990-03-05"}),
    (
        "two words, five years, a province",
        PROVINCE,
        {"name": "hung van", "birth": {"from": 1975, "to": 1979}},
    ),
    ("a common word and year, a commune", COMMUNE, {"name": "nguyen", "birth": "1980"}),
    ("a word, a commune", COMMUNE, {"name": "phuong"}),
    ("two beginnings and a month, a province", PROVINCE, {"name": "ngu* hu*", "birth": "1985-05"}),
    (
        "heads born in ten years, a commune",
        COMMUNE,
        {"head_of_household": True, "birth": {"from": 1960, "to": 1969}},
    ),
    ("a number", CENTRE, {"number": "099194000101"}),
)
CONTEXT: Final = Context("Đo tra cứu", "console.residence_dossier", "G01.899.05-261121-010042", "C06-012")
AGAIN: Final = 20


async def main(url: str) -> None:
    """Print a line of the table in `docs/search.md` for each search."""
    await migrate(url)
    with tempfile.TemporaryDirectory() as folder:
        ring = KeyRing.create(Path(folder) / "keys", profile="registry", mode="demo")
        database, places = Database(url, largest=4), References.load().places_of_today
        searching = Searching(database, ring, places, lambda: datetime.now(UTC))
        for name, officer, criteria in SEARCHES:
            inquiry = Inquiry(officer, "registry-console", CONTEXT, read_criteria(criteria), "benchmark")
            times, total = [], 0
            for _ in range(AGAIN + 1):
                begun = time.perf_counter()
                total = (await searching.search(inquiry)).total
                times.append((time.perf_counter() - begun) * 1e3)
            first, again = times[0], sorted(times[1:])
            middle, late = statistics.median(again), again[int(AGAIN * 0.95) - 1]
            print(f"| {name} | {total} | {first:.0f} | {middle:.1f} | {late:.1f} |")
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

"""Statistics of dossiers as one process keeps them: a month is counted once in a while, whoever asks for it."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from population_registry.api.database import Database
from population_registry.dossiers.statistics import Cell, Cells, Tally, merged, month_of, tally
from population_registry.matching import Gazetteer
from population_registry.storage.dossiers.counting import how_it_stands, pages_of_counted
from population_registry.verification.deciding import VIET_NAM

FRESH_FOR: Final = timedelta(minutes=5)
MOST_MONTHS: Final = 24
"""Months of one question."""
_MONTH: Final = re.compile(r"\A20[0-9]{2}-(?:0[1-9]|1[0-2])\Z", re.ASCII)
OLDEST: Final = "2024-01"


class Statistics:
    """Counts months and remembers them, so that no crowd of readers makes work.

    What was counted serves five minutes; for whoever wants it fresh, as long as no dossier changed and the day is the
    same (only with a day does a dossier become late without an act).
    """

    def __init__(self, database: Database, places: Gazetteer, clock: Callable[[], datetime]) -> None:
        self._database, self._places, self._clock = database, places, clock
        self._kept: dict[str, _Kept] = {}
        self._counting = asyncio.Lock()

    @property
    def month(self) -> str:
        """The present month in Việt Nam."""
        return month_of(self._clock())

    def province_of(self, commune: str) -> str:
        """The province of a commune; empty for none."""
        unit = self._places.communes.get(commune)
        return "" if unit is None else unit.above

    def months(self, first: str, last: str) -> Sequence[str] | None:
        """The months from first to last; None when they are none, run backward, are too many, too old or to come."""
        if not (_MONTH.match(first) and _MONTH.match(last)):
            return None
        found = [first]
        while found[-1] < last and len(found) <= MOST_MONTHS:
            found.append(_next(found[-1]))
        inside = OLDEST <= first <= last <= self.month and len(found) <= MOST_MONTHS
        return found if inside else None

    async def cells(self, months: Sequence[str], *, fresh: bool = False) -> dict[Cell, Tally]:
        """The cells of these months, no older than five minutes; ``fresh``: of this moment.

        Raises:
            web.Problem: 503, the database is away.
        """
        async with self._counting:
            return merged([await self._cells(month, fresh=fresh) for month in months])

    async def _cells(self, month: str, *, fresh: bool) -> Cells:
        now = self._clock()
        kept = self._kept.get(month)
        if not fresh and kept is not None and timedelta() <= now - kept.at < FRESH_FOR:
            return kept.cells
        counted: list[Cells] = []
        async with self._database.pool() as pool:
            begin, end = _begin(month), _begin(_next(month))
            stands = await how_it_stands(pool, begin, end)
            if kept is not None and kept.stands == stands and _day(kept.at) == _day(now):
                self._kept[month] = replace(kept, at=now)
                return kept.cells
            async for page in pages_of_counted(pool, begin, end):
                counted.append(tally(page, now))
                await asyncio.sleep(0)
        self._kept[month] = _Kept(now, stands, merged(counted))
        return self._kept[month].cells


@dataclass(frozen=True, slots=True)
class _Kept:
    """A month as it was counted at a moment; ``stands`` was read before the counting began."""

    at: datetime
    stands: tuple[int, int]
    cells: Cells


def _next(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def _day(moment: datetime) -> date:
    return moment.astimezone(VIET_NAM).date()


def _begin(month: str) -> datetime:
    return datetime.combine(date(int(month[:4]), int(month[5:]), 1), time(), VIET_NAM)

"""The registry's public statistics as the pages need them: asked at most once a minute, old ones while it is away."""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import httpx2

from clients.portal_kit.registry import RegistryGone

FRESH_FOR: Final = 60.0
MOST: Final = 128
MONTH: Final = re.compile(r"\A20[0-9]{2}-(0[1-9]|1[0-2])\Z", re.ASCII)
PROVINCE: Final = re.compile(r"\A[0-9]{2}\Z", re.ASCII)
PROCEDURE: Final = re.compile(r"\A[A-Za-z0-9.\-]{1,40}\Z", re.ASCII)
DIMENSIONS: Final = ("month", "procedure", "province")
YEAR: Final = 12
FIRST: Final = "2024-01"
"""Before it the registry counts nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which dossiers: filed from one month to another, of one procedure and province, or of all."""

    first: str
    last: str
    procedure: str | None = None
    province: str | None = None

    def query(self, by: str) -> dict[str, str]:
        """As the registry reads it; what an answer is already laid out by is not narrowed by it."""
        named = {"by": by, "from": self.first, "to": self.last}
        narrowed = {"procedure": self.procedure, "province": self.province}
        return named | {name: value for name, value in narrowed.items() if value is not None and name != by}


def read_asked(query: Mapping[str, str], today: date) -> Asked:
    """What an address asks for; whatever is malformed counts as not said: the last twelve months, everything."""
    month = query.get("to", "")
    last = month if MONTH.match(month) and FIRST <= month <= f"{today:%Y-%m}" else f"{today:%Y-%m}"
    procedure, province = query.get("procedure", ""), query.get("province", "")
    return Asked(
        first=months_before(last, YEAR - 1),
        last=last,
        procedure=procedure if PROCEDURE.match(procedure) else None,
        province=province if PROVINCE.match(province) else None,
    )


def months_before(month: str, count: int) -> str:
    """The month so many months earlier, not before the first."""
    at = int(month[:4]) * YEAR + int(month[5:]) - 1 - count
    return max(f"{at // YEAR:04d}-{at % YEAR + 1:02d}", FIRST)


def months_of(asked: Asked) -> list[str]:
    """Every month of it."""
    found = [asked.first]
    while found[-1] < asked.last:
        found.append(months_before(found[-1], -1))
    return found


@dataclass(slots=True)
class Figures:
    """Answers of ``GET /v1/statistics``, kept."""

    registry_url: str
    client: httpx2.AsyncClient
    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[tuple[Asked, str], tuple[float, Mapping[str, Any]]] = field(
        default_factory=OrderedDict
    )

    async def of(self, asked: Asked) -> dict[str, Mapping[str, Any]]:
        """The answer by each dimension. Raises :class:`RegistryGone` for what was never learned."""
        found = await asyncio.gather(*(self._by(asked, by) for by in DIMENSIONS))
        return dict(zip(DIMENSIONS, found, strict=True))

    async def _by(self, asked: Asked, by: str) -> Mapping[str, Any]:
        kept = self._kept.get((asked, by))
        if kept is not None and self.clock() - kept[0] < FRESH_FOR:
            return kept[1]
        try:
            answer = await self.client.get(f"{self.registry_url}/v1/statistics", params=asked.query(by))
            answer.raise_for_status()
            found: Mapping[str, Any] = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            if kept is not None:
                return kept[1]
            raise RegistryGone from error
        self._kept[asked, by] = (self.clock(), found)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return found

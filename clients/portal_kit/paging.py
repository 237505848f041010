"""Long lists in pages: a cursor names the last row shown, so nothing is skipped when something new comes. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, Self, TypeVar

Row = TypeVar("Row")
PAGE: Final = 20
WRITTEN: Final = re.compile(r"\A([0-9]{1,18})~([A-Za-z0-9.-]{1,64})\Z", re.ASCII)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
LATEST: Final = (datetime(9999, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything after this moment and key, in falling order, is on the next page."""

    at: datetime
    key: str

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // MICROSECOND}~{self.key}"

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """What `str` wrote; None, the first page, for anything else."""
        found = WRITTEN.match(text or "")
        if found is None or int(found[1]) > LATEST:
            return None
        return cls(EPOCH + int(found[1]) * MICROSECOND, found[2])


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of those that follow; None at the end."""

    rows: tuple[Row, ...]
    following: str | None


def page_of(rows: Sequence[Row], cursors: Sequence[Cursor]) -> Page[Row]:
    """One page of rows that were asked for with one more than fits."""
    more = len(rows) > PAGE
    return Page(tuple(rows[:PAGE]), str(cursors[PAGE - 1]) if more else None)

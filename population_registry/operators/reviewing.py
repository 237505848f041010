"""What a reviewer looks at: who looked how often, without a case, beyond their territory; never at whom."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

MOST_DAYS: Final = 31
"""Days of one review; longer periods are reviewed month by month."""


class View(StrEnum):
    """What is listed."""

    OFFICERS = "officers"
    """Officers by how much they looked, the most first."""
    DAYS = "days"
    """Look-ups of each day."""
    ENTRIES = "entries"
    """The rows themselves, without their subjects."""


class Sign(StrEnum):
    """What makes rows worth a look; all that are named must hold."""

    WITHOUT_CASE = "without_case"
    OUT_OF_AREA = "out_of_area"
    NOBODY = "nobody"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Review:
    """One question of a reviewer: days from first to last (Viet Nam), of everybody or one officer."""

    view: View
    first: date
    last: date
    officer: str | None = None
    sign: Sign | None = None

    @property
    def is_bounded(self) -> bool:
        """Whether the period runs forward and is no longer than a month."""
        return self.first <= self.last < self.first + timedelta(days=MOST_DAYS)

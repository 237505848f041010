"""What a reviewer looks at: who looked how often, without a case, beyond their territory; never at whom."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from population_registry.operators.officers import Officer, Power
from population_registry.operators.policy import Denial, Denied, must_hold

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


class Verdict(StrEnum):
    """What a reviewer found of one look."""

    RIGHTFUL = "rightful"
    MISUSE = "misuse"


@dataclass(frozen=True, slots=True)
class LookVerdict:
    """One look reviewed: the first word counts, nobody judges their own."""

    entry_id: UUID
    officer: str
    reviewed_by: str
    reviewed_at: datetime
    verdict: Verdict
    remark: str


def reviewed(
    entry_id: UUID, officer: str, reviewer: Officer, verdict: Verdict, remark: str, now: datetime
) -> LookVerdict:
    """A reviewer's word on a look of ``officer``. Raises Denied: no reviewer, or their own look."""
    must_hold(reviewer, Power.REVIEW_LOOKUPS)
    if reviewer.officer_id == officer:
        raise Denied(Denial.OWN_REVIEW)
    return LookVerdict(entry_id, officer, reviewer.officer_id, now, verdict, remark)


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

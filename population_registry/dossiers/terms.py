"""The legal term of a dossier as a clock in half working days: it pauses in states 5 and 6 and then goes on.

Sources: residence.md sections 3 and 11, public-services.md section 5 (late rule), Civil Code 2015 Art. 147(2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, Protocol

from population_registry.dossiers.states import CLOCK_PAUSES, CLOCK_RUNS, DossierState
from population_registry.dossiers.working_days import VIET_NAM, is_working_day, receipt_day

_NOON: Final = time(12, 0)
TOO_MANY_SUPPLEMENTS: Final = 2
"""So many requests to supplement make a dossier late, whatever the days (public-services.md section 5)."""
_ENDS_THE_CLOCK: Final = frozenset(
    {
        DossierState.DONE,
        DossierState.NOT_RECEIVED,
        DossierState.STOPPED,
        DossierState.WITHDRAWAL_ASKED,
    }
)


class Moved(Protocol):
    """What the clock needs of a line of history."""

    @property
    def state(self) -> DossierState:
        """The state since then."""
        ...

    @property
    def occurred_at(self) -> datetime:
        """When it happened, whenever it was entered."""
        ...


@dataclass(frozen=True, slots=True)
class Term:
    """How long the authority has, from receipt: a number of half working days."""

    half_days: int

    @classmethod
    def days(cls, working_days: int) -> "Term":
        """A term in whole working days."""
        return cls(working_days * 2)


AT_ONCE: Final = Term(0)
"""Acts that are only logged (stay notice, absence of everybody else)."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the clock of a dossier stands. `due_on` is None before receipt, and while it pauses.

    `overran`: a due day had passed when the clock was stopped, for a pause or for good.
    """

    received_on: date | None = None
    due_on: date | None = None
    used_half_days: int = 0
    running: bool = False
    overran: bool = False


def due_day(term_half_days: int, begun_at: datetime) -> date:
    """The last day of so many half working days that begin to count at that moment.

    Whole days follow the day of receipt, which is not counted (Civil Code Art. 147(2)). An odd half is the same day
    when the counting begins before noon of a working day, otherwise the next working day.
    """
    days, half = divmod(max(term_half_days, 0), 2)
    day = receipt_day(begun_at)
    local = begun_at.astimezone(VIET_NAM)
    if half and not (day == local.date() and is_working_day(day) and local.time() < _NOON):
        days += 1
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def working_half_days(begun_at: datetime, until: datetime) -> int:
    """Half working days that passed between two moments: two for every working day after the first day."""
    day, last = receipt_day(begun_at), until.astimezone(VIET_NAM).date()
    passed = 0
    while day < last:
        day += timedelta(days=1)
        passed += 2 * is_working_day(day)
    return passed


def clock(history: Sequence[Moved], term: Term) -> Clock:
    """Where the clock stands after that history (in order): it runs in 2 and 4, pauses in 5 and 6, then ends."""
    received_on: date | None = None
    due_on: date | None = None
    used, overran = 0, False
    running_since: datetime | None = None
    for event in history:
        if event.state in CLOCK_RUNS:
            if running_since is None:
                running_since = event.occurred_at
                received_on = received_on or receipt_day(event.occurred_at)
                due_on = due_day(term.half_days - used, event.occurred_at)
            continue
        if running_since is not None:
            used += working_half_days(running_since, event.occurred_at)
            overran |= due_on is not None and _day(event.occurred_at) > due_on
            running_since = None
        if event.state in CLOCK_PAUSES:
            due_on = None
    return Clock(received_on, due_on, used, running_since is not None, overran)


def _day(moment: datetime) -> date:
    return moment.astimezone(VIET_NAM).date()


class Punctuality(StrEnum):
    """How a dossier stands toward its term."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    PAUSED = "paused"
    ON_TIME = "on_time"
    LATE = "late"


def times_asked(history: Sequence[Moved]) -> int:
    """How often a supplement was asked for: how often state 5 began. The answer within it is no request."""
    wanted = [event.state is DossierState.SUPPLEMENT_WANTED for event in history]
    return sum(now and not before for before, now in pairwise([False, *wanted]))


def punctuality(history: Sequence[Moved], term: Term, now: datetime) -> Punctuality:
    """On time or late by the published formula of index 2.1 (public-services.md section 5).

    Judged by when acts occurred, never by when they were entered. The end is that of state 9 (10 later makes nothing
    late), of a stop or a refused intake. One request to supplement stops the counting; two or more make it late.
    """
    stands = clock(history, term)
    if stands.received_on is None:
        return Punctuality.NOT_STARTED
    if times_asked(history) >= TOO_MANY_SUPPLEMENTS:
        return Punctuality.LATE
    if stands.overran:
        return Punctuality.LATE
    if any(event.state in _ENDS_THE_CLOCK for event in history):
        return Punctuality.ON_TIME
    if stands.due_on is None:
        return Punctuality.PAUSED
    return Punctuality.LATE if _day(now) > stands.due_on else Punctuality.RUNNING

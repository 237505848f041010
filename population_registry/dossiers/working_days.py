"""Deadlines in working days: Monday to Friday without public holidays; received at the receipt act.

Sources: residence.md section 3 of the domain facts; Civil Code 2015 Art. 147(2): the first day is not
counted; Labour Code 2019 Art. 112 (public holidays). Days that the Government swaps for a bridge day count
as the calendar library knows them; a Saturday worked instead is not counted.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

import holidays

VIET_NAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
_CLOSING = {**dict.fromkeys(range(5), time(17, 0)), 5: time(12, 0)}
"""End of receiving hours by weekday; Saturday morning receives but is no working day; no receipt on Sunday."""
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Deadline:
    """The day of receipt and the last day of the term, both in Việt Nam."""

    received_on: date
    due_on: date
    working_days: int

    def document(self) -> dict[str, object]:
        """As JSON."""
        return {
            "received_on": self.received_on.isoformat(),
            "due_on": self.due_on.isoformat(),
            "working_days": self.working_days,
        }


@lru_cache(maxsize=16)
def public_holidays(year: int) -> frozenset[date]:
    """The public holidays of Việt Nam in a year, days in lieu included."""
    return frozenset(holidays.country_holidays("VN", years=year))


def is_working_day(day: date) -> bool:
    """Monday to Friday and no public holiday."""
    return day.weekday() <= _FRIDAY and day not in public_holidays(day.year)


def receipt_day(received_at: datetime) -> date:
    """The day a dossier counts as received: the next receiving day when it comes after hours or on a holiday.

    Raises:
        ValueError: the moment has no time zone.
    """
    if received_at.tzinfo is None:
        raise ValueError("a moment without a time zone is no moment")
    local = received_at.astimezone(VIET_NAM)
    day = local.date()
    closing = _CLOSING.get(day.weekday())
    if closing is not None and day not in public_holidays(day.year) and local.time() < closing:
        return day
    day += timedelta(days=1)
    while day.weekday() not in _CLOSING or day in public_holidays(day.year):
        day += timedelta(days=1)
    return day


def deadline(received_at: datetime, working_days: int) -> Deadline:
    """The last of `working_days` working days after the day of receipt."""
    received = day = receipt_day(received_at)
    left = working_days
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return Deadline(received, day, working_days)

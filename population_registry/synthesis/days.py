"""Days as numbers, for arithmetic on thousands of dates at once: 1 is 1 January 1900, 0 means no day."""

from calendar import isleap
from datetime import date, timedelta

import numpy as np

from population_registry.synthesis.draws import Bools, Ints

NONE = 0
NULL = r"\N"
"""How COPY writes an absent value."""

_ZERO = date(1899, 12, 31)
_FIRST_YEAR, _LAST_YEAR = 1900, 2079
_DAYS = [_ZERO + timedelta(days=number) for number in range((date(_LAST_YEAR + 1, 1, 1) - _ZERO).days)]
_FEBRUARY, _LEAP_DAY = 2, 29

ISO = [NULL, *(day.isoformat() for day in _DAYS[1:])]
"""`yyyy-mm-dd` of each day."""

MORNING = [NULL, *(f"{text} 02:00:00+00" for text in ISO[1:])]
"""Nine o'clock of each day in Việt Nam: when offices write down what they learn."""

YEAR = np.array([0, *(day.year for day in _DAYS[1:])], dtype=np.int64)
MONTH = np.array([0, *(day.month for day in _DAYS[1:])], dtype=np.int64)
_DAY = np.array([0, *(day.day for day in _DAYS[1:])], dtype=np.int64)
_MONTH_BEGINS = np.array(
    [
        [0, *((date(year, month, 1) - _ZERO).days for month in range(1, 13))]
        for year in range(_FIRST_YEAR, _LAST_YEAR + 1)
    ],
    dtype=np.int64,
)
_LEAP = np.array([isleap(year) for year in range(_FIRST_YEAR, _LAST_YEAR + 1)])


def number(day: date) -> int:
    """The number of a day."""
    return (day - _ZERO).days


def birthdays(born: Ints, age: int | Ints) -> Ints:
    """The days of turning `age`; those born on 29 February turn on 28 February of a common year.

    Beyond the last year of this calendar the answer stays in that year.
    """
    year, month, day = np.minimum(YEAR[born] + age - _FIRST_YEAR, len(_LEAP) - 1), MONTH[born], _DAY[born]
    leapling: Bools = (month == _FEBRUARY) & (day == _LEAP_DAY) & ~_LEAP[year]
    turning: Ints = _MONTH_BEGINS[year, month] + day - 1 - leapling
    return turning


def year_begins(year: Ints) -> Ints:
    """The first of January of those years."""
    return month_begins(year, 1)


def month_begins(year: Ints, month: int) -> Ints:
    """The first day of that month of those years."""
    first: Ints = _MONTH_BEGINS[year - _FIRST_YEAR, month]
    return first

"""Dates of birth, which may be only a year, or a year and month (Law on Identity Art. 9(4))."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache
from typing import Final

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_FORM = re.compile(r"(?:(?:(\d{1,2})/)?(\d{1,2})/)?(\d{4})", re.ASCII)
_FIRST_YEAR = 1800
_DECEMBER = 12
RECENT_YEARS: Final = range(2000, 2201)
"""Years in which something can have been told to this registry, or done by it; any other one is a slip."""


class PartialDateError(ValueError):
    """The text is not a date that the registry knows to read."""


class DatePrecision(IntEnum):
    """How much of a date is known; the numbers are those of the insurance exchange (`loaiNgaySinh`)."""

    FULL = 0
    YEAR = 1
    MONTH = 2


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A birth date of which the day, or the day and month, may be unknown.

    Raises:
        PartialDateError: there is no such day, or a day is given without its month.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no calendar holds."""
        if self.day is not None and self.month is None:
            raise PartialDateError("a day needs its month")
        try:
            date(self.year, 1 if self.month is None else self.month, 1 if self.day is None else self.day)
        except ValueError:
            raise PartialDateError("no such date") from None
        if self.year < _FIRST_YEAR:
            raise PartialDateError("no such year of birth")

    @staticmethod
    def parse(text: str) -> "PartialDate":
        """Read `yyyy[-mm[-dd]]` or the forms' `[[dd/]mm/]yyyy`.

        Raises:
            PartialDateError: the text is neither, or no such date exists.
        """
        return _read(text.strip())

    @classmethod
    def of(cls, day: date) -> "PartialDate":
        """The full date of a calendar day."""
        return cls(day.year, day.month, day.day)

    @property
    def precision(self) -> DatePrecision:
        """Which parts are known."""
        if self.day is not None:
            return DatePrecision.FULL
        return DatePrecision.YEAR if self.month is None else DatePrecision.MONTH

    def earliest(self) -> date:
        """The first day that this date may mean."""
        return date(self.year, self.month or 1, self.day or 1)

    def latest(self) -> date:
        """The last day that this date may mean."""
        month = self.month or _DECEMBER
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def certainly_reached(self, age: int, on: date) -> bool:
        """Whether a person so born has surely completed `age` years that day (unknown parts count late)."""
        return birthday(self.latest(), age) <= on

    def possibly_reached(self, age: int, on: date) -> bool:
        """Whether a person so born may have completed `age` years on that day (unknown parts count early)."""
        return birthday(self.earliest(), age) <= on

    def __str__(self) -> str:
        """ISO 8601 with the unknown parts left out: `1958`, `1958-03`, `1958-03-09`."""
        text = f"{self.year:04d}"
        if self.month is not None:
            text += f"-{self.month:02d}"
        if self.day is not None:
            text += f"-{self.day:02d}"
        return text


def birthday(born: date, age: int) -> date:
    """The day of turning `age`; those born on 29 February turn on 28 February of a common year."""
    year = born.year + age
    if (born.month, born.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 2, 28)
    return born.replace(year=year)


@lru_cache(maxsize=16_384)
def _read(text: str) -> PartialDate:
    """Every question reads the same day twice, from the asker and from the record; a century has 36,525."""
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _FORM.fullmatch(text):
        day, month, year = found.groups()
    else:
        raise PartialDateError("a date is yyyy, yyyy-mm, yyyy-mm-dd, mm/yyyy or dd/mm/yyyy")
    return PartialDate(int(year), int(month) if month else None, int(day) if day else None)

"""A day that was typed in three parts."""

from collections.abc import Mapping
from datetime import date
from typing import Final

DATE_PARTS: Final = ("day", "month", "year")


def day_of(parts: Mapping[str, str]) -> date | None:
    """A calendar day of this or the last century; None for anything else."""
    if not all(parts[name].isascii() and parts[name].isdigit() for name in DATE_PARTS):
        return None
    try:
        day = date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    except ValueError:
        return None
    return day if day.year >= 1900 else None  # noqa: PLR2004 - no card is older

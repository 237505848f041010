"""Reading single answers of a form: days in three parts, choices, numbers; the form's rules, never the truth."""

import re
from collections.abc import Collection
from datetime import date
from typing import Final

from web import Form

PERSONAL_NUMBER: Final = re.compile(r"\A\d{12}\Z", re.ASCII)
SPACES: Final = re.compile(r"[\s.\-]+")
FIRST_YEAR, LAST_YEAR = 2000, 2199
FIRST_BIRTH: Final = 1870


class Reading:
    """Reads one form and gathers its mistakes as (field, text id) pairs, in the order of reading."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self.errors: list[tuple[str, str]] = []

    def wrong(self, name: str, text_id: str) -> None:
        """Note a mistake of a field."""
        self.errors.append((name, text_id))

    def choice(self, name: str, allowed: Collection[str], missing: str) -> str:
        """One of some values; anything else is a mistake."""
        value = self._form.text(name)
        if value not in allowed or len(self._form.all(name)) != 1:
            self.wrong(name, missing)
            return ""
        return value

    def words(self, name: str, missing: str, *, longest: int = 200) -> str:
        """A text on one line."""
        value = " ".join(self._form.text(name).split())
        if not value or len(value) > longest or not value.isprintable():
            self.wrong(name, missing)
        return value

    def day(self, name: str, missing: str, *, first: int = FIRST_YEAR) -> date | None:
        """A day given in three parts, of the year ``first`` or later."""
        parts = [self._form.text(f"{name}_{part}") for part in ("year", "month", "day")]
        try:
            if all(part.isascii() and part.isdigit() for part in parts):
                found = date(*(int(part) for part in parts))
                if first <= found.year <= LAST_YEAR:
                    return found
        except ValueError:
            pass
        self.wrong(name, missing)
        return None

    def birth(self, name: str, missing: str) -> str:
        """A birth date, ``yyyy[-mm[-dd]]``: some people's day or month is not known."""
        year, month, day = (self._form.text(f"{name}_{part}") for part in ("year", "month", "day"))
        given = [each for each in (year, month, day) if each]
        if all(each.isascii() and each.isdigit() for each in given) and (month or not day):
            try:
                found = date(int(year), int(month or 1), int(day or 1))
            except ValueError:
                pass
            else:
                if FIRST_BIRTH <= found.year <= LAST_YEAR:
                    return found.isoformat()[: 4 + 3 * bool(month) + 3 * bool(day)]
        self.wrong(name, missing)
        return ""

    def personal_number(self, name: str, missing: str) -> str:
        """Twelve digits; spaces between them are allowed."""
        value = SPACES.sub("", self._form.text(name))
        if not PERSONAL_NUMBER.match(value):
            self.wrong(name, missing)
        return value

    def ticked(self, name: str, missing: str) -> None:
        """A box that must be ticked."""
        if self._form.text(name) != "yes":
            self.wrong(name, missing)


def day_answers(name: str, day: date) -> dict[str, list[str]]:
    """A day as the three answers that `Reading.day` reads."""
    return {
        f"{name}_day": [str(day.day)],
        f"{name}_month": [str(day.month)],
        f"{name}_year": [str(day.year)],
    }

"""Many lines at once, column by column, where each of them is in order: nearly every line of nearly every file.

What comes out is, byte for byte, what `RowReader` and `copy_line` say of those lines one by one. Anything that must
be looked at closer (a quote, a space too many, a strange letter, a number that is none) is left to them.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import repeat

from population_registry.batch.asking import NUMBER, REF
from population_registry.batch.decoding import BROKEN
from population_registry.domain import PartialDate
from population_registry.matching import is_legible, normalise

LONGEST_REF = 100
LONGEST_NAME = 200
LONGEST_DATE = 10
_DIGITS = {12}
_FIRST_DAY = "1800-01-01"
_END = "\n"
_BETWEEN = f" {_END} "
"""Stands between names whose words are looked up together; no line holds a line end."""
_MOST_KEPT = 65_536
_LEFT_TO_OTHERS = ('"', "\\", BROKEN)


class _CloserError(Exception):
    """Something of these lines must be looked at closer."""


class _Known(dict[str, str]):
    """What was made of a text, kept for the next time it stands in a file."""

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> str:
        if len(self) >= _MOST_KEPT:
            self.clear()
        made = self[text] = self._make(text)
        return made


def _word(word: str) -> str:
    """The key of a word that is written as records write it."""
    if word == _END:
        return _END
    if not is_legible(word) or word != unicodedata.normalize("NFC", word):
        raise _CloserError
    return normalise(word)


def _date(text: str) -> str:
    if len(text) > LONGEST_DATE:
        raise _CloserError
    try:
        if text >= _FIRST_DAY and date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass  # not a whole date as records write it
    try:
        return str(PartialDate.parse(text))
    except ValueError:
        raise _CloserError from None


_WORDS, _DATES = _Known(_word), _Known(_date)


class QuickRows:
    """The lines of one file whose columns are number, name, birth date and perhaps the caller's key.

    `places` says which field holds which, `fields` how many there are; `prefix` stands before every row.
    """

    def __init__(self, separator: str, fields: int, places: Mapping[str, int], prefix: str) -> None:
        self._separator, self._fields = separator, fields
        self._number, self._name, self._birth = places[NUMBER], places["name"], places["birth_date"]
        self._ref = places.get(REF)
        self._prefix = prefix

    def text(self, first: int, lines: Sequence[str | None]) -> str | None:
        """These lines, numbered from `first`, as COPY reads them; None when one of them must be looked at closer."""
        try:
            return self._text(first, lines)
        except _CloserError:
            return None

    def _text(self, first: int, lines: Sequence[str | None]) -> str:
        given = [line for line in lines if line is not None]
        whole = "".join(given)
        if len(given) < len(lines) or any(sign in whole for sign in _LEFT_TO_OTHERS):
            raise _CloserError
        separator = self._separator
        if not (whole.replace(separator, "") if separator == "\t" else whole).isprintable():
            raise _CloserError
        if set(map(str.count, given, repeat(separator))) != {self._fields - 1}:
            raise _CloserError
        cells = separator.join(given).split(separator)
        numbers = cells[self._number :: self._fields]
        digits = "".join(numbers)
        if set(map(len, numbers)) != _DIGITS or not (digits.isascii() and digits.isdigit()):
            raise _CloserError
        names = cells[self._name :: self._fields]
        if max(map(len, names)) > LONGEST_NAME:
            raise _CloserError
        words = map(_WORDS.__getitem__, _BETWEEN.join(names).split(" "))
        keys = " ".join(words).split(_BETWEEN)
        births = list(map(_DATES.__getitem__, cells[self._birth :: self._fields]))
        prefix = self._prefix
        return "".join(
            [
                f"{prefix}{no}\t{ref}\t{number}\t{name}\t{birth}\t\\N\t\\N\t\\N\tt\t{key}\t\\N\t\\N\n"
                for no, (ref, number, name, birth, key) in enumerate(
                    zip(self._refs(cells, len(given)), numbers, names, births, keys, strict=True), first
                )
            ]
        )

    def _refs(self, cells: list[str], rows: int) -> list[str]:
        if self._ref is None:
            return ["\\N"] * rows
        refs = [cell.strip() for cell in cells[self._ref :: self._fields]]
        if max(map(len, refs)) > LONGEST_REF:
            raise _CloserError
        return [ref or "\\N" for ref in refs]

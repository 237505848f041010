"""Lines to typed rows: CSV by its header, NDJSON by its members. Pure; a fault names the column, never the value."""

import csv
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from population_registry.batch.asking import KEYS_OF_A_ROW, NUMBER, REF, SOCIAL, UNIT, Format
from population_registry.batch.decoding import BROKEN
from population_registry.batch.faults import FileFault, FileRefusedError, RowFault
from population_registry.batch.quick_rows import LONGEST_DATE, LONGEST_NAME, LONGEST_REF, QuickRows
from population_registry.domain import (
    InsuranceCodeError,
    NumberRejectedError,
    PartialDate,
    SocialInsuranceNumber,
    parse_number,
)
from population_registry.domain.numbers import NumberRejection
from population_registry.matching import is_legible, normalise
from population_registry.verification.claims import CLAIMS, IDENTIFYING
from population_registry.verification.refusals import Refusal

_LONGEST_NUMBER = 40
GROUP = 256
"""Lines that are read together while all of them are in order."""
_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})
_STATEMENTS = frozenset({"alive", "adult", "nationality_vn"})
_SEPARATORS = (";", "\t", ",")
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SIGNS = re.compile(r"[\\\t\n\r]")
_NO_HEADER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\A%PDF-")
"""What no header of a table holds and workbooks, pictures and archives begin with; a PDF's first line is plain."""


class Row(NamedTuple):
    """One row as it is stored. `plain`: legible and canonical, so equality with the record is a match without a word.

    `name_key` is the name as matching folds it: the budget counts asks under it and the birth date. `error` says why
    the row is not asked.
    """

    row_no: int
    ref: str | None = None
    number: str | None = None
    name: str | None = None
    birth_date: str | None = None
    others: str | None = None
    social_insurance: str | None = None
    unit: str | None = None
    plain: bool = False
    name_key: str | None = None
    error: str | None = None
    error_column: str | None = None


def copy_line(row: Row) -> str:
    """A row as COPY reads it in its text format, with its end."""
    return "\t".join(map(cell, row)) + "\n"


def cell(value: object) -> str:
    """One value; what COPY would take for a sign of its own is escaped (PostgreSQL manual, COPY, File Formats)."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value if _SIGNS.search(value) is None else value.translate(_ESCAPED)
    return "t" if value is True else "f" if value is False else str(value)


class _FaultyError(Exception):
    def __init__(self, fault: RowFault, column: str | None = None, ref: str | None = None) -> None:
        super().__init__(fault.value)
        self.fault, self.column, self.ref = fault, column, ref


@lru_cache(maxsize=65_536)
def _word(word: str) -> tuple[str, bool]:
    """The key of a word, and whether it is written as a record writes it. Names repeat their few words."""
    return normalise(word), is_legible(word) and word == unicodedata.normalize("NFC", word)


@lru_cache(maxsize=65_536)
def _date(text: str) -> str:
    return str(PartialDate.parse(text))


class Copied(NamedTuple):
    """Rows as COPY reads them, and their numbers."""

    numbers: Sequence[int]
    text: str


class RowReader:
    """Reads the lines of one file in order; `prefix` stands before every row that is copied."""

    def __init__(self, layout: Format, columns: Mapping[str, str], prefix: str = "") -> None:
        self._layout = layout
        self._columns = columns
        known = {*KEYS_OF_A_ROW, SOCIAL, *IDENTIFYING}
        self._claims = tuple(name for name in columns if name not in known)
        self._simple = layout is Format.CSV and columns.keys() <= {NUMBER, REF, *IDENTIFYING}
        self._prefix = prefix
        self._quick: QuickRows | None = None
        self._line = 0
        self._places: dict[str, int] | None = None
        self._fields = 0
        self._separator = ","

    def finish(self) -> None:
        """Raise `FileRefusedError` when a CSV file had no header at all."""
        if self._layout is Format.CSV and self._places is None:
            raise FileRefusedError(FileFault.EMPTY)

    def copied(self, lines: Sequence[str | None]) -> Iterator[Copied]:
        """The rows of these lines as COPY reads them: many at once where all is in order, else one by one.

        Raises:
            FileRefusedError: as `read`.
        """
        at = 0
        while at < len(lines) and (self._quick is None or not self._simple):
            yield from self._carefully(lines[at : at + 1])
            at += 1
        for begin in range(at, len(lines), GROUP):
            yield from self._group(lines[begin : begin + GROUP])

    def _group(self, lines: Sequence[str | None]) -> Iterator[Copied]:
        """Lines after the header. Where one must be looked at closer, its half of them is halved again."""
        assert self._quick is not None
        text = self._quick.text(self._line + 1, lines)
        if text is not None:
            first = self._line + 1
            self._line += len(lines)
            yield Copied(range(first, first + len(lines)), text)
        elif len(lines) == 1:
            yield from self._carefully(lines)
        else:
            middle = len(lines) // 2
            yield from self._group(lines[:middle])
            yield from self._group(lines[middle:])

    def _carefully(self, lines: Sequence[str | None]) -> Iterator[Copied]:
        for row in self.read(iter(lines)):
            yield Copied((row.row_no,), self._prefix + copy_line(row))

    def read(self, lines: Iterator[str | None]) -> Iterator[Row]:
        """The rows of these lines; blank lines are none. A row is numbered as its line, the first line is 1.

        Raises:
            FileRefusedError: no header can be read, or it does not have the columns that were named.
        """
        for line in lines:
            self._line += 1
            if line is not None and not line.strip():
                continue
            if self._layout is Format.CSV and self._places is None:
                self._header(line)
                continue
            try:
                yield self._row(line)
            except _FaultyError as faulty:
                yield Row(self._line, faulty.ref, error=faulty.fault.value, error_column=faulty.column)

    def _header(self, line: str | None) -> None:
        if line is None or BROKEN in line or _NO_HEADER.search(line) is not None:
            raise FileRefusedError(FileFault.HEADER_UNREADABLE)
        self._separator = max(_SEPARATORS, key=line.count)
        try:
            header = next(csv.reader([line], delimiter=self._separator, strict=True))
        except csv.Error:
            raise FileRefusedError(FileFault.HEADER_UNREADABLE) from None
        names = [unicodedata.normalize("NFC", name).strip() for name in header]
        for column in self._columns.values():
            if names.count(column) != 1:
                fault = FileFault.COLUMN_TWICE if column in names else FileFault.COLUMN_MISSING
                raise FileRefusedError(fault, column)
        self._places = {name: names.index(column) for name, column in self._columns.items()}
        self._fields = len(names)
        if self._simple:
            self._quick = QuickRows(self._separator, self._fields, self._places, self._prefix)

    def _row(self, line: str | None) -> Row:
        if line is None:
            raise _FaultyError(RowFault.LINE_TOO_LONG)
        if BROKEN in line:
            raise _FaultyError(RowFault.UNDECODABLE)
        values = self._csv(line) if self._layout is Format.CSV else self._json(line)
        ref = self._key(values.get(REF), REF)
        try:
            return self._typed(values, ref)
        except _FaultyError as faulty:
            faulty.ref = ref
            raise

    def _csv(self, line: str) -> dict[str, Any]:
        assert self._places is not None
        if '"' not in line:
            fields = line.split(self._separator)
        else:
            try:
                fields = next(csv.reader([line], delimiter=self._separator, strict=True))
            except csv.Error:
                raise _FaultyError(RowFault.NOT_CSV) from None
        if len(fields) != self._fields:
            raise _FaultyError(RowFault.NOT_CSV)
        return {name: fields[place].strip() for name, place in self._places.items()}

    def _json(self, line: str) -> dict[str, Any]:
        try:
            members = orjson.loads(line)
        except ValueError:
            raise _FaultyError(RowFault.NOT_JSON) from None
        if not isinstance(members, dict) or _repeats(line, members):
            raise _FaultyError(RowFault.NOT_JSON)
        return {name: members.get(column) for name, column in self._columns.items()}

    def _key(self, value: Any, name: str) -> str | None:
        """The caller's own key of a row, or of the unit that keeps the record."""
        if value is None or value == "":
            return None
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(text, str) or len(text) > LONGEST_REF or not text.isprintable():
            raise _FaultyError(RowFault.VALUE_MALFORMED, self._columns[name])
        return text

    def _social(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        try:
            return SocialInsuranceNumber(value if isinstance(value, str) else "").value
        except InsuranceCodeError:
            raise _FaultyError(RowFault.VALUE_MALFORMED, self._columns[SOCIAL]) from None

    def _text(self, values: Mapping[str, Any], name: str, longest: int) -> str:
        value = values.get(name)
        if value is None or value == "":
            raise _FaultyError(RowFault.VALUE_MISSING, self._columns[name])
        if not isinstance(value, str) or len(value) > longest or not value.isprintable():
            raise _FaultyError(RowFault.VALUE_MALFORMED, self._columns[name])
        return value

    def _typed(self, values: Mapping[str, Any], ref: str | None) -> Row:
        number = self._text(values, NUMBER, _LONGEST_NUMBER)
        if not (number.isascii() and number.isdigit() and len(number) == 12):  # noqa: PLR2004 -- a personal number
            try:
                number = str(parse_number(number))
            except NumberRejectedError as refused:
                lost = refused.reason is NumberRejection.LEADING_ZERO_LOST
                fault = RowFault.NUMBER_ZERO_LOST if lost else RowFault.NUMBER_MALFORMED
                raise _FaultyError(fault, self._columns[NUMBER]) from None
        name = self._text(values, "name", LONGEST_NAME)
        words = [_word(word) for word in name.split()]
        if not words:
            raise _FaultyError(RowFault.VALUE_MISSING, self._columns["name"])
        try:
            birth = _date(self._text(values, "birth_date", LONGEST_DATE))
        except ValueError:
            raise _FaultyError(RowFault.VALUE_MALFORMED, self._columns["birth_date"]) from None
        others = self._others(values) if self._claims else None
        plain = others is None and all(legible for _, legible in words) and " ".join(name.split()) == name
        key = " ".join(key for key, _ in words)
        social, unit = self._social(values.get(SOCIAL)), self._key(values.get(UNIT), UNIT)
        return Row(self._line, ref, number, name, birth, others, social, unit, plain, key)

    def _others(self, values: Mapping[str, Any]) -> str | None:
        """The remaining claims as JSON; a claim without a value is not asked about this person."""
        asked: dict[str, Any] = {}
        for name in self._claims:
            value = values.get(name)
            if value is None or value == "":
                continue
            if name in _STATEMENTS and isinstance(value, str):
                folded = value.lower()
                value = True if folded in _TRUE else False if folded in _FALSE else value
            try:
                CLAIMS[name].value(value)
            except Refusal:
                raise _FaultyError(RowFault.VALUE_MALFORMED, self._columns[name]) from None
            asked[name] = value
        return orjson.dumps(asked).decode() if asked else None


def _repeats(line: str, members: Mapping[str, Any]) -> bool:
    """Whether a member stands twice: a fast reader keeps the last one, another system may keep the first."""
    return line.count(":") > len(members) and _strictly_repeats(line)


def _strictly_repeats(line: str) -> bool:
    repeated = False

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        repeated = repeated or len(dict(found)) != len(found)
        return dict(found)

    try:
        json.loads(line, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return True
    return repeated

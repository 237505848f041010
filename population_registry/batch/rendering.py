"""Rows of results as bytes. Most rows of a file say one of few things, so what follows their key is made once."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import orjson

from population_registry.batch.asking import KEYS_OF_A_ROW, Kind, Outcome
from population_registry.batch.faults import fault_document

_BOM: Final = "\ufeff"
"""Spreadsheets read Vietnamese letters of a CSV file only behind it."""
_MOST_KEPT: Final = 4_096
_QUOTED: Final = frozenset(',"\r\n')

ResultRow = Sequence[Any]
"""Number of the row, its key, error, column of the error; identity, status, JSON of the results."""


class Layout(Protocol):
    """How result files are written."""

    def head(self) -> bytes:
        """What stands before the first row."""
        ...

    def page(self, rows: Sequence[ResultRow]) -> bytes:
        """Rows, each with its end."""
        ...


class Ndjson:
    """One object a line."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._tails: dict[tuple[Any, ...], bytes] = {}

    def head(self) -> bytes:
        """Nothing."""
        return b""

    def page(self, rows: Sequence[ResultRow]) -> bytes:
        """Rows, each with its end."""
        return b"".join([self._line(row[0], row[1], tuple(row[2:])) for row in rows])

    def _line(self, row_no: int, ref: str | None, said: tuple[Any, ...]) -> bytes:
        tail = self._tails.get(said)
        if tail is None:
            tail = _kept(self._tails, said, self._tail(*said))
        return b'{"line":%d,"ref":%b,%b' % (row_no, b"null" if ref is None else orjson.dumps(ref), tail)

    def _tail(self, error: str | None, column: str | None, identity: str, status: str, answer: str) -> bytes:
        if error is not None:
            return b'"error":%b}\n' % orjson.dumps(fault_document(error, column))
        what = {"identity": identity} | ({"status": status} if self._kind is Kind.RECONCILE else {})
        return orjson.dumps(what)[1:-1] + b',"results":' + answer.encode() + b"}\n"


class Csv:
    """One line a row under a header, for spreadsheets."""

    def __init__(self, kind: Kind, columns: Mapping[str, str]) -> None:
        self._kind = kind
        self._claims = [name for name in columns if name not in KEYS_OF_A_ROW]
        self._tails: dict[tuple[Any, ...], str] = {}

    def head(self) -> bytes:
        """The names of the columns."""
        status = ["status"] if self._kind is Kind.RECONCILE else []
        flags = [part for name in ("number", *self._claims) for part in (name, f"{name}_reasons")]
        names = [
            "line",
            "ref",
            "identity",
            *status,
            *flags,
            "error",
            "error_column",
            "message_vi",
            "message_en",
        ]
        return (_BOM + _line(names)).encode()

    def page(self, rows: Sequence[ResultRow]) -> bytes:
        """Rows, each with its end."""
        return "".join([self._row(row[0], row[1], tuple(row[2:])) for row in rows]).encode()

    def _row(self, row_no: int, ref: str | None, said: tuple[Any, ...]) -> str:
        tail = self._tails.get(said)
        if tail is None:
            tail = _kept(self._tails, said, _line(self._tail(*said)))
        key = "" if ref is None else ref
        if not _QUOTED.isdisjoint(key):
            key = _line([key]).removesuffix("\r\n")
        return f"{row_no},{key},{tail}"

    def _tail(
        self, error: str | None, column: str | None, identity: str, status: str, answer: str
    ) -> list[str]:
        middle = [status or ""] if self._kind is Kind.RECONCILE else []
        if error is not None:
            message = fault_document(error)["message"]
            assert isinstance(message, dict)
            empty = [""] * (2 * (len(self._claims) + 1))
            return ["", *middle, *empty, error, column or "", message["vi"], message["en"]]
        results = orjson.loads(answer)
        flags: list[str] = []
        for name in ("number", *self._claims):
            found = results.get(name)
            flags += ["", ""] if found is None else [found["flag"], " ".join(found["reasons"])]
        return [identity, *middle, *flags, "", "", "", ""]


def layout_of(layout: Outcome, kind: Kind, columns: Mapping[str, str]) -> Layout:
    """The writer of a layout of lines."""
    return Csv(kind, columns) if layout is Outcome.CSV else Ndjson(kind)


def _line(fields: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(fields)
    return text.getvalue()


def _kept(tails: dict[tuple[Any, ...], Any], said: tuple[Any, ...], tail: Any) -> Any:
    if len(tails) >= _MOST_KEPT:
        tails.clear()
    tails[said] = tail
    return tail

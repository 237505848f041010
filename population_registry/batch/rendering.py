"""Rows of results as bytes. Most rows of a file say one of few things, so what follows their key is made once."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import orjson

from population_registry.batch.asking import KEYS_OF_A_ROW, SOCIAL, Kind, Outcome
from population_registry.batch.faults import fault_document
from population_registry.verification.answers import MATCH
from population_registry.verification.claims import IDENTIFYING

_BOM: Final = "\ufeff"
"""Spreadsheets read Vietnamese letters of a CSV file only behind it."""
_MOST_KEPT: Final = 4_096
_QUOTED: Final = frozenset(',"\r\n')

ResultRow = Sequence[Any]
"""Number of the row, its key, error, column of the error; identity, status, JSON of the results or a mark for it."""

WITH_SOCIAL, WITHOUT = "S", "N"
"""Marks of the answer that everything matches as written, the social-insurance number too or not asked."""
_AS_WRITTEN: Final = {
    mark: orjson.dumps({name: MATCH.document() for name in names}).decode()
    for mark, names in ((WITH_SOCIAL, (*IDENTIFYING, SOCIAL)), (WITHOUT, IDENTIFYING))
}


class Layout(Protocol):
    """How result files are written."""

    def head(self) -> bytes:
        """What stands before the first row."""
        ...

    def page(self, rows: Sequence[ResultRow]) -> bytes:
        """Rows, each with its end."""
        ...


class _Tails(dict[Sequence[Any], str]):
    """What follows the key of a row, made once for all rows that say the same."""

    def __init__(self, make: Callable[..., str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, said: Sequence[Any]) -> str:
        if len(self) >= _MOST_KEPT:
            self.clear()
        tail = self[said] = self._make(*said)
        return tail


class Ndjson:
    """One object a line."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._tails = _Tails(self._tail)

    def head(self) -> bytes:
        """Nothing."""
        return b""

    def page(self, rows: Sequence[ResultRow]) -> bytes:
        """Rows, each with its end."""
        tails = self._tails
        return "".join(
            [
                f'{{"line":{row[0]},"ref":{"null" if row[1] is None else _json(row[1])},{tails[row[2:]]}'
                for row in rows
            ]
        ).encode()

    def _tail(self, error: str | None, column: str | None, identity: str, status: str, answer: str) -> str:
        if error is not None:
            return f'"error":{_json(fault_document(error, column))}}}\n'
        what = {"identity": identity} | ({"status": status} if self._kind is Kind.RECONCILE else {})
        return f'{_json(what)[1:-1]},"results":{full_answer(answer)}}}\n'


class Csv:
    """One line a row under a header, for spreadsheets."""

    def __init__(self, kind: Kind, columns: Mapping[str, str]) -> None:
        self._kind = kind
        self._claims = [name for name in columns if name not in KEYS_OF_A_ROW]
        self._tails = _Tails(self._tail)

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
        tails = self._tails
        return "".join(
            [f"{row[0]},{'' if row[1] is None else _cell(row[1])},{tails[row[2:]]}" for row in rows]
        ).encode()

    def _tail(self, error: str | None, column: str | None, identity: str, status: str, answer: str) -> str:
        middle = [status or ""] if self._kind is Kind.RECONCILE else []
        if error is not None:
            message = fault_document(error)["message"]
            assert isinstance(message, dict)
            empty = [""] * (2 * (len(self._claims) + 1))
            return _line(["", *middle, *empty, error, column or "", message["vi"], message["en"]])
        results = orjson.loads(full_answer(answer))
        flags: list[str] = []
        for name in ("number", *self._claims):
            found = results.get(name)
            flags += ["", ""] if found is None else [found["flag"], " ".join(found["reasons"])]
        return _line([identity, *middle, *flags, "", "", "", ""])


def layout_of(layout: Outcome, kind: Kind, columns: Mapping[str, str]) -> Layout:
    """The writer of a layout of lines."""
    return Csv(kind, columns) if layout is Outcome.CSV else Ndjson(kind)


def _line(fields: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(fields)
    return text.getvalue()


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _cell(key: str) -> str:
    return key if _QUOTED.isdisjoint(key) else _line([key]).removesuffix("\r\n")


def full_answer(answer: str) -> str:
    """The JSON of the results; rows that match as written bear a mark instead, it is the same for all of them."""
    return _AS_WRITTEN.get(answer, answer)

"""Rows of results as bytes. Most rows of a file say one of few things, so what follows their key is made once."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, cast

import orjson

from population_registry.batch.asking import KEYS_OF_A_ROW, SOCIAL, Kind, Outcome
from population_registry.batch.faults import fault_document
from population_registry.verification.answers import MATCH
from population_registry.verification.claims import IDENTIFYING

_BOM: Final = "\ufeff"
"""Spreadsheets read Vietnamese letters of a CSV file only behind it."""
_MOST_KEPT: Final = 4_096
_QUOTED: Final = frozenset(',"\r\n')
_ESCAPED: Final = _QUOTED | {"\\"}

Said = tuple[Any, ...]
"""Error of a row, column of the error; identity, status, JSON of the results or a mark for it."""


class Run(NamedTuple):
    """Rows one after the other that say the same: their numbers and their keys (None where no row has one)."""

    numbers: Sequence[int]
    refs: Sequence[str | None] | None
    said: Said


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

    def page(self, runs: Iterable[Run]) -> bytes:
        """Rows, each with its end."""
        ...


class _Tails(dict[Said, str]):
    """What follows the key of a row, made once for all rows that say the same."""

    def __init__(self, make: Callable[..., str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, said: Said) -> str:
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

    def page(self, runs: Iterable[Run]) -> bytes:
        """Rows, each with its end."""
        return "".join([self._run(run) for run in runs]).encode()

    def _run(self, run: Run) -> str:
        tail = self._tails[run.said]
        if run.refs is None:
            return _repeated('{"line":', run.numbers, f',"ref":null,{tail}')
        quoted = [f'"{ref}"' for ref in run.refs] if _plain(run.refs) else map(_json, run.refs)
        return "".join(
            [f'{{"line":{number},"ref":{ref},{tail}' for number, ref in zip(run.numbers, quoted, strict=True)]
        )

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

    def page(self, runs: Iterable[Run]) -> bytes:
        """Rows, each with its end."""
        return "".join([self._run(run) for run in runs]).encode()

    def _run(self, run: Run) -> str:
        tail = self._tails[run.said]
        if run.refs is None:
            return _repeated("", run.numbers, f",,{tail}")
        cells = run.refs if _plain(run.refs) else ["" if ref is None else _cell(ref) for ref in run.refs]
        return "".join([f"{number},{cell},{tail}" for number, cell in zip(run.numbers, cells, strict=True)])

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


def _repeated(before: str, numbers: Sequence[int], after: str) -> str:
    """Lines that differ in their number alone."""
    return f"{before}{f'{after}{before}'.join(map(str, numbers))}{after}"


def _plain(refs: Sequence[str | None]) -> bool:
    """Whether every row has a key, and none of them a sign that a layout would have to escape."""
    if None in refs:
        return False
    whole = "".join(cast("Sequence[str]", refs))
    return whole.isprintable() and _ESCAPED.isdisjoint(whole)


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

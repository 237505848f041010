"""The result files, page by page in constant memory; the same bytes whenever asked for, so they have a digest."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from population_registry.batch.asking import NUMBER, REF, Format, Kind
from population_registry.batch.faults import fault_document
from population_registry.verification.answers import MATCH
from population_registry.verification.claims import IDENTIFYING

PAGE = 2_000
_PAGE = """
SELECT r.row_no, r.ref, r.error, r.error_column, s.identity, s.status, s.answer
  FROM batch_row r LEFT JOIN batch_result s ON s.batch_id = r.batch_id AND s.row_no = r.row_no
 WHERE r.batch_id = $1 AND r.row_no > $2 ORDER BY r.row_no LIMIT $3
"""
_ALL_MATCH = orjson.dumps({name: MATCH.document() for name in IDENTIFYING})
_BOM = "\ufeff"
"""Spreadsheets read Vietnamese letters of a CSV file only behind it."""

Fetch = Callable[..., Awaitable[Sequence[Sequence[Any]]]]


async def result_file(
    fetch: Fetch, batch_id: UUID, layout: Format, kind: Kind, columns: Mapping[str, str]
) -> AsyncIterator[bytes]:
    """The whole file in pieces of `PAGE` rows; `fetch` runs one query."""
    claims = [name for name in columns if name not in {NUMBER, REF}]
    if layout is Format.CSV:
        yield (_BOM + _csv_lines([_header(claims, kind)])).encode()
    after = 0
    while rows := await fetch(_PAGE, batch_id, after, PAGE):
        after = rows[-1][0]
        if layout is Format.CSV:
            yield _csv_lines(_fields(row, claims, kind) for row in rows).encode()
        else:
            yield b"".join(_line(row, kind) for row in rows)


def _line(row: Sequence[Any], kind: Kind) -> bytes:
    row_no, ref, error, column, identity, status, answer = row
    if error is not None:
        return orjson.dumps({"line": row_no, "ref": ref, "error": fault_document(error, column)}) + b"\n"
    said = {"line": row_no, "ref": ref, "identity": identity}
    if kind is Kind.RECONCILE:
        said["status"] = status
    results = _ALL_MATCH if answer is None else answer.encode()
    return orjson.dumps(said)[:-1] + b',"results":' + results + b"}\n"


def _header(claims: list[str], kind: Kind) -> list[str]:
    status = ["status"] if kind is Kind.RECONCILE else []
    flags = [part for name in ("number", *claims) for part in (name, f"{name}_reasons")]
    return ["line", "ref", "identity", *status, *flags, "error", "error_column", "message_vi", "message_en"]


def _fields(row: Sequence[Any], claims: list[str], kind: Kind) -> list[str]:
    row_no, ref, error, column, identity, status, answer = row
    middle = [status or ""] if kind is Kind.RECONCILE else []
    if error is not None:
        message = fault_document(error)["message"]
        assert isinstance(message, dict)
        empty = [""] * (2 * (len(claims) + 1))
        return [
            str(row_no),
            ref or "",
            "",
            *middle,
            *empty,
            error,
            column or "",
            message["vi"],
            message["en"],
        ]
    results = orjson.loads(_ALL_MATCH if answer is None else answer)
    flags: list[str] = []
    for name in ("number", *claims):
        said = results.get(name)
        flags += ["", ""] if said is None else [said["flag"], " ".join(said["reasons"])]
    return [str(row_no), ref or "", identity, *middle, *flags, "", "", "", ""]


def _csv_lines(rows: Iterable[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()

"""The result files, page by page in constant memory; the same bytes whenever asked for, so they have a digest."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from population_registry.batch.asking import KEYS_OF_A_ROW, SOCIAL, Format, Kind
from population_registry.batch.faults import fault_document
from population_registry.verification.answers import MATCH
from population_registry.verification.claims import IDENTIFYING

PAGE = 2_000
_ROWS = """
SELECT r.row_no, r.ref, r.error, r.error_column, s.identity, s.status,
       coalesce(s.answer, CASE WHEN r.social_insurance IS NOT NULL THEN $4 ELSE $5 END)
  FROM batch_row r LEFT JOIN batch_result s ON s.batch_id = r.batch_id AND s.row_no = r.row_no
 WHERE r.batch_id = $1 AND r.row_no > $2 {which} ORDER BY r.row_no LIMIT $3
"""
_PAGE = _ROWS.format(which="")
_TO_CORRECT = _ROWS.format(
    which="AND (r.error IS NOT NULL OR s.status <> 'verified') AND ($6::text IS NULL OR coalesce(r.unit, '') = $6)"
)
_MATCHES = tuple(
    orjson.dumps({name: MATCH.document() for name in names}).decode()
    for names in ((*IDENTIFYING, SOCIAL), IDENTIFYING)
)
_BOM = "\ufeff"
"""Spreadsheets read Vietnamese letters of a CSV file only behind it."""

LONGEST_UNIT = 100
UNITS_OF_A_PAGE = 1_000
_UNITS = """
WITH page AS (
  SELECT DISTINCT coalesce(unit, '') AS unit FROM batch_row
   WHERE batch_id = $1 AND ($2::text IS NULL OR coalesce(unit, '') > $2) ORDER BY 1 LIMIT $3
)
SELECT page.unit, coalesce(s.status, 'refused'), count(*)::int
  FROM batch_row r JOIN page ON page.unit = coalesce(r.unit, '')
  LEFT JOIN batch_result s ON s.batch_id = r.batch_id AND s.row_no = r.row_no
 WHERE r.batch_id = $1 GROUP BY 1, 2 ORDER BY 1, 2
"""

Fetch = Callable[..., Awaitable[Sequence[Sequence[Any]]]]


def result_file(
    fetch: Fetch, batch_id: UUID, layout: Format, kind: Kind, columns: Mapping[str, str]
) -> AsyncIterator[bytes]:
    """The whole file in pieces of `PAGE` rows; `fetch` runs one query."""
    return _file(fetch, _PAGE, batch_id, (), layout, kind, columns)


async def units_of(fetch: Fetch, batch_id: UUID, after: str | None) -> list[dict[str, Any]]:
    """Rows by unit and status, at most `UNITS_OF_A_PAGE` units after that name."""
    found: dict[str, dict[str, int]] = {}
    for unit, status, count in await fetch(_UNITS, batch_id, after, UNITS_OF_A_PAGE):
        found.setdefault(unit, {})[status] = count
    return [
        {
            "unit": unit,
            "rows": sum(statuses.values()),
            "to_correct": sum(count for status, count in statuses.items() if status != "verified"),
            "statuses": statuses,
        }
        for unit, statuses in found.items()
    ]


def correction_file(
    fetch: Fetch, batch_id: UUID, unit: str | None, layout: Format, columns: Mapping[str, str]
) -> AsyncIterator[bytes]:
    """The rows of a reconciliation that somebody must correct: of one unit, or of all (None)."""
    return _file(fetch, _TO_CORRECT, batch_id, (unit,), layout, Kind.RECONCILE, columns)


async def _file(
    fetch: Fetch,
    query: str,
    batch_id: UUID,
    more: tuple[str | None, ...],
    layout: Format,
    kind: Kind,
    columns: Mapping[str, str],
) -> AsyncIterator[bytes]:
    claims = [name for name in columns if name not in KEYS_OF_A_ROW]
    if layout is Format.CSV:
        yield (_BOM + _csv_lines([_header(claims, kind)])).encode()
    after = 0
    while rows := await fetch(query, batch_id, after, PAGE, *_MATCHES, *more):
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
    results: bytes = answer.encode()
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
    results = orjson.loads(answer)
    flags: list[str] = []
    for name in ("number", *claims):
        said = results.get(name)
        flags += ["", ""] if said is None else [said["flag"], " ".join(said["reasons"])]
    return [str(row_no), ref or "", identity, *middle, *flags, "", "", "", ""]


def _csv_lines(rows: Iterable[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()

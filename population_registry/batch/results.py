"""The result files, page by page in constant memory; those of lines are the same bytes whenever asked for."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from population_registry.batch.asking import Kind, Outcome
from population_registry.batch.parquet import parquet_file
from population_registry.batch.rendering import WITH_SOCIAL, WITHOUT, layout_of

PAGE = 5_000
SIGNED = (Outcome.CSV, Outcome.NDJSON)
"""Files that are the same bytes whenever they are asked for; a Parquet file depends on the library that wrote it."""
# LATERAL … OFFSET 0 is a fence, as in `storage/loading.py`: of a batch that statistics do not know yet the planner
# expects one row, and would compare each row with each answer.
_ROWS = """
SELECT r.row_no, r.ref, r.error, r.error_column, s.identity, s.status,
       coalesce(s.answer, CASE WHEN r.social_insurance IS NOT NULL THEN $4 ELSE $5 END)
  FROM batch_row r LEFT JOIN LATERAL (
    SELECT * FROM batch_result WHERE batch_id = r.batch_id AND row_no = r.row_no OFFSET 0) s ON true
 WHERE r.batch_id = $1 AND r.row_no > $2 {which} ORDER BY r.row_no LIMIT $3
"""
_PAGE = _ROWS.format(which="")
_TO_CORRECT = _ROWS.format(
    which="AND (r.error IS NOT NULL OR s.status <> 'verified') AND ($6::text IS NULL OR coalesce(r.unit, '') = $6)"
)
_MARKS = (WITH_SOCIAL, WITHOUT)

LONGEST_UNIT = 100
UNITS_OF_A_PAGE = 1_000
_UNITS = """
WITH page AS (
  SELECT DISTINCT coalesce(unit, '') AS unit FROM batch_row
   WHERE batch_id = $1 AND ($2::text IS NULL OR coalesce(unit, '') > $2) ORDER BY 1 LIMIT $3
)
SELECT page.unit, coalesce(s.status, 'refused'), count(*)::int
  FROM batch_row r JOIN page ON page.unit = coalesce(r.unit, '')
  LEFT JOIN LATERAL (
    SELECT * FROM batch_result WHERE batch_id = r.batch_id AND row_no = r.row_no OFFSET 0) s ON true
 WHERE r.batch_id = $1 GROUP BY 1, 2 ORDER BY 1, 2
"""

Fetch = Callable[..., Awaitable[Sequence[Sequence[Any]]]]


def result_file(
    fetch: Fetch, batch_id: UUID, layout: Outcome, kind: Kind, columns: Mapping[str, str]
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
    fetch: Fetch, batch_id: UUID, unit: str | None, layout: Outcome, columns: Mapping[str, str]
) -> AsyncIterator[bytes]:
    """The rows of a reconciliation that somebody must correct: of one unit, or of all (None)."""
    return _file(fetch, _TO_CORRECT, batch_id, (unit,), layout, Kind.RECONCILE, columns)


async def digests_of(fetch: Fetch, batch_id: UUID, kind: Kind, columns: Mapping[str, str]) -> dict[str, str]:
    """The SHA-256 of each file that `result_file` would write, by layout; the rows are read once."""
    files = {layout: (layout_of(layout, kind, columns), hashlib.sha256()) for layout in SIGNED}
    for writer, digest in files.values():
        digest.update(writer.head())
    async for rows in _pages(fetch, _PAGE, batch_id, ()):
        for writer, digest in files.values():
            digest.update(writer.page(rows))
    return {layout.value: digest.hexdigest() for layout, (_, digest) in files.items()}


async def _file(
    fetch: Fetch,
    query: str,
    batch_id: UUID,
    more: tuple[str | None, ...],
    layout: Outcome,
    kind: Kind,
    columns: Mapping[str, str],
) -> AsyncIterator[bytes]:
    pages = _pages(fetch, query, batch_id, more)
    if layout is Outcome.PARQUET:
        async for group in parquet_file(pages, kind, columns):
            yield group
        return
    writer = layout_of(layout, kind, columns)
    if head := writer.head():
        yield head
    async for rows in pages:
        yield writer.page(rows)


async def _pages(
    fetch: Fetch, query: str, batch_id: UUID, more: tuple[str | None, ...]
) -> AsyncIterator[Sequence[Sequence[Any]]]:
    """The rows of a batch, `PAGE` at a time."""
    after = 0
    while rows := await fetch(query, batch_id, after, PAGE, *_MARKS, *more):
        after = rows[-1][0]
        yield rows

"""The result files, page by page in constant memory; those of lines are the same bytes whenever asked for.

Nearly every row of nearly every file is answered as it was written. Such a row has no answer of its own in the
database (`chunks.py`): a page is the numbers and keys of its rows, and what the few others say.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from population_registry.batch.asking import SOCIAL, Kind, Outcome
from population_registry.batch.parquet import parquet_file
from population_registry.batch.rendering import WITH_SOCIAL, WITHOUT, Run, Said, layout_of

PAGE = 5_000
SIGNED = (Outcome.CSV, Outcome.NDJSON)
"""Files that are the same bytes whenever they are asked for; a Parquet file depends on the library that wrote it."""
_PAGE = """
WITH page AS MATERIALIZED (
  SELECT row_no, ref, social_insurance, error, error_column FROM batch_row
   WHERE batch_id = $1 AND row_no > $2 ORDER BY row_no LIMIT $3
), other AS (
  SELECT row_no, error, error_column, NULL AS identity, NULL AS status, NULL AS answer
    FROM page WHERE error IS NOT NULL
  UNION ALL
  SELECT row_no, NULL, NULL, identity, status, answer FROM batch_result
   WHERE batch_id = $1 AND row_no > $2 AND row_no <= (SELECT max(row_no) FROM page)
)
SELECT * FROM (
  SELECT array_agg(row_no ORDER BY row_no), CASE WHEN count(ref) > 0 THEN array_agg(ref ORDER BY row_no) END,
         coalesce(array_agg(row_no) FILTER (WHERE $4 AND social_insurance IS NULL), '{}') FROM page
) alike, (
  SELECT coalesce(array_agg(row_no), '{}'), array_agg(error), array_agg(error_column), array_agg(identity),
         array_agg(status), array_agg(answer) FROM other
) otherwise
"""
"""One statement, so that an erasure meanwhile takes a row together with what was said of it."""
# LATERAL … OFFSET 0 is a fence, as in `storage/loading.py`: of a batch that statistics do not know yet the planner
# expects one row, and would compare each row with each answer.
_TO_CORRECT = """
SELECT r.row_no, r.ref, r.error, r.error_column, s.identity, s.status, s.answer
  FROM batch_row r LEFT JOIN LATERAL (
    SELECT * FROM batch_result WHERE batch_id = r.batch_id AND row_no = r.row_no OFFSET 0) s ON true
 WHERE r.batch_id = $1 AND r.row_no > $2 AND (r.error IS NOT NULL OR s.status <> 'verified')
   AND ($4::text IS NULL OR coalesce(r.unit, '') = $4) ORDER BY r.row_no LIMIT $3
"""

LONGEST_UNIT = 100
UNITS_OF_A_PAGE = 1_000
_UNITS = """
WITH page AS (
  SELECT DISTINCT coalesce(unit, '') AS unit FROM batch_row
   WHERE batch_id = $1 AND ($2::text IS NULL OR coalesce(unit, '') > $2) ORDER BY 1 LIMIT $3
)
SELECT page.unit, CASE WHEN r.error IS NULL THEN coalesce(s.status, 'verified') ELSE 'refused' END, count(*)::int
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
    return _file(_pages(fetch, batch_id, kind, columns), layout, kind, columns)


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
    return _file(_corrections(fetch, batch_id, unit), layout, Kind.RECONCILE, columns)


async def digests_of(fetch: Fetch, batch_id: UUID, kind: Kind, columns: Mapping[str, str]) -> dict[str, str]:
    """The SHA-256 of each file that `result_file` would write, by layout; the rows are read once."""
    files = {layout: (layout_of(layout, kind, columns), hashlib.sha256()) for layout in SIGNED}
    for writer, digest in files.values():
        digest.update(writer.head())
    async for runs in _pages(fetch, batch_id, kind, columns):
        for writer, digest in files.values():
            digest.update(writer.page(runs))
    return {layout.value: digest.hexdigest() for layout, (_, digest) in files.items()}


async def _file(
    pages: AsyncIterator[Sequence[Run]], layout: Outcome, kind: Kind, columns: Mapping[str, str]
) -> AsyncIterator[bytes]:
    if layout is Outcome.PARQUET:
        async for group in parquet_file(pages, kind, columns):
            yield group
        return
    writer = layout_of(layout, kind, columns)
    if head := writer.head():
        yield head
    async for runs in pages:
        yield writer.page(runs)


def _as_written(kind: Kind, mark: str) -> Said:
    """What a row says of which there is nothing to say."""
    return (None, None, "established", "verified" if kind is Kind.RECONCILE else None, mark)


async def _pages(
    fetch: Fetch, batch_id: UUID, kind: Kind, columns: Mapping[str, str]
) -> AsyncIterator[Sequence[Run]]:
    """The rows of a batch, `PAGE` at a time."""
    after, social = 0, SOCIAL in columns
    with_social, without = _as_written(kind, WITH_SOCIAL), _as_written(kind, WITHOUT)
    while True:
        ((numbers, refs, unasked, others, *columns_of_others),) = await fetch(
            _PAGE, batch_id, after, PAGE, social
        )
        if not numbers:
            return
        said: dict[int, Said] = dict.fromkeys(unasked, without)
        if others:
            known: dict[Said, Said] = {}
            for row_no, each in zip(others, zip(*columns_of_others, strict=True), strict=True):
                if each[0] is not None or each[-1] is not None:
                    said[row_no] = known.setdefault(each, each)
        usual = with_social if social else without
        after = numbers[-1]
        yield list(_runs(numbers, refs, said, usual))


def _runs(
    numbers: Sequence[int], refs: Sequence[str | None] | None, said: Mapping[int, Said], usual: Said
) -> Iterator[Run]:
    at = 0
    for each, same in groupby([said.get(number, usual) for number in numbers] if said else (usual,)):
        end = at + sum(1 for _ in same) if said else len(numbers)
        yield Run(numbers[at:end], None if refs is None else refs[at:end], each)
        at = end


async def _corrections(fetch: Fetch, batch_id: UUID, unit: str | None) -> AsyncIterator[Sequence[Run]]:
    """The rows to correct, `PAGE` at a time."""
    after = 0
    while rows := await fetch(_TO_CORRECT, batch_id, after, PAGE, unit):
        after = rows[-1][0]
        yield [
            Run([row[0] for row in same], [row[1] for row in same], said)
            for said, same in (
                (said, list(same)) for said, same in groupby(rows, key=lambda row: tuple(row[2:]))
            )
        ]

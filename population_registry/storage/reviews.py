"""Reads the look-ups of officers for review. No row names its subject here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from population_registry.operators.reviewing import Sign
from population_registry.storage.connections import Connection

_SIGNS: Final = {
    None: "true",
    Sign.WITHOUT_CASE: "dossier_code IS NULL",
    Sign.OUT_OF_AREA: "outcome = 'searched_out_of_area'",
    Sign.NOBODY: "subject_id IS NULL AND outcome <> 'search_refused'",
    Sign.REFUSED: "outcome = 'search_refused'",
}
_WHERE: Final = "officer IS NOT NULL AND at >= $1 AND at < $2 AND ($3::text IS NULL OR officer = $3)"
_COUNTS: Final = (
    "count(DISTINCT correlation_id), count(*), count(DISTINCT subject_id), "
    "count(*) FILTER (WHERE dossier_code IS NULL), count(*) FILTER (WHERE outcome = 'searched_out_of_area')"
)


async def count_by_officer(
    connection: Connection,
    first: datetime,
    end: datetime,
    officer: str | None,
    sign: Sign | None,
    limit: int,
    beyond: int = 0,
) -> Sequence[Sequence[object]]:
    """Officer, agency, questions, rows, people, rows without case and beyond the territory; most questions first.

    `beyond`: how many officers come before the first of these.
    """
    return await connection.fetch(
        f"SELECT officer, min(agency), {_COUNTS} FROM access_log WHERE {_WHERE} AND {_SIGNS[sign]} "  # noqa: S608 -- constants
        "GROUP BY officer ORDER BY 3 DESC, officer LIMIT $4 OFFSET $5",
        *(first, end, officer, limit, beyond),
    )


async def count_by_day(
    connection: Connection, first: datetime, end: datetime, officer: str | None, sign: Sign | None
) -> Sequence[Sequence[object]]:
    """Day in Viet Nam and the counts of `count_by_officer`."""
    return await connection.fetch(
        f"SELECT (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, count(DISTINCT officer), {_COUNTS} "  # noqa: S608 -- constants
        f"FROM access_log WHERE {_WHERE} AND {_SIGNS[sign]} GROUP BY 1 ORDER BY 1",
        *(first, end, officer),
    )


async def list_entries(
    connection: Connection,
    first: datetime,
    start: tuple[datetime, object],
    officer: str | None,
    sign: Sign | None,
    limit: int,
) -> Sequence[Sequence[object]]:
    """Rows before a place, newest first: id, moment, officer, agency, purpose, procedure, case, outcome, question."""
    return await connection.fetch(
        "SELECT entry_id, at, officer, agency, purpose, procedure_code, dossier_code, outcome, correlation_id "  # noqa: S608 -- constants
        f"FROM access_log WHERE officer IS NOT NULL AND at >= $1 AND at <= $2 AND (at, entry_id) < ($2, $5::uuid) "
        f"AND ($3::text IS NULL OR officer = $3) AND {_SIGNS[sign]} ORDER BY at DESC, entry_id DESC LIMIT $4",
        *(first, start[0], officer, limit, start[1]),
    )

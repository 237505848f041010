"""Reads back who looked at a person, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast
from uuid import UUID

import orjson

from population_registry.domain import AccessEntry, FieldUse
from population_registry.storage.connections import Connection

COLUMNS: Final = (
    "entry_id, at, subject_id, client_id, agency, officer, purpose, procedure_code, dossier_code, fields, "
    "outcome, receipt_id, correlation_id"
)
WINDOW: Final = 2_000
"""Rows that one page looks through for those of a procedure; then it ends, and the next page goes on."""
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = UUID(int=0)

_HISTORY = f"""
SELECT {COLUMNS} FROM access_log
 WHERE subject_id = $1 AND at <= $2 AND (at, entry_id) < ($2, $4) AND at >= $5
 ORDER BY at DESC, entry_id DESC LIMIT $3
"""  # noqa: S608 -- constants


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Entries, and where the next page begins; None at the end. A page may be short, even empty, before the end."""

    entries: tuple[AccessEntry, ...]
    following: tuple[datetime, UUID] | None


async def read_access_history(
    connection: Connection,
    subject_id: int,
    *,
    before: datetime,
    before_entry: UUID = _FIRST,
    since: datetime = LONG_AGO,
    limit: int = 50,
) -> tuple[AccessEntry, ...]:
    """The access-log rows of one person from before a moment, newest first, at most `limit`.

    Of rows of the very moment `before`, those with a smaller id than `before_entry`.
    """
    rows = await connection.fetch(_HISTORY, subject_id, before, limit, before_entry, since)
    return tuple(map(entry_of, rows))


async def read_history_page(
    connection: Connection,
    subject_id: int,
    start: tuple[datetime, UUID],
    *,
    since: datetime = LONG_AGO,
    procedure_code: str | None = None,
    limit: int = 50,
) -> HistoryPage:
    """One page, of one procedure where it is named; costs the same however much the person was looked at."""
    before, before_entry = start
    most = limit + 1 if procedure_code is None else WINDOW
    rows = await read_access_history(
        connection, subject_id, before=before, before_entry=before_entry, since=since, limit=most
    )
    found = [each for each in rows if procedure_code in {None, each.procedure_code}]
    page = tuple(found[:limit])
    if len(found) > limit:
        return HistoryPage(page, (page[-1].at, page[-1].entry_id))
    more = procedure_code is not None and len(rows) == WINDOW
    return HistoryPage(page, (rows[-1].at, rows[-1].entry_id) if more else None)


def entry_of(row: Sequence[object]) -> AccessEntry:
    """A row as a value; `COLUMNS` in their order."""
    (entry_id, at, subject, client, agency, officer, purpose, procedure, dossier, fields, *rest) = cast(
        "list[Any]", row
    )
    outcome, receipt_id, correlation_id = rest
    return AccessEntry(
        entry_id=entry_id,
        at=at,
        subject_id=subject,
        client_id=client,
        agency=agency,
        officer=officer,
        purpose=purpose,
        procedure_code=procedure,
        dossier_code=dossier,
        fields={name: FieldUse(use) for name, use in orjson.loads(fields).items()},
        outcome=outcome,
        receipt_id=receipt_id,
        correlation_id=correlation_id,
    )

"""Records opened in an emergency, and what a reviewer said of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from population_registry.storage.connections import Connection

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Emergency:
    """One record opened beyond the officer's territory, and why."""

    entry_id: UUID
    at: datetime
    officer_id: str
    subject_id: int
    purpose: str
    case: str
    reason: str


async def write(connection: Connection, emergency: Emergency) -> None:
    """Written before the record is shown."""
    await connection.execute(
        "INSERT INTO break_glass (entry_id, at, officer_id, subject_id, purpose, case_code, reason) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        *(emergency.entry_id, emergency.at, emergency.officer_id, emergency.subject_id),
        *(emergency.purpose, emergency.case, emergency.reason),
    )


async def waiting(connection: Connection) -> Sequence[Emergency]:
    """Those that nobody has reviewed, the oldest first."""
    rows = await connection.fetch(
        "SELECT entry_id, at, officer_id, subject_id, purpose, case_code, reason FROM break_glass "
        "WHERE reviewed_at IS NULL ORDER BY at LIMIT $1",
        MOST_SHOWN,
    )
    found = cast("Sequence[tuple[UUID, datetime, str, int, str, str, str]]", rows)
    return [Emergency(*row) for row in found]


async def judge(connection: Connection, entry_id: str, officer_id: str, verdict: str, now: datetime) -> bool:
    """Say whether it was justified; False when there is none, it was judged, or it is the officer's own."""
    try:
        entry = UUID(entry_id)
    except ValueError:
        return False
    tag = await connection.execute(
        "UPDATE break_glass SET reviewed_by = $2, reviewed_at = $4, justified = $3 "
        "WHERE entry_id = $1 AND reviewed_at IS NULL AND officer_id <> $2",
        *(entry, officer_id, verdict, now),
    )
    return tag.endswith(" 1")

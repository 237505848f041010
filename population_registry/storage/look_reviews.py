"""What reviewers said of single looks: written once."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from population_registry.operators.reviewing import LookVerdict, Verdict
from population_registry.storage.connections import Connection


async def officer_of_look(connection: Connection, entry_id: UUID) -> str | None:
    """Who looked; None for no look of an officer."""
    found = await connection.fetchval(
        "SELECT officer FROM access_log WHERE entry_id = $1 AND officer IS NOT NULL", entry_id
    )
    return None if found is None else str(found)


async def write(connection: Connection, verdict: LookVerdict) -> bool:
    """Keep a verdict; False when somebody said theirs before."""
    tag = await connection.execute(
        "INSERT INTO look_review (entry_id, officer, reviewed_by, reviewed_at, verdict, remark) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (entry_id) DO NOTHING",
        *(verdict.entry_id, verdict.officer, verdict.reviewed_by, verdict.reviewed_at),
        *(verdict.verdict.value, verdict.remark),
    )
    return tag.endswith(" 1")


async def verdicts_on(connection: Connection, entries: Sequence[UUID]) -> Mapping[UUID, LookVerdict]:
    """What was said of these looks."""
    rows = await connection.fetch(
        "SELECT entry_id, officer, reviewed_by, reviewed_at, verdict, remark FROM look_review "
        "WHERE entry_id = ANY($1::uuid[])",
        list(entries),
    )
    found = cast("Sequence[Sequence[Any]]", rows)
    return {row[0]: LookVerdict(row[0], row[1], row[2], row[3], Verdict(row[4]), row[5]) for row in found}

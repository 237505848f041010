"""What officers did to an e-ID at the desk: what was compared, and what became of it. Written before the act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from population_registry.operators.eid_acts import EidAct
from population_registry.operators.errands import Errand, Purpose
from population_registry.storage.connections import Connection


@dataclass(frozen=True, slots=True)
class EidActRecord:
    """One act: by whom, about whom, in which errand, on which comparisons; ``outcome`` is none until it ended."""

    entry_id: UUID
    at: datetime
    officer_id: str
    agency: str
    subject_id: int
    errand: Errand
    act: EidAct
    compared: tuple[str, ...]
    outcome: str | None = None


async def write(connection: Connection, record: EidActRecord) -> None:
    """Written before the provider is asked, so that no act is without its comparisons."""
    await connection.execute(
        "INSERT INTO eid_act (entry_id, at, officer_id, agency, subject_id, purpose, case_code, act, compared) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        *(record.entry_id, record.at, record.officer_id, record.agency, record.subject_id),
        *(record.errand.purpose.value, record.errand.case, record.act.value, list(record.compared)),
    )


async def end(connection: Connection, entry_id: UUID, outcome: str, now: datetime) -> bool:
    """What became of it: `done`, `failed`, or the provider's code; said once."""
    tag = await connection.execute(
        "UPDATE eid_act SET outcome = $2, ended_at = $3 WHERE entry_id = $1 AND outcome IS NULL",
        *(entry_id, outcome, now),
    )
    return tag.endswith(" 1")


async def of_subject(connection: Connection, subject_id: int) -> Sequence[EidActRecord]:
    """What was done to one person's e-ID, the newest first."""
    rows = await connection.fetch(
        "SELECT entry_id, at, officer_id, agency, subject_id, purpose, case_code, act, compared, outcome "
        "FROM eid_act WHERE subject_id = $1 ORDER BY at DESC LIMIT 100",
        subject_id,
    )
    return [
        EidActRecord(
            entry_id=row[0],
            at=row[1],
            officer_id=row[2],
            agency=row[3],
            subject_id=row[4],
            errand=Errand(Purpose(row[5]), row[6]),
            act=EidAct(row[7]),
            compared=tuple(row[8]),
            outcome=row[9],
        )
        for row in cast("Sequence[Sequence[Any]]", rows)
    ]

"""Whose registrations are to be deleted ex officio: noted with the report itself, taken up within minutes.

A row is written in the transaction that records a death, a declaration as missing or the loss of nationality, so that
no report is forgotten, and goes with the dossiers that it asked for.
"""

from typing import Final, cast

from population_registry.domain import PersonStatus
from population_registry.dossiers.changes import Change, SetPersonStatus
from population_registry.dossiers.civil_changes import RecordDeath
from population_registry.dossiers.states import OPEN
from population_registry.storage.connections import Connection
from population_registry.storage.dossiers.ledger import Writing

MOST: Final = 500
_NOTE: Final = """
INSERT INTO residence_clearing (person_id, dossier_code, reported_at) VALUES ($1, $2, $3)
ON CONFLICT (person_id) DO UPDATE SET dossier_code = excluded.dossier_code, reported_at = excluded.reported_at
"""
_HOLD: Final = """
SELECT NOT EXISTS (SELECT 1 FROM dossier part JOIN dossier whole ON whole.dossier_code = part.linked_to
                    WHERE part.dossier_code = c.dossier_code AND whole.state = ANY($2::smallint[]))
  FROM residence_clearing c WHERE c.person_id = $1 FOR UPDATE OF c SKIP LOCKED
"""


async def note_clearing(writing: Writing, change: Change) -> None:
    """Note whom a change takes out of the registers, whatever it was recorded for."""
    ends = isinstance(change, RecordDeath) or (
        isinstance(change, SetPersonStatus) and change.status is not PersonStatus.ACTIVE
    )
    if ends:
        await writing.connection.execute(_NOTE, change.person_id, writing.dossier_code, writing.now)


async def clearings_due(connection: Connection) -> list[int]:
    """The people whose registrations may be due, those reported first ahead."""
    rows = await connection.fetch(
        "SELECT person_id FROM residence_clearing ORDER BY reported_at LIMIT $1", MOST
    )
    return [cast("int", row[0]) for row in rows]


async def hold_clearing(connection: Connection, person_id: int) -> bool:
    """Take one up until the transaction ends; False while another process or the linked procedure is at it."""
    due = await connection.fetchval(_HOLD, person_id, [state.value for state in OPEN])
    return bool(due)


async def end_clearing(connection: Connection, person_id: int) -> None:
    """It is done with its dossiers."""
    await connection.execute("DELETE FROM residence_clearing WHERE person_id = $1", person_id)

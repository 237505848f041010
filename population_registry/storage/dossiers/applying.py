"""Applies the changes of a decision: rows are closed and added, never deleted; each change leaves a line of ledger.

Everything runs in the transaction of the decision, on people whom it has locked. A procedure that brings changes of
its own adds a module of writers beside `homes` and `persons`, and puts its table into `WRITERS`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import orjson

from population_registry.dossiers.changes import Change
from population_registry.storage.connections import Connection
from population_registry.storage.dossiers.civil import CIVIL_WRITERS
from population_registry.storage.dossiers.clearing import note_clearing
from population_registry.storage.dossiers.homes import HOME_WRITERS
from population_registry.storage.dossiers.identity import IDENTITY_WRITERS
from population_registry.storage.dossiers.insurance import INSURANCE_WRITERS
from population_registry.storage.dossiers.ledger import ChangeConflict, Writer, Writing
from population_registry.storage.dossiers.persons import PERSON_WRITERS

__all__ = ["WRITERS", "ChangeConflict", "apply_changes"]

WRITERS: Final[Mapping[type, Writer]] = {
    **HOME_WRITERS,
    **PERSON_WRITERS,
    **INSURANCE_WRITERS,
    **CIVIL_WRITERS,
    **IDENTITY_WRITERS,
}
"""Every change and what writes it."""


async def apply_changes(
    connection: Connection, changes: Sequence[Change], *, dossier_code: str, by: str, now: datetime
) -> None:
    """Write all changes in their order; what only the writing decided goes into the dossier's result.

    Raises:
        ChangeConflict: one of them no longer fits; nothing of the transaction may stay.
    """
    writing = Writing(connection, dossier_code, by, now)
    for change in changes:
        await WRITERS[type(change)](writing, change)
        await note_clearing(writing, change)
    if writing.told:
        await connection.execute(
            "UPDATE dossier SET result = result || $2::jsonb WHERE dossier_code = $1",
            dossier_code,
            orjson.dumps(writing.told).decode(),
        )

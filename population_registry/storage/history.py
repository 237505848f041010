"""Reads back who looked at a person, newest first."""

from datetime import datetime
from typing import Any, cast

import orjson

from population_registry.domain import AccessEntry, FieldUse
from population_registry.storage.connections import Connection

_HISTORY = """
SELECT entry_id, at, subject_id, client_id, agency, officer, purpose, procedure_code, dossier_code, fields,
       outcome, receipt_id, correlation_id
  FROM access_log WHERE subject_id = $1 AND at < $2 ORDER BY at DESC, entry_id LIMIT $3
"""


async def read_access_history(
    connection: Connection, subject_id: int, *, before: datetime, limit: int = 50
) -> tuple[AccessEntry, ...]:
    """The access-log rows of one person from before a moment, newest first, at most `limit`."""
    rows = cast("list[list[Any]]", await connection.fetch(_HISTORY, subject_id, before, limit))
    return tuple(_entry(list(row)) for row in rows)


def _entry(row: list[Any]) -> AccessEntry:
    (entry_id, at, subject, client, agency, officer, purpose, procedure, dossier, fields, *rest) = row
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

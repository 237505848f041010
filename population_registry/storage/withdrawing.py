"""Positions of receipts in the status lists, and their withdrawal: row and access-log row, or neither."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

import asyncpg

from population_registry.storage.connections import Connection, driver_url

BLOCK = 256
"""Positions that a process takes at once, so that an answer costs no further round trip."""

_WITHDRAW = """
WITH target AS (
  SELECT receipt_id, subject_id, client_id, issued_at, status_position FROM receipt
   WHERE receipt_id = $1 AND status_position IS NOT NULL
), written AS (
  INSERT INTO receipt_withdrawal (position, receipt_id, at, reason, withdrawn_by)
  SELECT status_position, receipt_id, $2, $3, $4 FROM target
  ON CONFLICT DO NOTHING RETURNING receipt_id
), logged AS (
  INSERT INTO access_log (entry_id, at, subject_id, client_id, agency, officer, purpose, procedure_code,
                          dossier_code, fields, outcome, receipt_id, correlation_id)
  SELECT gen_random_uuid(), $2, log.subject_id, log.client_id, log.agency, $4, log.purpose, log.procedure_code,
         log.dossier_code, '{}', 'receipt_withdrawn', log.receipt_id, 'withdrawal:' || $3
    FROM written JOIN target USING (receipt_id) JOIN access_log AS log USING (receipt_id)
   WHERE log.at = target.issued_at AND log.subject_id IS NOT DISTINCT FROM target.subject_id
     AND log.outcome <> 'receipt_withdrawn'
)
SELECT (SELECT count(*) FROM target), (SELECT count(*) FROM written)
"""


class Reason(StrEnum):
    """Why a receipt no longer holds; language-free. Not in the list, which says only that it does not."""

    ISSUED_IN_ERROR = "issued_in_error"
    DATA_CORRECTED = "data_corrected"
    MISUSE = "misuse"
    KEY_COMPROMISED = "key_compromised"


class Withdrawal(StrEnum):
    """What came of it."""

    DONE = "withdrawn"
    BEFORE = "already_withdrawn"
    UNKNOWN = "unknown"


async def next_block(connection: Connection) -> range:
    """Positions that nobody else will ever be given, on any process; skipped ones are never used."""
    block = cast("int", await connection.fetchval("SELECT nextval('receipt_status_block')"))
    return range(block * BLOCK, (block + 1) * BLOCK)


async def positions_given(connection: Connection) -> int:
    """How many positions were taken by all processes together."""
    found = await connection.fetchval(
        "SELECT CASE WHEN is_called THEN last_value + 1 ELSE 0 END FROM receipt_status_block"
    )
    return cast("int", found) * BLOCK


async def withdrawn_between(connection: Connection, first: int, end: int) -> Sequence[int]:
    """Positions of withdrawn receipts from `first` to before `end`."""
    rows = await connection.fetch(
        "SELECT position FROM receipt_withdrawal WHERE position >= $1 AND position < $2", first, end
    )
    return [cast("int", row[0]) for row in rows]


async def withdraw(url: str, receipt_id: UUID, reason: Reason, by: str, now: datetime) -> Withdrawal:
    """Withdraw one receipt for good; the person reads in the access log that it happened.

    Raises:
        asyncpg.PostgresError, OSError: nothing was written.
    """
    connection = await asyncpg.connect(driver_url(url))
    try:
        known, written = await connection.fetchrow(_WITHDRAW, receipt_id, now, reason.value, by)
    finally:
        await connection.close()
    if written:
        return Withdrawal.DONE
    return Withdrawal.BEFORE if known else Withdrawal.UNKNOWN

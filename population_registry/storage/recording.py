"""Writes what an answer leaves behind, in one atomic statement: access-log row, receipt, guesses spent."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import orjson

from population_registry.domain import AccessRecord, BudgetCount
from population_registry.storage.connections import Connection

_RECORD = """
WITH log AS (
  INSERT INTO access_log (entry_id, at, subject_id, client_id, agency, officer, purpose, procedure_code,
                          dossier_code, fields, outcome, receipt_id, correlation_id)
  SELECT e, t, s, c, a, o, p, pc, dc, f::jsonb, oc, r, ci
    FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::text[], $10::text[], $11::text[], $12::uuid[], $13::text[])
      AS row(e, t, s, c, a, o, p, pc, dc, f, oc, r, ci)
), receipts AS (
  INSERT INTO receipt (receipt_id, subject_id, client_id, issued_at, expires_at, key_id, digest,
                       status_position)
  SELECT * FROM unnest($14::uuid[], $15::bigint[], $16::text[], $17::timestamptz[], $18::timestamptz[],
                       $19::text[], $20::bytea[], $25::bigint[])
)
INSERT INTO guessing_budget AS budget (key, scope, window_start, spent)
SELECT k, s, w, sum(n)
  FROM unnest($21::bytea[], $22::text[], $23::timestamptz[], $24::integer[]) AS row(k, s, w, n)
 GROUP BY k, s, w ORDER BY k, s, w
ON CONFLICT (key, scope, window_start) DO UPDATE SET spent = budget.spent + excluded.spent
RETURNING key, scope, window_start, spent
"""


async def record_access(connection: Connection, records: Sequence[AccessRecord]) -> tuple[BudgetCount, ...]:
    """Write the records, all or none; many answers may share one call (group commit).

    Answers how much of each budget touched is spent now: of two answers racing for the last guess, the one
    that reads a figure above the limit lost, and must not be given.

    Raises:
        asyncpg.PostgresError: the database refuses; nothing was written.
        OSError: the database cannot be reached; whether it was written is unknown.
    """
    entries = [record.entry for record in records]
    receipts = [record.receipt for record in records if record.receipt is not None]
    spends = [spend for record in records for spend in record.spends]
    rows = await connection.fetch(
        _RECORD,
        [e.entry_id for e in entries],
        [e.at for e in entries],
        [e.subject_id for e in entries],
        [e.client_id for e in entries],
        [e.agency for e in entries],
        [e.officer for e in entries],
        [e.purpose for e in entries],
        [e.procedure_code for e in entries],
        [e.dossier_code for e in entries],
        [orjson.dumps(dict(e.fields)).decode() for e in entries],
        [e.outcome for e in entries],
        [e.receipt_id for e in entries],
        [e.correlation_id for e in entries],
        [r.receipt_id for r in receipts],
        [r.subject_id for r in receipts],
        [r.client_id for r in receipts],
        [r.issued_at for r in receipts],
        [r.expires_at for r in receipts],
        [r.key_id for r in receipts],
        [r.digest for r in receipts],
        [s.key for s in spends],
        [s.scope for s in spends],
        [s.window_start for s in spends],
        [s.amount for s in spends],
        [r.status_position for r in receipts],
    )
    return tuple(BudgetCount(*cast("tuple[bytes, str, datetime, int]", tuple(row))) for row in rows)

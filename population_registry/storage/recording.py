"""Writes what answers leave behind, in one atomic statement: access log, receipts, guesses, answers to repeat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import asyncpg
import orjson

from population_registry.domain import AccessRecord, BudgetCount
from population_registry.storage.connections import Connection

_WRITE = """
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
                       $19::text[], $20::bytea[], $21::bigint[])
), spent AS (
  INSERT INTO guessing_budget AS budget (key, scope, window_start, spent)
  SELECT k, s, w, sum(n)
    FROM unnest($22::bytea[], $23::text[], $24::timestamptz[], $25::integer[]) AS row(k, s, w, n)
   GROUP BY k, s, w ORDER BY k, s, w
  ON CONFLICT (key, scope, window_start) DO UPDATE SET spent = budget.spent + excluded.spent
  RETURNING key, scope, window_start, spent
)"""
_RECORD = f"{_WRITE} SELECT key, scope, window_start, spent FROM spent"  # noqa: S608 -- constant text
# One statement undoes itself only by failing: the division says that something of it may not be.
_SHARE = f"""{_WRITE}, kept AS (
  INSERT INTO idempotent_answer AS kept (key, request, answer, at)
  SELECT * FROM unnest($26::bytea[], $27::bytea[], $28::bytea[], $29::timestamptz[]) AS row(k, r, a, t) ORDER BY k
  ON CONFLICT (key) DO UPDATE SET request = excluded.request, answer = excluded.answer, at = excluded.at
   WHERE kept.at < excluded.at - $30::interval
  RETURNING 1
)
SELECT 1 / CASE WHEN EXISTS (SELECT FROM spent WHERE spent > $31::integer AND right(scope, length($32)) <> $32)
                  OR (SELECT count(*) FROM kept) < cardinality($26::bytea[]) THEN 0 ELSE 1 END
"""  # noqa: S608 -- constant text


@dataclass(frozen=True, slots=True)
class RememberedAnswer:
    """An answer given under an Idempotency-Key: keyed hashes of key and request, the sealed answer."""

    key: bytes
    request: bytes
    answer: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may not be overdone: guesses of a counter (`free`: end of the scopes without limit), lives of keys."""

    guesses: int
    free: str
    remembered_for: timedelta


async def record_access(connection: Connection, records: Sequence[AccessRecord]) -> tuple[BudgetCount, ...]:
    """Write the records, all or none; many answers may share one call.

    Answers how much of each budget touched is spent now: of two answers racing for the last guess, the one
    that reads a figure above the limit lost, and must not be given.

    Raises:
        asyncpg.PostgresError: the database refuses; nothing was written.
        OSError: the database cannot be reached; whether it was written is unknown.
    """
    rows = await connection.fetch(_RECORD, *_columns(records))
    return tuple(BudgetCount(*cast("tuple[bytes, str, datetime, int]", tuple(row))) for row in rows)


async def record_shared(
    connection: Connection,
    records: Sequence[AccessRecord],
    remembered: Sequence[RememberedAnswer],
    allowed: Allowed,
) -> bool:
    """Write everything of many answers in one statement.

    False, with nothing written, when a budget would be overdrawn or a key is taken, whosesoever it is.

    Raises:
        asyncpg.PostgresError, OSError: as `record_access`.
    """
    try:
        await connection.fetch(
            _SHARE,
            *_columns(records),
            [each.key for each in remembered],
            [each.request for each in remembered],
            [each.answer for each in remembered],
            [each.at for each in remembered],
            allowed.remembered_for,
            allowed.guesses,
            allowed.free,
        )
    except asyncpg.DivisionByZeroError:
        return False
    return True


def _columns(records: Sequence[AccessRecord]) -> list[list[Any]]:
    """The first 25 arguments: one array for each column."""
    entries = [record.entry for record in records]
    receipts = [record.receipt for record in records if record.receipt is not None]
    spends = [spend for record in records for spend in record.spends]
    return [
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
        [r.status_position for r in receipts],
        [s.key for s in spends],
        [s.scope for s in spends],
        [s.window_start for s in spends],
        [s.amount for s in spends],
    ]

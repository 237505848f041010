"""Writes what answers leave behind, in one atomic statement: access log, receipts, guesses, answers to repeat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import asyncpg
import orjson

from population_registry.domain import AccessRecord
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
  INSERT INTO tried_values AS tried (key, at, marks)
  SELECT k, $24::timestamptz, array_agg(DISTINCT m) FROM unnest($22::bytea[], $23::text[]) AS row(k, m)
   GROUP BY k ORDER BY k
  ON CONFLICT (key) DO UPDATE SET marks = ARRAY(SELECT DISTINCT unnest(tried.marks || excluded.marks))
  RETURNING key, marks
)"""
_RECORD = f"{_WRITE} SELECT key, marks FROM spent"  # noqa: S608 -- constant text
# One statement undoes itself only by failing: the division says that something of it may not be.
_SHARE = f"""{_WRITE}, kept AS (
  INSERT INTO idempotent_answer AS kept (key, request, answer, at)
  SELECT * FROM unnest($25::bytea[], $26::bytea[], $27::bytea[], $28::timestamptz[]) AS row(k, r, a, t) ORDER BY k
  ON CONFLICT (key) DO UPDATE SET request = excluded.request, answer = excluded.answer, at = excluded.at
   WHERE kept.at < excluded.at - $29::interval
  RETURNING 1
)
SELECT 1 / CASE WHEN EXISTS (SELECT FROM spent, unnest(marks) AS mark WHERE cardinality(marks) > $30::integer
                              GROUP BY key, split_part(mark, $31, 1) HAVING count(*) > $30::integer)
                  OR (SELECT count(*) FROM kept) < cardinality($25::bytea[]) THEN 0 ELSE 1 END
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
    """What may not be overdone: values of one claim (`of`: what ends the claim in a mark), lives of keys."""

    guesses: int
    of: str
    remembered_for: timedelta


async def record_access(
    connection: Connection, records: Sequence[AccessRecord]
) -> dict[bytes, frozenset[str]]:
    """Write the records, all or none; many answers may share one call.

    Answers all marks under each key touched: of two answers racing for the last guess, the one that reads
    more of a claim than its limit lost, and must not be given.

    Raises:
        asyncpg.PostgresError: the database refuses; nothing was written.
        OSError: the database cannot be reached; whether it was written is unknown.
    """
    rows = await connection.fetch(_RECORD, *_columns(records))
    return {key: frozenset(marks) for key, marks in cast("Sequence[tuple[bytes, list[str]]]", rows)}


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
            allowed.of,
        )
    except asyncpg.DivisionByZeroError:
        return False
    return True


def _columns(records: Sequence[AccessRecord]) -> list[Any]:
    """The first 24 arguments: one array for each column, then when the guesses among them were made."""
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
        [s.mark for s in spends],
        max((e.at for e in entries), default=None),
    ]

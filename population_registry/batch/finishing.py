"""The end of a batch: the digests of its result files and a signed summary, written once when every piece is done."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from keys import KeyPurpose, KeyRing
from population_registry.batch.asking import KEYS_OF_A_ROW, Kind
from population_registry.batch.jobs import Job, Limits, tally
from population_registry.batch.results import digests_of
from population_registry.verification.receipts import instant

RECEIPT_TYPE = "batch-receipt+jwt"

DONE = """
SELECT batch_id FROM batch_job j WHERE state = 'working'
   AND NOT EXISTS (SELECT 1 FROM batch_chunk c WHERE c.batch_id = j.batch_id AND c.done_at IS NULL)
 ORDER BY created_at LIMIT 10
"""
"""Jobs whose every piece is done."""


_STATUSES = (
    "SELECT status, count(*)::int FROM batch_result WHERE batch_id = $1 GROUP BY status ORDER BY status"
)
_AS_WRITTEN = (
    "SELECT coalesce(sum((tally->>'as_written')::int), 0)::int, coalesce(sum(rows), 0)::int FROM batch_chunk "
    "WHERE batch_id = $1"
)


class RowsMissingError(Exception):
    """An answer was lost or doubled, which no transaction here can do: whoever meets this looks at the engine."""


def summary_claims(
    job: Job,
    issuer: str,
    counts: Mapping[str, int],
    statuses: Mapping[str | None, int],
    digests: Mapping[str, str],
    source: str,
    now: datetime,
) -> dict[str, object]:
    """What is signed: counts, digests, purpose and times; no row, no number, no name."""
    claims: dict[str, object] = {
        "iss": issuer,
        "aud": job.caller.client_id,
        "jti": str(job.batch_id),
        "iat": int(now.timestamp()),
        "purpose": job.context.purpose,
        "procedure_code": job.context.procedure_code,
        "kind": job.kind.value,
        "claims": sorted(job.columns.keys() - KEYS_OF_A_ROW),
        "rows": sum(counts.values()),
        "counts": dict(counts),
        "source_sha256": source,
        "result_sha256": dict(digests),
        "created_at": instant(job.created_at),
        "ended_at": instant(now),
    }
    if job.kind is Kind.RECONCILE:
        claims["statuses"] = dict(statuses)
    if job.context.dossier_code is not None:
        claims["dossier_code"] = job.context.dossier_code
    if job.context.officer is not None:
        claims["officer"] = job.context.officer
    return claims


async def finish(
    connection: Any, job: Job, ring: KeyRing, issuer: str, limits: Limits, kept_until: datetime, now: datetime
) -> bool:
    """Inside the caller's transaction: sign the summary and end the job; False when it was cancelled meanwhile.

    Raises:
        RowsMissingError: the answers are not as many as the rows; nothing is signed.
    """
    digests = await digests_of(connection.fetch, job.batch_id, job.kind, job.columns)
    _, counts = await tally(connection, job.batch_id)
    source = (job.sha256 or b"").hex()
    signer = ring.signer(KeyPurpose.RECEIPT)
    statuses = await _statuses(connection, job, counts["refused"])
    summary = summary_claims(job, issuer, counts, statuses, digests, source, now)
    receipt = signer.sign(summary, typ=RECEIPT_TYPE)
    ended = await connection.fetchval(
        "UPDATE batch_job SET state = 'finished', ended_at = $2, erase_after = $3, tally = $4::jsonb, receipt = $5 "
        "WHERE batch_id = $1 AND state = 'working' RETURNING 1",
        job.batch_id,
        now,
        now + limits.retention,
        orjson.dumps(counts).decode(),
        receipt,
    )
    if ended is None:
        return False
    await connection.execute(
        "INSERT INTO receipt (receipt_id, subject_id, client_id, issued_at, expires_at, key_id, digest) "
        "VALUES ($1, NULL, $2, $3, $4, $5, $6)",
        job.batch_id,
        job.caller.client_id,
        now,
        kept_until,
        signer.kid,
        hashlib.sha256(receipt.encode("ascii")).digest(),
    )
    return True


async def _statuses(connection: Any, job: Job, refused: int) -> dict[str | None, int]:
    """Rows by status, those answered as written among them, who have no answer of their own."""
    statuses = {row[0]: row[1] for row in await connection.fetch(_STATUSES, job.batch_id)}
    as_written, rows = await connection.fetchrow(_AS_WRITTEN, job.batch_id)
    if sum(statuses.values()) + as_written + refused != rows:
        raise RowsMissingError
    if as_written:
        status = "verified" if job.kind is Kind.RECONCILE else None
        statuses[status] = statuses.get(status, 0) + as_written
    return dict(sorted(statuses.items(), key=lambda each: each[0] or ""))

"""One piece of a batch: answers and access-log rows of all its rows in one transaction, or none of them.

The lock of the piece is the lease. It lives as long as the worker's connection: a killed worker's transaction is
undone by the engine, and the piece is free again with nothing written; a worker that hangs loses its transaction to
`idle_in_transaction_session_timeout`, so that it can never commit late. Nothing is lost and nothing is doubled.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from population_registry.batch.asking import KEYS_OF_A_ROW
from population_registry.batch.faults import FileFault, fault_document
from population_registry.batch.jobs import Job, State, end_badly, tally
from population_registry.batch.judging import Asked, Bench, Recorded, Said, needs_papers
from population_registry.batch.rows import cell
from population_registry.domain import PersonFacts
from population_registry.domain.time_ordered import time_prefix
from population_registry.storage.reading import read_person

ENOUGH_TO_JUDGE = 1_000
"""Rows after which a batch that mostly misses is stopped."""

TAKE = """
SELECT c.batch_id, c.chunk_no, c.first_row, c.last_row, c.rows FROM batch_chunk c JOIN batch_job j USING (batch_id)
 WHERE c.done_at IS NULL AND j.state = 'working' ORDER BY c.chunk_no, c.batch_id LIMIT 1
   FOR UPDATE OF c SKIP LOCKED
"""
"""The next free piece. Ordered by its number within its batch, so that small batches need not wait for large ones."""

_LOG = (
    "INSERT INTO access_log (entry_id, at, subject_id, client_id, agency, officer, purpose, procedure_code, "
    "dossier_code, fields, outcome, receipt_id, correlation_id) "
)
_AS_WRITTEN = f"""
WITH asked AS MATERIALIZED (
  SELECT r.row_no, p.person_id, coalesce(r.plain
     AND p.status = 'active' AND p.birth_date = r.birth_date AND r.duplicate IS NULL
     AND (r.social_insurance IS NULL OR r.social_insurance = p.social_insurance)
     AND concat_ws(' ', nullif(p.family_name, ''), nullif(p.middle_name, ''), p.given_name) = r.name, false) AS agrees
    FROM batch_row r LEFT JOIN LATERAL (
      SELECT * FROM person WHERE personal_number = r.number OFFSET 0) p ON true
   WHERE r.batch_id = $1 AND r.row_no BETWEEN $2 AND $3 AND r.error IS NULL
), logged AS (
  {_LOG}
  SELECT ($12 || substr(gen_random_uuid()::text, 16))::uuid, $4::timestamptz, person_id, $5::text, $6::text,
         $7::text, $8::text, $9::text, $10::text, $11::jsonb, 'established', $1,
         $1::text
    FROM asked WHERE agrees
)
SELECT count(*) FILTER (WHERE agrees)::int, coalesce(array_agg(row_no) FILTER (WHERE NOT agrees), '{{}}') FROM asked
"""  # noqa: S608 -- constant text
"""Logs the rows that agree with the record letter by letter: how many, and which rows do not.

Of the former nothing else is kept: in a piece that is done, a row without a fault and without an answer of its own is
established as written. The piece counts them (`as_written`), and the end of the batch compares.
"""
_LOG_OTHERS = f"""
{_LOG}
SELECT ($12 || substr(gen_random_uuid()::text, 16))::uuid, $1::timestamptz, person_id, $4::text, $5::text,
       $6::text, $7::text, $8::text, $9::text, $10::jsonb, outcome, $11::uuid,
       $11::uuid::text
  FROM unnest($2::bigint[], $3::text[]) AS row(person_id, outcome)
"""  # noqa: S608 -- constant text
_PAPERS = """
 (SELECT json_agg(json_build_array(a.kind, a.number, a.until) ORDER BY a.number)
    FROM personal_number_alias a WHERE a.person_id = p.person_id)::text,
 (SELECT json_agg(json_build_array(r.kind, r.commune_code, r.address, r.address_as_issued, r.dwelling_id,
         r.tenure, r.since, r.until, r.ended) ORDER BY r.since DESC, r.residence_no)
    FROM residence r WHERE r.person_id = p.person_id)::text
"""
_OTHERS = """
SELECT r.row_no, r.number, r.name, r.birth_date, r.others, r.social_insurance, r.duplicate, hit.found_by,
       p.person_id, p.personal_number, p.family_name, p.middle_name, p.given_name, p.birth_date, p.sex,
       p.nationality, p.marital_status, p.status, p.status_since::text, p.replaced_by, p.social_insurance, {papers}
  FROM batch_row r
  LEFT JOIN LATERAL (
    SELECT 'current' AS found_by, person_id FROM person WHERE personal_number = r.number
    UNION ALL SELECT kind, person_id FROM personal_number_alias WHERE number = r.number LIMIT 1) hit ON true
  LEFT JOIN LATERAL (SELECT * FROM person WHERE person_id = hit.person_id OFFSET 0) p ON true
 WHERE r.batch_id = $1 AND r.row_no BETWEEN $2 AND $3 AND r.row_no = ANY($4::int[])
"""


_RESULT_COLUMNS = ("batch_id", "row_no", "identity", "status", "answer")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece that this worker holds the lock of."""

    batch_id: UUID
    chunk_no: int
    first_row: int
    last_row: int
    rows: int


async def take(connection: Any) -> Chunk | None:
    """Lock the next free piece until the transaction ends."""
    row = await connection.fetchrow(TAKE)
    return None if row is None else Chunk(*row)


async def work_chunk(connection: Any, chunk: Chunk, job: Job, bench: Bench, now: datetime) -> bool:
    """Answer every row of the piece; False when the job ended meanwhile, and nothing may be committed."""
    fields = orjson.dumps(dict.fromkeys(sorted(job.columns.keys() - KEYS_OF_A_ROW), "verified")).decode()
    why = (
        job.caller.client_id,
        job.caller.agency,
        job.context.officer,
        job.context.purpose,
        job.context.procedure_code,
        job.context.dossier_code,
        fields,
    )
    as_written, others = await connection.fetchrow(
        _AS_WRITTEN, chunk.batch_id, chunk.first_row, chunk.last_row, now, *why, time_prefix(now)
    )
    counts = {"established": as_written, "refused": chunk.rows - as_written - len(others)}
    if others:
        await _others(connection, chunk, others, job, bench, now, why, counts)
    counts["as_written"] = as_written
    await connection.execute(
        "UPDATE batch_chunk SET done_at = $3, tally = $4::jsonb WHERE batch_id = $1 AND chunk_no = $2",
        chunk.batch_id,
        chunk.chunk_no,
        now,
        orjson.dumps(counts).decode(),
    )
    # Last of all, the job itself: whoever cancels waits for this commit, or this piece is given up.
    state = await connection.fetchval(
        "SELECT state FROM batch_job WHERE batch_id = $1 FOR SHARE", chunk.batch_id
    )
    return bool(state == State.WORKING.value)


async def _others(
    connection: Any,
    chunk: Chunk,
    wanted: list[int],
    job: Job,
    bench: Bench,
    now: datetime,
    why: tuple[str | None, ...],
    counts: dict[str, int],
) -> None:
    """The rows that equality did not answer: the pure rules, row by row."""
    papers = _PAPERS if needs_papers(job.columns) else "NULL, NULL"
    rows = await connection.fetch(
        _OTHERS.format(papers=papers), chunk.batch_id, chunk.first_row, chunk.last_row, wanted
    )
    prefix, lines, looked_at, outcomes = f"{chunk.batch_id}\t", [], [], []
    written: dict[Said, str] = {}
    for row_no, number, name, birth, others, social, duplicate, found_by, *person in rows:
        recorded = None
        if found_by is not None:
            _, _, family, middle, given, recorded_birth, _, _, _, standing, *_ = person
            recorded = Recorded(family, middle, given, recorded_birth, standing, found_by)
            looked_at.append(person[0])
        said = bench.answer(
            Asked(number, name, birth, others, social, duplicate),
            recorded,
            partial(_facts, number, found_by, person),
        )
        counts[said[0]] = counts.get(said[0], 0) + 1
        if (tail := written.get(said)) is None:
            tail = written[said] = "\t".join(map(cell, said))
        lines.append(f"{prefix}{row_no}\t{tail}\n")
        if recorded is not None:
            outcomes.append(said[0])
    await connection.copy_to_table(
        "batch_result", source=_whole("".join(lines).encode()), columns=_RESULT_COLUMNS, format="text"
    )
    await connection.execute(_LOG_OTHERS, now, looked_at, outcomes, *why, chunk.batch_id, time_prefix(now))


async def _whole(text: bytes) -> AsyncIterator[bytes]:
    yield text


def _facts(number: str, found_by: str, person: list[Any]) -> PersonFacts:
    *record, aliases, residences = person
    return read_person([number, found_by, *record, aliases, None, residences, None, None, None])


async def stop_if_mostly_missing(connection: Any, batch_id: UUID, now: datetime) -> bool:
    """A file of true people finds most of them; a list of guesses does not (attack 50). Says whether it stopped."""
    _, counts = await tally(connection, batch_id)
    misses = counts["not_established"] + counts["no_such_person"]
    judged = misses + counts["established"]
    if judged < ENOUGH_TO_JUDGE or 2 * misses <= judged:
        return False
    problem = fault_document(FileFault.TOO_MANY_MISSES.value)
    await end_badly(connection, batch_id, State.STOPPED, problem, now)
    return True

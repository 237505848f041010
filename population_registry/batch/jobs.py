"""The job of a batch in the database: made, filled, looked at, cancelled. Each call is one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

import orjson

from population_registry.batch.asking import Format, Kind, Order
from population_registry.storage import Connection
from population_registry.verification.asking import Caller, Context

ABANDONED_AFTER = timedelta(hours=24)
"""An upload that nobody completes is erased."""
OUTCOMES = ("established", "not_established", "no_such_person", "refused")
"""What the rows of a batch are counted by."""


class State(StrEnum):
    """Where a job stands; the last five are its end."""

    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    WORKING = "working"
    FINISHED = "finished"
    REFUSED = "refused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OPEN = (State.UPLOADING, State.UPLOADED, State.WORKING)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator of the registry may set."""

    largest_bytes: int
    largest_rows: int
    rows_per_day: int
    asks: int
    homonyms: int
    retention: timedelta


@dataclass(frozen=True, slots=True)
class Job:
    """What a job is about; none of this changes after it was made."""

    batch_id: UUID
    caller: Caller
    context: Context
    kind: Kind
    format: Format
    columns: Mapping[str, str]
    length: int | None
    sha256: bytes | None
    created_at: datetime


_JOB = (
    "SELECT batch_id, client_id, agency, party_kind, officer, purpose, procedure_code, dossier_code, kind, format, "
    "columns, length, sha256, created_at FROM batch_job WHERE batch_id = $1"
)


async def make_job(
    connection: Connection, batch_id: UUID, caller: Caller, order: Order, now: datetime
) -> None:
    """Write a new job, waiting for its file."""
    context = order.context
    await connection.execute(
        "INSERT INTO batch_job (batch_id, client_id, agency, party_kind, officer, purpose, procedure_code, "
        "dossier_code, kind, format, columns, length, sha256, state, received, created_at, erase_after) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12, $13, 'uploading', 0, $14, $15)",
        batch_id,
        caller.client_id,
        caller.agency,
        caller.party_kind,
        context.officer or caller.actor,
        context.purpose,
        context.procedure_code,
        context.dossier_code,
        order.kind.value,
        order.format.value,
        orjson.dumps(dict(order.columns)).decode(),
        order.length,
        order.sha256,
        now,
        now + ABANDONED_AFTER,
    )


async def open_jobs(connection: Connection, client_id: str) -> int:
    """How many jobs of the client have not ended."""
    count = await connection.fetchval(
        "SELECT count(*) FROM batch_job WHERE client_id = $1 AND state = ANY($2::text[])",
        client_id,
        [state.value for state in OPEN],
    )
    return cast("int", count)


async def read_job(connection: Connection, batch_id: UUID) -> Job | None:
    """What a job is about."""
    rows = cast("Sequence[Sequence[Any]]", await connection.fetch(_JOB, batch_id))
    if not rows:
        return None
    (
        found,
        client,
        agency,
        party,
        officer,
        purpose,
        code,
        dossier,
        kind,
        layout,
        columns,
        length,
        digest,
        made,
    ) = rows[0]
    return Job(
        found,
        Caller(client, frozenset(), party_kind=party, agency_code=agency),
        Context(purpose, code, dossier, officer),
        Kind(kind),
        Format(layout),
        orjson.loads(columns),
        length,
        digest,
        made,
    )


async def upload_state(
    connection: Connection, batch_id: UUID, client_id: str
) -> tuple[State, int, int | None] | None:
    """State, bytes received and declared length of a client's own job."""
    rows = cast(
        "Sequence[Sequence[Any]]",
        await connection.fetch(
            "SELECT state, received, length FROM batch_job WHERE batch_id = $1 AND client_id = $2",
            batch_id,
            client_id,
        ),
    )
    return None if not rows else (State(rows[0][0]), rows[0][1], rows[0][2])


async def append(connection: Connection, batch_id: UUID, at_byte: int, content: bytes) -> bool:
    """Keep the next piece of the file; False when another upload was here first or the job has moved on.

    One statement: the job's row decides who appends at a byte, so no piece is kept twice and none is missing.
    """
    kept = await connection.fetchval(
        "WITH moved AS (UPDATE batch_job SET received = received + length($3::bytea) "
        "WHERE batch_id = $1 AND state = 'uploading' AND received = $2::bigint RETURNING batch_id) "
        "INSERT INTO batch_part (batch_id, at_byte, content) "
        "SELECT batch_id, $2::bigint, $3::bytea FROM moved RETURNING 1",
        batch_id,
        at_byte,
        content,
    )
    return kept is not None


async def complete(connection: Connection, batch_id: UUID, received: int, now: datetime) -> bool:
    """Hand the whole file to the workers; False when it is not as long as said, or the job has moved on."""
    done = await connection.fetchval(
        "UPDATE batch_job SET state = 'uploaded', uploaded_at = $3 WHERE batch_id = $1 AND state = 'uploading' "
        "AND received = $2 AND coalesce(length, $2) = $2 RETURNING 1",
        batch_id,
        received,
        now,
    )
    return done is not None


async def cancel(connection: Connection, batch_id: UUID, client_id: str, now: datetime) -> bool:
    """End an open job now; nothing is answered or logged after this, and its rows are erased next."""
    done = await connection.fetchval(
        "UPDATE batch_job SET state = 'cancelled', ended_at = $3, erase_after = $3 WHERE batch_id = $1 "
        "AND client_id = $2 AND state = ANY($4::text[]) RETURNING 1",
        batch_id,
        client_id,
        now,
        [state.value for state in OPEN],
    )
    return done is not None


async def end_badly(
    connection: Connection, batch_id: UUID, state: State, problem: Mapping[str, object], now: datetime
) -> None:
    """End an open job with a problem; its rows are erased next."""
    await connection.execute(
        "UPDATE batch_job SET state = $2, problem = $3::jsonb, ended_at = $4, erase_after = $4 "
        "WHERE batch_id = $1 AND state = ANY($5::text[])",
        batch_id,
        state.value,
        orjson.dumps(problem).decode(),
        now,
        [each.value for each in OPEN],
    )


async def tally(connection: Connection, batch_id: UUID) -> tuple[int, dict[str, int]]:
    """How many rows are done, and how they came out; exact, since a piece counts when it is committed."""
    sums = ", ".join(f"coalesce(sum((tally->>'{name}')::int), 0)::int" for name in OUTCOMES)
    rows = cast(
        "Sequence[Sequence[int]]",
        await connection.fetch(
            f"SELECT coalesce(sum(rows), 0)::int, {sums} FROM batch_chunk "  # noqa: S608 -- constant names
            "WHERE batch_id = $1 AND done_at IS NOT NULL",
            batch_id,
        ),
    )
    done, *counts = rows[0]
    return done, dict(zip(OUTCOMES, counts, strict=True))


_SHOWN = (
    "SELECT state, kind, format, procedure_code, dossier_code, purpose, received, length, rows, created_at, "
    "uploaded_at, ended_at, erase_after, erased_at, problem, tally, receipt FROM batch_job "
    "WHERE batch_id = $1 AND client_id = $2"
)
_FAULTS = (
    "SELECT row_no, ref, error, error_column FROM batch_row WHERE batch_id = $1 AND error IS NOT NULL "
    "ORDER BY row_no LIMIT $2"
)


async def show(
    connection: Connection, batch_id: UUID, client_id: str, *, faults: int
) -> dict[str, Any] | None:
    """The job as its client may see it, with progress and the first row faults; None when it has none of that id."""
    found = cast("Sequence[Any]", await connection.fetch(_SHOWN, batch_id, client_id))
    if not found:
        return None
    job = dict(found[0])
    done, counts = await tally(connection, batch_id)
    if job["tally"] is not None:
        counts = orjson.loads(job["tally"])
        done = sum(counts.values())
    rows = await connection.fetch(_FAULTS, batch_id, faults)
    job |= {"done": done, "counts": counts, "faults": [tuple(row) for row in rows]}
    job["problem"] = None if job["problem"] is None else orjson.loads(job["problem"])
    return job

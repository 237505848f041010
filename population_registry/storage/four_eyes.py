"""Requests for a second officer: written once, decided once, used once; a trigger refuses everything else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from population_registry.operators.errands import Errand, Purpose
from population_registry.operators.four_eyes import FourEyesRequest, RequestKind, RequestState
from population_registry.storage.connections import Connection

MOST_SHOWN: Final = 50
_REQUESTS: Final = (
    "SELECT request_id, kind, subject_id, officer_id, purpose, case_code, content::text, created_at, expires_at, "
    "state, decided_by, decided_at, remark, used_at FROM four_eyes_request"
)


async def ask(connection: Connection, request: FourEyesRequest) -> None:
    """Write what is asked."""
    await connection.execute(
        "INSERT INTO four_eyes_request (request_id, kind, subject_id, officer_id, purpose, case_code, content, "
        "created_at, expires_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10)",
        *(request.request_id, request.kind.value, request.subject_id, request.officer_id),
        *(request.errand.purpose.value, request.errand.case, orjson.dumps(dict(request.content)).decode()),
        *(request.created_at, request.expires_at, request.state.value),
    )


async def find(connection: Connection, request_id: UUID) -> FourEyesRequest | None:
    """One request."""
    rows = await connection.fetch(
        f"{_REQUESTS} WHERE request_id = $1",
        request_id,
    )
    return _request(rows[0]) if rows else None


async def waiting(connection: Connection, officer_id: str, now: datetime) -> Sequence[FourEyesRequest]:
    """What others ask for and nobody has decided, the oldest first."""
    rows = await connection.fetch(
        f"{_REQUESTS} WHERE state = 'waiting' AND expires_at > $1 "
        "AND officer_id <> $2 ORDER BY created_at LIMIT $3",
        *(now, officer_id, MOST_SHOWN),
    )
    return [_request(row) for row in rows]


async def asked_by(connection: Connection, officer_id: str, since: datetime) -> Sequence[FourEyesRequest]:
    """What the officer asked for, the newest first."""
    rows = await connection.fetch(
        f"{_REQUESTS} WHERE officer_id = $1 AND created_at > $2 ORDER BY created_at DESC LIMIT $3",
        *(officer_id, since, MOST_SHOWN),
    )
    return [_request(row) for row in rows]


async def decide(connection: Connection, request: FourEyesRequest) -> bool:
    """Write a decision; False when another officer was faster."""
    tag = await connection.execute(
        "UPDATE four_eyes_request SET state = $2, decided_by = $3, decided_at = $4, remark = $5 "
        "WHERE request_id = $1 AND state = 'waiting'",
        *(request.request_id, request.state.value, request.decided_by, request.decided_at, request.remark),
    )
    return tag.endswith(" 1")


async def use(connection: Connection, request_id: UUID, now: datetime) -> bool:
    """Spend an approval; False when it was spent before."""
    tag = await connection.execute(
        "UPDATE four_eyes_request SET used_at = $2 "
        "WHERE request_id = $1 AND state = 'approved' AND used_at IS NULL",
        *(request_id, now),
    )
    return tag.endswith(" 1")


def _request(row: Sequence[Any]) -> FourEyesRequest:
    (
        request_id, kind, subject_id, officer_id, purpose, case, content, created_at, expires_at, state,
        decided_by, decided_at, remark, used_at,
    ) = row  # in the order of the columns  # fmt: skip
    return FourEyesRequest(
        request_id=request_id,
        kind=RequestKind(kind),
        subject_id=subject_id,
        officer_id=officer_id,
        errand=Errand(Purpose(purpose), case),
        content=orjson.loads(content),
        created_at=created_at,
        expires_at=expires_at,
        state=RequestState(state),
        decided_by=decided_by,
        decided_at=decided_at,
        remark=remark or "",
        used_at=used_at,
    )

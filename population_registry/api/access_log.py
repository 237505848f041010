"""GET /v1/access-log: who looked at me; GET /v1/access-log/{entry_id}/proof: that the entry is in the log."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from population_registry.api import models
from population_registry.api.cursors import after_entry, entry_cursor
from population_registry.api.service import Service, service_of
from population_registry.domain import AccessEntry, Part
from population_registry.storage import Pool, load_facts
from population_registry.storage.history import LONG_AGO, read_history_page
from population_registry.storage.log_checks import Proof, prove_entry
from population_registry.verification.access_leaves import leaf_text
from population_registry.verification.asking import Caller, require_scope
from population_registry.verification.authorising import SCOPE_ACCESS_LOG
from population_registry.verification.deciding import VIET_NAM
from population_registry.verification.refusals import Refusal, RefusalCode, malformed
from population_registry.verification.releasing import entries_of
from web import Problem

router = APIRouter(tags=["access log"])
LONGEST_CURSOR = 200
_GROWING = 2
"""Seconds after which the next head is signed; it covers what is committed now, and nobody waits longer for it."""


class ProofAnswer(BaseModel):
    """SHA-256 of 0x00 and `entry` is the leaf; the path leads from it to the root in `head` (RFC 9162, 2.1.3.2)."""

    entry: str = Field(description="The row as it stands in the tree: JSON text, to be hashed as it is")
    index: int
    tree_size: int
    path: list[str] = Field(description="Hexadecimal hashes, from the leaf upwards")
    head: str = Field(description="Signed head of the tree: JWS of type audit-head+jwt")


async def _person_of_token(pool: Pool, caller: Caller) -> int:
    """The record of the token's person.

    Raises:
        Refusal: `insufficient-scope`, `subject-token-required`, `person-unknown`.
    """
    require_scope(caller, SCOPE_ACCESS_LOG)
    if caller.person_number is None:
        raise Refusal(RefusalCode.SUBJECT_TOKEN_REQUIRED)
    person = (await load_facts(pool, [caller.person_number], parts=Part.NONE)).subject
    if person is None:
        raise Refusal(RefusalCode.PERSON_UNKNOWN)
    return person.person.person_id


@router.get(
    "/v1/access-log", response_model=models.AccessLogAnswer, summary="Who looked at me · Ai đã tra cứu tôi"
)
async def access_log(
    request: Request,
    cursor: Annotated[str | None, Query(max_length=LONGEST_CURSOR)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    since: Annotated[date | None, Query(alias="from", description="First day, in Viet Nam")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last day, in Viet Nam")] = None,
    procedure_code: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """The rows about the person of the token, newest first; of a period and a procedure where they are named."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    start = after_entry(cursor)
    if until is not None:
        start = min(start, (_midnight(until, "to") + timedelta(days=1), UUID(int=0)))
    if since is not None and until is not None and until < since:
        raise malformed("to", "period_reversed")
    first = LONG_AGO if since is None else _midnight(since, "from")
    async with service.answering.database.pool() as pool:
        subject = await _person_of_token(pool, caller)
        page = await read_history_page(
            pool, subject, start, since=first, procedure_code=procedure_code, limit=limit
        )
    following = None if page.following is None else entry_cursor(*page.following)
    entries = entries_of(page.entries)
    for entry, row in zip(entries, page.entries, strict=True):
        entry["cursor"] = entry_cursor(row.at, row.entry_id)
    return _json({"entries": entries, "next_cursor": following})


@router.get(
    "/v1/access-log/{entry_id}/proof",
    response_model=ProofAnswer,
    summary="Proof of an entry · Chứng minh một dòng nhật ký",
)
async def proof(request: Request, entry_id: UUID) -> Response:
    """That an entry about the token's person stands in the log that the signed head covers."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    async with service.answering.database.pool() as pool:
        subject = await _person_of_token(pool, caller)
        found = await prove_entry(pool, entry_id, subject)
    if found is None:
        raise Problem(404, "not-found")
    if isinstance(found, AccessEntry):
        raise Problem(503, "head-awaited", headers={"Retry-After": str(_GROWING)})
    return _json(_document(found, service))


def _document(found: Proof, service: Service) -> dict[str, object]:
    return {
        "entry": leaf_text(found.entry, service.log_tree.pseudonym).decode(),
        "index": found.index,
        "tree_size": found.size,
        "path": [part.hex() for part in found.path],
        "head": found.head,
    }


def _midnight(day: date, member: str) -> datetime:
    """When a day begins in Viet Nam."""
    try:
        return datetime.combine(day, time(), VIET_NAM).astimezone(UTC)
    except OverflowError:
        raise malformed(member) from None


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", headers={"Cache-Control": "no-store"})

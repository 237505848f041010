"""Reconciliation with the national portal: what changed since, and the messages it lacks, asked by itself alone.

A push may be lost (a receiver that was away for half a day, a database restored from yesterday): whoever receives
compares `GET /v1/synchronisation` with what it holds, and asks for the missing lines of a dossier. Each comes
signed, the same Security Event Token as the push, so one reader judges both.
"""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from keys import KeyPurpose
from population_registry.api.dossiers.authority import SCOPE_DOSSIERS, unknown
from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.api.service import service_of
from population_registry.dossiers.codes import LONGEST
from population_registry.dossiers.notices import FRONT_DOOR
from population_registry.events.synchronised import load_synchronised, log_told
from population_registry.events.tokens import EVENT_TYPE, event_claims
from population_registry.storage.outbox import audience_of
from population_registry.storage.synchronising import heads_since
from population_registry.storage.transactions import transaction
from population_registry.verification.asking import Caller, require_scope
from population_registry.verification.refusals import Refusal, RefusalCode, malformed
from web import exchange_of

router = APIRouter(route_class=StrictBodyRoute, tags=["dossiers"])
MOST_HEADS: Final = 500
MOST_LINES: Final = 50
Code = Annotated[
    str, Path(max_length=LONGEST, pattern=r"^[A-Za-z0-9.\-]+$", examples=["G01.899.06-261123-010001"])
]


class Head(BaseModel):
    """How far the history of one dossier goes."""

    dossier_code: str
    sequence: int


class HeadsAnswer(BaseModel):
    """Dossiers with a line entered since, in the order of their codes; `next_after` while there are more."""

    heads: list[Head]
    next_after: str | None


class LinesAnswer(BaseModel):
    """Signed messages of the lines after `after`, in order; ask again with the last one until `sequence`."""

    dossier_code: str
    sequence: int
    messages: list[str] = Field(description="Security Event Tokens (RFC 8417), as they are pushed")


@router.get("/v1/synchronisation", summary="Changed dossiers · Hồ sơ có thay đổi")
async def heads(
    request: Request,
    since: AwareDatetime,
    after: Annotated[str, Query(max_length=LONGEST, pattern=r"^[A-Za-z0-9.\-]*$")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_HEADS)] = MOST_HEADS,
) -> HeadsAnswer:
    """For the national portal, with a token of its own: which dossiers went on since, and how far."""
    service = service_of(request)
    _require_front_door(await service.gate.caller(request))
    async with service.desk.database.pool() as pool:
        found = await heads_since(pool, _bounded(since), after, limit)
    more = found[-1][0] if len(found) == limit else None
    return HeadsAnswer(heads=[Head(dossier_code=c, sequence=n) for c, n in found], next_after=more)


@router.get("/v1/synchronisation/{code}", summary="Messages of a dossier · Bản tin của một hồ sơ")
async def lines(
    request: Request, code: Code, after: Annotated[int, Query(ge=0, le=1_000_000)] = 0
) -> LinesAnswer:
    """For the national portal: the lines it lacks. The applicant finds in the log that it asked."""
    service = service_of(request)
    _require_front_door(await service.gate.caller(request))
    desk = service.desk
    now = desk.clock()
    async with desk.database.pool() as pool, transaction(pool) as connection:
        found = await load_synchronised(connection, code)
        if found is None:
            raise unknown()
        await log_told(connection, found.dossier, now, exchange_of(request).request_id)
        audience = await audience_of(connection, FRONT_DOOR) or FRONT_DOOR
    last = found.dossier.version
    desk.ring.reload_if_changed()
    signer = desk.ring.signer(KeyPurpose.SECURITY_EVENT)
    messages = [
        signer.sign(
            event_claims(
                found.happening(number), issuer=service.answering.issuer, audience=audience, now=now
            ),
            typ=EVENT_TYPE,
        )
        for number in range(after + 1, min(last, after + MOST_LINES) + 1)
    ]
    return LinesAnswer(dossier_code=code, sequence=last, messages=messages)


def _require_front_door(caller: Caller) -> None:
    """The national portal itself, without a person; to others no dossier exists here.

    Raises:
        Refusal: `insufficient-scope`, `procedure-not-allowed`.
    """
    require_scope(caller, SCOPE_DOSSIERS)
    if caller.client_id != FRONT_DOOR or caller.person_number is not None:
        raise Refusal(RefusalCode.INSUFFICIENT_SCOPE)


def _bounded(moment: datetime) -> datetime:
    """In UTC, for what no clock of UTC shows the database could not be asked.

    Raises:
        Refusal: `invalid-request`.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise malformed("since") from None

"""GET /v1/status/{list}: the signed status list; and the places in the lists that new receipts get."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response

from keys import KeyPurpose, KeyRing
from population_registry.api.database import Database
from population_registry.storage.connections import Connection
from population_registry.storage.superseding import superseded_between
from population_registry.storage.withdrawing import next_block, positions_given, withdrawn_between
from population_registry.verification.status_list import PLACES, STATUS_TYPE, TTL, list_claims
from web import Problem

router = APIRouter(tags=["receipts"])
MEDIA: Final = f"application/{STATUS_TYPE}"
FRESH_FOR: Final = timedelta(seconds=20)
"""How long one process gives out the list it made."""
_MOST_KEPT: Final = 64


class StatusPositions:
    """Places for receipts, handed out in no order inside a block, so that neighbours tell nothing about time."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self._taking = asyncio.Lock()
        self._chance = random.SystemRandom()

    async def take(self, database: Database, held: Connection | None = None) -> int:
        """A position that no other receipt has or will have.

        Whoever holds a connection brings it: nobody who holds one may wait here for somebody who waits for one.

        Raises:
            Problem: 503, the database is away.
        """
        if held is not None and not self._free:
            self._add(await next_block(held))
        while not self._free:
            async with self._taking:
                if not self._free:
                    async with database.pool() as pool:
                        self._add(await next_block(pool))
        return self._free.pop()

    def _add(self, block: range) -> None:
        fresh = list(block)
        self._chance.shuffle(fresh)
        self._free += fresh


class StatusLists:
    """The lists as one process publishes them: read and signed at most every twenty seconds for each."""

    def __init__(self, database: Database, ring: KeyRing, issuer: str, clock: Callable[[], datetime]) -> None:
        self._database, self._ring, self._issuer, self._clock = database, ring, issuer, clock
        self._kept: dict[int, tuple[str, datetime, str]] = {}

    async def signed(self, number: int) -> str:
        """The status list token of a list.

        Raises:
            Problem: 404, no receipt points at such a list yet; 503, the database is away.
        """
        now = self._clock()
        self._ring.reload_if_changed()
        signer = self._ring.signer(KeyPurpose.RECEIPT)
        kept = self._kept.get(number)
        if kept is not None and kept[0] == signer.kid and kept[1] <= now < kept[1] + FRESH_FOR:
            return kept[2]
        first = number * PLACES
        async with self._database.pool() as pool:
            if first >= await positions_given(pool):
                raise Problem(404, "not-found")
            withdrawn = await withdrawn_between(pool, first, first + PLACES)
            superseded = await superseded_between(pool, first, first + PLACES)
        claims = list_claims(self._issuer, number, withdrawn, now, superseded)
        token = signer.sign(claims, typ=STATUS_TYPE)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[number] = (signer.kid, now, token)
        return token


_OPENAPI: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Status list token (draft-ietf-oauth-status-list, section 5.1)",
        "content": {MEDIA: {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/v1/status/{number}",
    response_class=Response,
    responses=_OPENAPI,
    summary="Withdrawn receipts · Biên nhận bị thu hồi",
)
async def status_list(request: Request, number: Annotated[int, Path(ge=0, lt=1 << 31)]) -> Response:
    """Two bits for each receipt that points here: 1 withdrawn, 3 a paper that a later act overtook. Public."""
    lists: StatusLists = request.app.state.service.status_lists
    headers = {"Cache-Control": f"public, max-age={int(TTL.total_seconds())}"}
    return Response(await lists.signed(number), headers=headers, media_type=MEDIA)

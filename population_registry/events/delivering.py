"""Pushes events to those who subscribed.

https://www.rfc-editor.org/rfc/rfc8935
Implemented: 2.1 (one token per POST), 2.2 (202 is delivered), 2.3 and 2.4 (400 with `err`), 3 (retransmission). At
least once: the row is locked while its event is on the way and ended in the same transaction, so a worker that dies
in between leaves the event to the next; `jti` lets the receiver take it once.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from keys import KeyPurpose, KeyRing
from population_registry.events.retrying import quiet_after, wait_after
from population_registry.events.synchronised import note_told, said_to
from population_registry.events.tokens import EVENT_TYPE, MEDIA_TYPE, Happening, event_claims
from population_registry.storage.connections import connect
from population_registry.storage.outbox import (
    Due,
    delivered,
    failed,
    forget_ended,
    quieten,
    share_out,
    take_due,
)
from population_registry.storage.stepping import keep_stepping
from web.egress import Egress, EgressFailed, EgressRefused

log = logging.getLogger("population_registry.events")
LANES: Final = 4
"""Events of one process on the way at a time: a receiver that hangs holds one, not all."""
PAUSE: Final = 0.5
SWEEP_EVERY: Final = timedelta(hours=1)
BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
LEASE: Final = "30s"
_ACCEPTED: Final = 202
_ERR: Final = re.compile(r"[a-z_]{1,40}", re.ASCII)


@dataclass(slots=True)
class Deliverer:
    """One process: some lanes, each with a connection of its own. `chance` draws from [0, 1)."""

    url: str
    ring: KeyRing
    egress: Egress
    issuer: str
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    _sweep_at: datetime = BEGINNING

    async def run(self, stop: asyncio.Event, *, until_idle: bool = False) -> None:
        """Push until told to stop, or until nothing is due; an engine that is away is met again."""
        async with asyncio.TaskGroup() as lanes:
            for _ in range(LANES):
                lanes.create_task(self._lane(stop, until_idle=until_idle))

    async def _lane(self, stop: asyncio.Event, *, until_idle: bool) -> None:
        connection: Any = None

        async def step() -> bool:
            nonlocal connection
            if connection is None:
                connection = await connect(self.url)
                await connection.execute(f"SET idle_in_transaction_session_timeout = '{LEASE}'")
            return await self.step(connection)

        async def close() -> None:
            nonlocal connection
            if connection is not None:
                await connection.close()
                connection = None

        await keep_stepping(step, close, stop, pause=PAUSE, until_idle=until_idle)

    async def step(self, connection: Any) -> bool:
        """Share out what was written, then push one event; False when nothing was due."""
        async with connection.transaction():
            shared = await share_out(connection, self.clock())
        pushed = await self._push_one(connection)
        if not shared and not pushed and self.clock() >= self._sweep_at:
            self._sweep_at = self.clock() + SWEEP_EVERY
            async with connection.transaction():
                await forget_ended(connection, self.clock())
        return bool(shared) or pushed

    async def _push_one(self, connection: Any) -> bool:
        async with connection.transaction():
            due = await take_due(connection, self.clock())
            if due is None:
                return False
            said = await said_to(connection, due)
            if said is None:
                await failed(connection, due, "nothing to tell", None, self.clock())
                return True
            error, reachable = await self._push(due, said)
            now = self.clock()
            if error is None:
                await delivered(connection, due, now)
                await note_told(connection, due, said, now)
                return True
            wait = wait_after(due.tries + 1, self.chance())
            await failed(connection, due, error, None if wait is None else now + wait, now)
            if wait is not None and not reachable:
                await quieten(connection, due.recipient, now + quiet_after(wait))
            level = logging.WARNING if wait is not None else logging.ERROR
            log.log(
                level,
                "event not delivered",
                extra={
                    "recipient": due.recipient,
                    "event_id": str(due.event_id),
                    "tries": due.tries + 1,
                    "why": error,
                },
            )
        return True

    async def _push(self, due: Due, happening: Happening) -> tuple[str | None, bool]:
        """What went wrong, if anything, and whether the receiver answered at all."""
        self.ring.reload_if_changed()
        claims = event_claims(happening, issuer=self.issuer, audience=due.audience, now=self.clock())
        token = self.ring.signer(KeyPurpose.SECURITY_EVENT).sign(claims, typ=EVENT_TYPE)
        try:
            posted = await self.egress.post_token(due.url, token, media_type=MEDIA_TYPE)
        except EgressRefused as refused:
            return f"refused: {refused.reason}", False
        except EgressFailed as failure:
            return failure.reason, False
        if posted.status == _ACCEPTED:
            return None, True
        return f"status {posted.status}{_err(posted.body)}", True


def _err(body: bytes) -> str:
    """The error code of section 2.4, when the receiver gave one; nothing else of what it says is kept."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    err = said.get("err") if isinstance(said, dict) else None
    return f" {err}" if isinstance(err, str) and _ERR.fullmatch(err) else ""

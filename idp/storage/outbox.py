"""What every outbox shares: a bell that wakes the worker, a lease while it tries, and patience that ends.

A kind of message is a table with the columns ``id``, ``attempts``, ``next_at``, ``dead_at`` and ``last_error`` beside
its own, and an :class:`OutboxWorker` that says in :meth:`OutboxWorker.attempt` how one row goes out. What was given
up stays as a dead letter until an operator sends it again (``python -m idp dead-letters``).
"""

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from sqlalchemy import Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from idp.ports import Unavailable
from idp.storage.postgres.failures import unavailable

LEASE: Final = 60
"""Seconds for which a row belongs to the worker that took it."""
PATIENCE: Final = (1, 5, 30, 120, 600, 3_600, 21_600)
"""Seconds to wait after each failed attempt; after the last, the row is a dead letter."""
AT_ONCE: Final = 20
IDLE: Final = 5.0
"""Seconds between two looks when nobody rang."""
MOST_DEAD: Final = 1_000
"""Dead letters shown at once."""
_log = logging.getLogger(__name__)

Row = Mapping[Any, Any]


class Undelivered(Exception):
    """The other side did not take the message; the text is a short code without personal data."""


class Bell:
    """Wakes a worker that sleeps."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """There is work."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Return when it rang, or after so many seconds (work of other processes, retries)."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            pass
        self._event.clear()


class Outbox:
    """Rows of one outbox table: each is taken by one worker at a time, deleted when delivered."""

    def __init__(self, engine: AsyncEngine, table: Table) -> None:
        self._engine = engine
        self._table = table

    async def take(self, now: int) -> list[Row]:
        """Due rows, leased to the caller. Raises :class:`idp.ports.Unavailable`."""
        table = self._table
        due = (
            select(table.c.id)
            .where(table.c.dead_at.is_(None), table.c.next_at <= now)
            .order_by(table.c.next_at)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        statement = (
            update(table)
            .where(table.c.id.in_(due))
            .values(next_at=now + LEASE, attempts=table.c.attempts + 1)
            .returning(table)
        )
        async with unavailable(), self._engine.begin() as connection:
            return [dict(row) for row in (await connection.execute(statement)).mappings()]

    async def delivered(self, row_id: int) -> None:
        """The row is done."""
        async with unavailable(), self._engine.begin() as connection:
            await connection.execute(delete(self._table).where(self._table.c.id == row_id))

    async def failed(self, row_id: int, attempts: int, error: str, now: int) -> None:
        """Try later, or never again. ``error`` is a short code without personal data."""
        dead = attempts > len(PATIENCE)
        values: dict[str, Any] = {"last_error": error}
        values |= {"dead_at": now} if dead else {"next_at": now + PATIENCE[attempts - 1]}
        statement = update(self._table).where(self._table.c.id == row_id).values(**values)
        async with unavailable(), self._engine.begin() as connection:
            await connection.execute(statement)

    async def dead(self) -> list[Row]:
        """The dead letters, oldest first. Raises :class:`idp.ports.Unavailable`."""
        table = self._table
        statement = select(table).where(table.c.dead_at.is_not(None)).order_by(table.c.id).limit(MOST_DEAD)
        async with unavailable(), self._engine.begin() as connection:
            return [dict(row) for row in (await connection.execute(statement)).mappings()]

    async def revive(self, now: int, row_id: int | None = None) -> int:
        """Let one dead letter, or all, be tried again from the start; how many. Raises :class:`Unavailable`."""
        table = self._table
        statement = update(table).where(table.c.dead_at.is_not(None))
        if row_id is not None:
            statement = statement.where(table.c.id == row_id)
        fresh = statement.values(dead_at=None, attempts=0, next_at=now).returning(table.c.id)
        async with unavailable(), self._engine.begin() as connection:
            return len((await connection.execute(fresh)).all())


class OutboxWorker(ABC):
    """Empties one outbox. A row that fails waits longer each time and never keeps another from going out.

    ``NAME`` says in logs what waits; ``LIMIT`` bounds one attempt in seconds and stays below :data:`LEASE`, so that
    no other worker takes the row meanwhile.
    """

    NAME: ClassVar[str]
    LIMIT: ClassVar[float] = 30.0

    def __init__(
        self, engine: AsyncEngine, table: Table, bell: Bell, *, now: Callable[[], float] = time.time
    ) -> None:
        self._outbox = Outbox(engine, table)
        self._bell = bell
        self._now = now

    @abstractmethod
    async def attempt(self, row: Row) -> None:
        """Send one message. Whatever it raises counts as a failed attempt; :class:`Undelivered` says why."""

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            await self._bell.wait(0 if await self._round() else IDLE)

    async def _round(self) -> bool:
        try:
            return await self.deliver_due() > 0
        except Unavailable:
            _log.warning("%s wait: PostgreSQL is away", self.NAME)
            return False

    async def deliver_due(self) -> int:
        """Try every due row once; how many were tried. Raises :class:`idp.ports.Unavailable`."""
        rows = await self._outbox.take(int(self._now()))
        await asyncio.gather(*(self._deliver(row) for row in rows))
        return len(rows)

    async def _deliver(self, row: Row) -> None:
        try:
            async with asyncio.timeout(self.LIMIT):
                await self.attempt(row)
        except Exception as failure:  # noqa: BLE001 - whatever one row or one server does, the others still go out
            error = why(failure)
            _log.warning("%s: row %d, attempt %d: %s", self.NAME, row["id"], row["attempts"], error)
            await self._outbox.failed(row["id"], row["attempts"], error, int(self._now()))
        else:
            await self._outbox.delivered(row["id"])


def why(failure: Exception) -> str:
    """A short code for logs and dead letters: our own words, else only the error's name, never its text."""
    if isinstance(failure, Undelivered):
        return str(failure)
    # The egress client's errors say in one word why.
    reason = getattr(failure, "reason", None)
    return f"{type(failure).__name__}: {reason}" if isinstance(reason, str) else type(failure).__name__

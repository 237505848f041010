"""What both outboxes share: a bell that wakes the worker, a lease while it tries, and patience that ends."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from idp.storage.postgres.failures import unavailable

LEASE: Final = 60
"""Seconds for which a row belongs to the worker that took it."""
PATIENCE: Final = (1, 5, 30, 120, 600, 3_600, 21_600)
"""Seconds to wait after each failed attempt; after the last, the row is a dead letter."""
AT_ONCE: Final = 20


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

    async def take(self, now: int) -> list[Mapping[Any, Any]]:
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

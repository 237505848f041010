"""The connection pool, opened when first needed and again after the engine was away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from population_registry.storage import Pool, open_pool
from web import Problem
from web.patience import patient

RETRY_AFTER = 2
"""Seconds that a caller is asked to wait while the database is away."""
PATIENCE = patient(5.0)
"""Seconds that one answer may take at the database."""

AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    # An idle connection that the engine closed with a last message is found in this state by its next user.
    asyncpg.InternalClientError,
    # Two transactions that waited for each other: one was undone whole, and may be tried again.
    asyncpg.TransactionRollbackError,
)
"""What asyncpg raises while the engine is stopped, starting, stopping, full, cut off, or undid what met another."""


def unavailable(cause: BaseException) -> Problem:
    """503 with Retry-After; nothing was answered."""
    return Problem(503, "unavailable", headers={"Retry-After": str(RETRY_AFTER)}, cause=type(cause).__name__)


class Database:
    """One pool per process; while the engine is away every use raises the 503 problem, without a restart."""

    def __init__(self, url: str, *, largest: int) -> None:
        self._url = url
        self._largest = largest
        self._pool: Pool | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def pool(self) -> AsyncIterator[Pool]:
        """The pool, for one answer.

        Raises:
            Problem: 503, when the engine is away now or goes away meanwhile.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                yield self._pool or await self._open()
        except AWAY as cause:
            raise unavailable(cause) from cause

    async def _open(self) -> Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await open_pool(self._url, largest=self._largest)
            return self._pool

    async def check(self) -> None:
        """Raise unless the engine answers and the newest table of the schema is there."""
        async with self.pool() as pool:
            await pool.fetchval("SELECT 1 FROM dpop_proof LIMIT 1")

    async def close(self) -> None:
        """Close the pool after the work in progress."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

"""One transaction on a pool: everything inside is written together, or nothing is."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol, cast

from population_registry.storage.connections import Connection, Pool


class _TransactingConnection(Connection, Protocol):
    def transaction(self) -> AbstractAsyncContextManager[object]: ...


class _AcquiringPool(Pool, Protocol):
    def acquire(self) -> AbstractAsyncContextManager[_TransactingConnection]: ...


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """A connection inside a transaction: committed at the end of the block, undone by any exception.

    Raises:
        asyncpg.PostgresError: the database refuses; nothing was written.
        OSError: the database cannot be reached; whether it was written is unknown.
    """
    async with cast("_AcquiringPool", pool).acquire() as connection, connection.transaction():
        yield connection

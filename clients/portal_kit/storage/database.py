"""The portal's PostgreSQL: one engine per process; an outage becomes :class:`DatabaseGone`, never a trace."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from web import engines


class DatabaseGone(Exception):
    """PostgreSQL does not answer; nothing of the current step was kept."""


class Database:
    """Transactions on the portal's own database."""

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = engines.open_engine(url, pool_size=5, max_overflow=5)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        with gone_when_lost():
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for what only reads: each statement for itself."""
        with gone_when_lost():
            async with engines.reading(self.engine) as connection:
                yield connection

    async def ready(self) -> bool:
        """True when a statement was answered."""
        async with self.reading() as connection:
            await connection.execute(text("SELECT 1"))
        return True

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()


@contextmanager
def gone_when_lost() -> Iterator[None]:
    """Turns a line that cannot be had or is lost into :class:`DatabaseGone`."""
    try:
        yield
    except (OperationalError, InterfaceError, OSError) as error:
        raise DatabaseGone from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseGone from error
        raise

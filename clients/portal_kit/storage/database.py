"""The portal's PostgreSQL: one engine per process; an outage becomes :class:`DatabaseGone`, never a trace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine


class DatabaseGone(Exception):  # noqa: N818 - a state of the outside
    """PostgreSQL does not answer; nothing of the current step was kept."""


class Database:
    """Transactions on the portal's own database."""

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = create_async_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=5)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        try:
            async with self.engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError, OSError) as error:
            raise DatabaseGone from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseGone from error
            raise

    async def ready(self) -> bool:
        """True when a statement was answered."""
        async with self.transaction() as connection:
            await connection.execute(text("SELECT 1"))
        return True

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()

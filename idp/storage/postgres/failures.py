"""What PostgreSQL and its driver raise when they cannot answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from idp.ports import Unavailable

FAILURES: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    DBAPIError,
    PoolTimeout,
)


@asynccontextmanager
async def unavailable() -> AsyncIterator[None]:
    """Turns failures of PostgreSQL into :class:`Unavailable`."""
    try:
        yield
    except FAILURES as failure:
        raise Unavailable("postgresql") from failure

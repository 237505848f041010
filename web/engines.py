"""SQLAlchemy engines that spend one round trip on one question.

By default a pooled connection is asked whether it lives before each use, inside a transaction of its own, and each
statement gets a transaction too: six round trips for one SELECT. Here a connection that was in use a moment ago is
trusted unless its socket is closed, and what only reads needs no transaction.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

RESTED: Final = 30.0
"""Seconds after which a connection is asked before its next use: a firewall may have forgotten it."""
_SINCE: Final = "at rest since"


def open_engine(database_url: str, **options: Any) -> AsyncEngine:
    """A pool of connections; one whose server went away is replaced before anybody gets it.

    The connection given back last is taken first: it holds the prepared statements, and the others may rest.
    """
    engine = create_async_engine(database_url, pool_use_lifo=True, **options)
    pool, dialect = engine.sync_engine.pool, engine.sync_engine.dialect

    @event.listens_for(pool, "checkin")
    def _rest(_connection: Any, record: Any) -> None:
        record.info[_SINCE] = time.monotonic()

    @event.listens_for(pool, "checkout")
    def _awake(connection: Any, record: Any, _proxy: Any) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError
        if time.monotonic() - record.info.get(_SINCE, time.monotonic()) > RESTED:
            try:
                dialect.do_ping(connection)
            except (OSError, dialect.loaded_dbapi.Error) as gone:
                raise DisconnectionError from gone

    return engine


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection for what only reads: each statement for itself, no transaction around them."""
    async with engine.connect() as connection:
        yield await connection.execution_options(isolation_level="AUTOCOMMIT")

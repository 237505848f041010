"""How PostgreSQL is reached: a pool for what is rare, a plain address for the audit log's own connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from idp.storage.postgres.failures import unavailable
from web import engines
from web.patience import patient


def open_engine(database_url: str, *, timeout: float = patient(5.0)) -> AsyncEngine:
    """A pool of connections; every statement ends within ``timeout`` seconds."""
    return engines.open_engine(
        database_url,
        pool_size=5,
        max_overflow=10,
        pool_timeout=timeout,
        connect_args={"timeout": timeout, "command_timeout": timeout},
    )


@asynccontextmanager
async def read_only(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection for what only reads. Raises :class:`idp.ports.Unavailable`."""
    async with unavailable(), engines.reading(engine) as connection:
        yield connection


def plain_dsn(database_url: str) -> str:
    """The same address as asyncpg itself reads it."""
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)

"""How PostgreSQL is reached: a pool for what is rare, a plain address for the audit log's own connection."""

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def open_engine(database_url: str, *, timeout: float = 5.0) -> AsyncEngine:
    """A pool of connections; every statement ends within ``timeout`` seconds."""
    return create_async_engine(
        database_url,
        pool_size=5,
        max_overflow=10,
        pool_timeout=timeout,
        pool_pre_ping=True,
        connect_args={"timeout": timeout, "command_timeout": timeout},
    )


def plain_dsn(database_url: str) -> str:
    """The same address as asyncpg itself reads it."""
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)

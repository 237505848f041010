"""The pool of asyncpg connections that the hot path uses, opened from the same URL as SQLAlchemy's."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date
from typing import Protocol, cast

import asyncpg
from sqlalchemy.engine import make_url

_SESSION = {"timezone": "UTC", "plan_cache_mode": "force_generic_plan", "jit": "off", "enable_seqscan": "off"}
"""Every statement of the hot path is planned once for each connection and never again."""


class Connection(Protocol):
    """What loading and recording need of asyncpg; a pool offers the same, one connection for each call."""

    async def fetchval(self, query: str, *args: object) -> object:
        """The first column of the first row."""

    async def fetch(self, query: str, *args: object) -> Sequence[Sequence[object]]:
        """All rows."""

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement; answers the command tag."""


class CopyConnection(Connection, Protocol):
    """A connection that also takes rows by COPY."""

    async def copy_records_to_table(
        self, table: str, *, records: Iterable[tuple[object, ...]], columns: Sequence[str]
    ) -> str:
        """Stream rows into a table; answers the command tag."""

    async def copy_to_table(
        self, table: str, *, source: AsyncIterator[bytes], columns: Sequence[str], freeze: bool
    ) -> str:
        """Stream rows in COPY's text format into a table; answers the command tag."""


class Pool(Connection, Protocol):
    """A pool of connections with prepared statements kept on each."""

    async def close(self) -> None:
        """Close every connection, after the work in progress."""


def driver_url(url: str) -> str:
    """The address as asyncpg itself reads it (`postgresql+asyncpg://…` becomes `postgresql://…`)."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


async def open_pool(url: str, *, smallest: int = 1, largest: int = 10) -> Pool:
    """Open the pool; every session works in UTC.

    Raises:
        OSError: the server cannot be reached.
        asyncpg.PostgresError: the server refuses the connection.
    """
    pool = await asyncpg.create_pool(
        driver_url(url),
        min_size=smallest,
        max_size=largest,
        server_settings=_SESSION,
        reset=_leave_clean,
    )
    return cast("Pool", pool)


async def _leave_clean(connection: asyncpg.Connection) -> None:
    """Reset a connection only when a transaction was left open.

    Nothing here sets session state, so asyncpg's own reset would be one more round trip for every use.
    """
    if connection.is_in_transaction():
        await connection.reset()


async def connect(url: str) -> asyncpg.Connection:
    """One connection of its own, for migrations' data and for COPY; the caller closes it."""
    return await asyncpg.connect(driver_url(url), server_settings={"timezone": "UTC"})


def iso_date(text: str | None) -> date | None:
    """A date as PostgreSQL's JSON writes it; None stays None."""
    return None if text is None else date.fromisoformat(text)

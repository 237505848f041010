"""No task takes a second connection of a pool while it holds one: under load that waits for itself for ever."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Final

import asyncpg.pool
import pytest

_HELD: Final[ContextVar[frozenset[tuple[object, int]]]] = ContextVar("held", default=frozenset())
"""The pools of which this task, or whoever started it, holds a connection; each with the test in which it took it."""


@pytest.fixture(autouse=True)
def _one_connection_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail whoever asks a pool for a second connection before giving the first one back.

    With as many such requests at once as the pool has connections, each holds one and waits for one: nobody goes on
    until the patience of all of them ends (503). One at a time it goes well, so no other test sees it. An application
    outlives a test: what its own works took before the end of one is given back unseen, and is not held in the next.
    """
    this_test = object()
    acquire, release = asyncpg.pool.Pool._acquire, asyncpg.pool.Pool.release

    async def acquire_once(pool: Any, *options: Any) -> Any:
        assert (this_test, id(pool)) not in _HELD.get(), "a second connection was asked for while one is held"
        connection = await acquire(pool, *options)
        _HELD.set(_HELD.get() | {(this_test, id(pool))})
        return connection

    async def release_once(pool: Any, connection: Any, **options: Any) -> None:
        _HELD.set(_HELD.get() - {(this_test, id(pool))})
        await release(pool, connection, **options)

    monkeypatch.setattr(asyncpg.pool.Pool, "_acquire", acquire_once)
    monkeypatch.setattr(asyncpg.pool.Pool, "release", release_once)

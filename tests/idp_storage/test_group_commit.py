"""Group commit: rows share transactions, keep their order; success is heard after the commit (decision 0004)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from idp.ports import Unavailable
from idp.storage.group_commit import GroupCommit
from idp.storage.postgres.audit_log import Row
from idp.storage.postgres.engine import plain_dsn


def row(place: int) -> Row:
    """A row that says its place."""
    return (place, "sign_in", None, None, None, None, "", str(place))


@pytest.fixture
async def log(fresh_database: str) -> AsyncIterator[GroupCommit]:
    """Group commit into an empty log."""
    commit = GroupCommit(plain_dsn(fresh_database))
    yield commit
    await commit.close()


async def written(database: str) -> list[tuple[int, str]]:
    """What is committed: place in the log and what it says."""
    connection = await asyncpg.connect(plain_dsn(database))
    try:
        rows = await connection.fetch("SELECT seq, reason FROM audit_event ORDER BY seq")
        tail = await connection.fetchval("SELECT size FROM audit_tail")
    finally:
        await connection.close()
    assert tail == len(rows)
    return [(each["seq"], each["reason"]) for each in rows]


async def test_rows_keep_the_order_in_which_they_were_handed_in(
    log: GroupCommit, fresh_database: str
) -> None:
    """Leaf indexes are dense and in order, however many share a batch."""
    await asyncio.gather(*(log.append([row(2 * place), row(2 * place + 1)]) for place in range(100)))
    assert await written(fresh_database) == [(place, str(place)) for place in range(200)]


async def test_requests_share_transactions(log: GroupCommit, fresh_database: str) -> None:
    """A hundred requests at once: a handful of transactions."""
    await asyncio.gather(*(log.append([row(place)]) for place in range(100)))
    connection = await asyncpg.connect(plain_dsn(fresh_database))
    transactions = await connection.fetchval("SELECT count(DISTINCT xmin::text) FROM audit_event")
    await connection.close()
    assert transactions <= 3


async def test_processes_take_turns_without_gaps(log: GroupCommit, fresh_database: str) -> None:
    """Two processes write one log: every index once, and each one's rows in its own order."""
    other = GroupCommit(plain_dsn(fresh_database))

    async def one_by_one(commit: GroupCommit, first: int) -> None:
        for place in range(25):
            await commit.append([row(first + place)])

    await asyncio.gather(one_by_one(log, 0), one_by_one(other, 100))
    rows = await written(fresh_database)
    assert [seq for seq, _ in rows] == list(range(50))
    said = [int(text) for _, text in rows]
    assert [each for each in said if each < 100] == list(range(25))
    await other.close()


async def test_a_batch_that_fails_fails_for_everybody_in_it(log: GroupCommit, fresh_database: str) -> None:
    """All or nothing: no row of a failed batch is written, everybody hears, and the next batch is written."""
    bad: Row = (0, None, None, None, None, None, "", "bad")  # type: ignore[assignment]  # the database must refuse it
    results = await asyncio.gather(log.append([row(0)]), log.append([bad]), return_exceptions=True)
    assert isinstance(results[1], Unavailable)
    failed = [place for place, result in enumerate(results) if result is not None]
    rows = await written(fresh_database)
    assert [text for _, text in rows] == (["0"] if failed == [1] else [])
    await log.append([row(7)])
    assert (await written(fresh_database))[-1] == (len(rows), "7")


async def test_success_means_committed(log: GroupCommit, fresh_database: str) -> None:
    """The row is visible to another connection by the time the request goes on."""
    for place in range(5):
        await log.append([row(place)])
        assert (await written(fresh_database))[-1] == (place, str(place))


async def test_a_cancelled_request_does_not_take_the_batch_along(
    log: GroupCommit, fresh_database: str
) -> None:
    """A browser that goes away costs nobody else their row."""
    leaving = asyncio.create_task(log.append([row(0)]))
    staying = asyncio.create_task(log.append([row(1)]))
    await asyncio.sleep(0)
    leaving.cancel()
    await staying
    assert "1" in [text for _, text in await written(fresh_database)]


async def test_a_line_that_breaks_in_mid_word_answers_those_who_wait(
    log: GroupCommit, fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asyncpg calls a session that ended between two words an InternalClientError: an outage like any other."""
    await log.append([row(0)])

    class Broken:
        async def fetch(self, *_: object) -> None:
            raise asyncpg.InternalClientError(
                "cannot switch to state 12; another operation (2) is in progress"
            )

    monkeypatch.setattr(log, "_append", Broken())
    async with asyncio.timeout(300):
        with pytest.raises(Unavailable):
            await log.append([row(1)])
        await log.append([row(1)])
    assert await written(fresh_database) == [(0, "0"), (1, "1")]


async def test_a_lost_connection_is_replaced(log: GroupCommit, fresh_database: str) -> None:
    """PostgreSQL ended the session: one batch fails, the next one connects."""
    await log.append([row(0)])
    connection = await asyncpg.connect(plain_dsn(fresh_database))
    await connection.execute(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "  # and wait until it has ended
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
    results = await asyncio.gather(log.append([row(1)]), return_exceptions=True)
    if isinstance(results[0], Unavailable):
        await log.append([row(1)])
    assert await written(fresh_database) == [(0, "0"), (1, "1")]

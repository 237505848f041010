"""Tables that grow for ever lie in one partition for each month, and no row is lost for want of one."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import orjson
import pytest
from alembic import command

from population_registry.domain import AccessEntry, AccessRecord, FieldUse, ReceiptRow
from population_registry.storage import Pool, migrate, months, open_pool, read_access_history, record_access
from population_registry.storage.history import _HISTORY, LONG_AGO
from population_registry.storage.migrating import MIGRATIONS
from population_registry.storage.months import AHEAD, is_partition, ready_months
from tests.engines import MakeDatabase
from web.migrations import alembic_config

pytestmark = pytest.mark.engine
SUBJECT = 880_001
FAR = datetime(2031, 12, 24, 12, tzinfo=UTC)


def record(at: datetime, subject: int = SUBJECT) -> AccessRecord:
    """One row of the log with its receipt."""
    receipt = uuid.uuid4()
    entry = AccessEntry(
        *(uuid.uuid4(), at, subject, "portal", "agency", None, "p", "1.004194", None),
        *({"name": FieldUse.VERIFIED}, "verified", receipt, "c"),
    )
    row = ReceiptRow(receipt, subject, "portal", at, at + timedelta(days=1), "key", b"digest")
    return AccessRecord(entry, row)


@pytest.fixture(scope="module")
async def url(make_database: MakeDatabase) -> str:
    """A database of its own, since partitions are made in it."""
    url = await make_database("months")
    await migrate(url)
    return url


@pytest.fixture
async def own(url: str) -> AsyncIterator[Pool]:
    """A pool on it."""
    pool = await open_pool(url)
    yield pool
    await pool.close()


async def partition_of(pool: Pool, table: str, subject: int) -> list[str]:
    """In which partitions the rows about somebody lie."""
    rows = await pool.fetch(
        f"SELECT DISTINCT tableoid::regclass::text FROM {table} WHERE subject_id = $1 ORDER BY 1", subject
    )
    return [str(row[0]) for row in rows]


async def test_this_month_and_the_coming_ones_are_ready(own: Pool) -> None:
    """A service that starts finds room for now and three months on; starting again makes nothing."""
    at = datetime(2036, 12, 31, 23, tzinfo=UTC)
    made = await ready_months(own, at)
    months = ("2036_12", "2037_01", "2037_02", "2037_03")
    assert made == tuple(f"{table}_{month}" for table in ("access_log", "receipt") for month in months)
    assert await ready_months(own, at) == ()


async def test_rows_lie_in_their_month(own: Pool) -> None:
    """The last moment of a month and the first of the next one (UTC) lie in two partitions of log and receipts."""
    await ready_months(own, FAR)
    new_year = datetime(2032, 1, 1, tzinfo=UTC)
    await record_access(
        own, [record(new_year - timedelta(microseconds=1), 880_002), record(new_year, 880_002)]
    )
    assert await partition_of(own, "access_log", 880_002) == ["access_log_2031_12", "access_log_2032_01"]
    assert await partition_of(own, "receipt", 880_002) == ["receipt_2031_12", "receipt_2032_01"]


async def test_a_month_without_partition_loses_nothing(own: Pool) -> None:
    """Rows of a month that nobody prepared are kept beside; preparing it later neither fails nor moves them."""
    at = datetime(2041, 5, 5, tzinfo=UTC)
    await record_access(own, [record(at, 880_003)])
    assert await partition_of(own, "access_log", 880_003) == ["access_log_other"]
    made = await ready_months(own, at)
    assert "access_log_2041_05" not in made
    assert "access_log_2041_06" in made
    assert len(await read_access_history(own, 880_003, before=at + timedelta(1))) == 1


async def test_several_processes_prepare_at_once(own: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every worker does it at its start: each month is made once, nobody fails (who waits too long tries again)."""
    monkeypatch.setattr(months, "PATIENCE", "300s")
    at = datetime(2051, 1, 1, tzinfo=UTC)
    made = await asyncio.gather(*(ready_months(own, at) for _ in range(4)))
    names = [name for each in made for name in each]
    assert sorted(set(names)) == sorted(names)
    assert len(names) == 2 * (AHEAD + 1)


@pytest.mark.attack
@pytest.mark.parametrize("act", ["UPDATE {} SET outcome = ''", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("role", ["origin", "replica"])
async def test_partitions_made_later_are_append_only_too(own: Pool, act: str, role: str) -> None:
    """attacks.md 54: the protection of the log is on each of its parts, whatever the role of the session."""
    await ready_months(own, FAR)
    await record_access(own, [record(FAR, 880_004)])
    before = await read_access_history(own, 880_004, before=FAR + timedelta(1))
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await own.execute(f"SET LOCAL session_replication_role = {role}; {act.format('access_log_2031_12')}")
    assert await read_access_history(own, 880_004, before=FAR + timedelta(1)) == before != ()


async def test_a_busy_log_is_given_up_and_tried_again(own: Pool, url: str) -> None:
    """Making room never stops answers: behind a long transaction it gives up, with nothing half made."""
    at = datetime(2061, 1, 1, tzinfo=UTC)
    holder = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        async with holder.transaction():
            await holder.execute("LOCK TABLE access_log_other IN SHARE MODE")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await ready_months(own, at)
    finally:
        await holder.close()
    assert len(await ready_months(own, at)) == 2 * (AHEAD + 1)


async def test_history_from_a_moment_skips_later_months(own: Pool) -> None:
    """The citizen's page looks into the months before its cursor only, each through its own index."""
    await ready_months(own, FAR)
    plan = await own.fetchval(
        f"EXPLAIN (FORMAT JSON) {_HISTORY}", SUBJECT, FAR - timedelta(days=40), 50, uuid.UUID(int=0), LONG_AGO
    )
    text = orjson.dumps(orjson.loads(str(plan))).decode()
    assert "Seq Scan" not in text
    assert "access_log_2031_12" not in text or "Subplans Removed" in text


def test_names_of_parts() -> None:
    """What a comparison of schemas has to overlook, and nothing else."""
    parts = ("access_log_2026_11", "access_log_other", "receipt_2026_12", "residence_p3")
    assert all(map(is_partition, parts))
    assert not any(map(is_partition, ("access_log", "receipt", "receipt_withdrawal", "person", "batch_part")))


async def test_rows_of_before_are_taken_over_and_back(make_database: MakeDatabase) -> None:
    """Going back to the schema of before and forward again keeps every row of log and receipts, in its month."""
    url = await make_database("conversion")
    await migrate(url)
    pool = await open_pool(url)
    at = [datetime(2026, month, 15, tzinfo=UTC) for month in (6, 7, 7)] + [datetime(1999, 1, 1, tzinfo=UTC)]
    await record_access(pool, [record(each, 880_005) for each in at])
    before = await read_access_history(pool, 880_005, before=FAR)
    await pool.close()
    await asyncio.to_thread(command.downgrade, alembic_config(url, MIGRATIONS), "0009")
    await migrate(url)
    pool = await open_pool(url)
    assert await read_access_history(pool, 880_005, before=FAR) == before
    assert await partition_of(pool, "access_log", 880_005) == [
        *("access_log_2026_06", "access_log_2026_07", "access_log_other")
    ]
    assert await pool.fetchval("SELECT count(*) FROM receipt WHERE subject_id = 880005") == 4
    await pool.close()

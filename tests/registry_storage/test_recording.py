"""What an answer leaves behind: written whole, never changed."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from population_registry.domain import AccessEntry, AccessRecord, FieldUse, ReceiptRow, Spend
from population_registry.storage import Pool, read_access_history, record_access
from population_registry.storage.answering import forget_expired

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def _entry(subject: int | None, at: datetime = AT, receipt: uuid.UUID | None = None) -> AccessEntry:
    return AccessEntry(
        entry_id=uuid.uuid4(),
        at=at,
        subject_id=subject,
        client_id="residence-portal",
        agency="Công an phường Cầu Giấy",
        officer="officer-7",
        purpose="đăng ký tạm trú",
        procedure_code="1.004194",
        dossier_code="D-1",
        fields={"full_name": FieldUse.VERIFIED, "address": FieldUse.RELEASED},
        outcome="verified",
        receipt_id=receipt,
        correlation_id="correlation",
    )


def _receipt(receipt_id: uuid.UUID, subject: int) -> ReceiptRow:
    digest = hashlib.sha256(receipt_id.bytes).digest()
    return ReceiptRow(receipt_id, subject, "residence-portal", AT, AT + timedelta(days=30), "key-1", digest)


async def test_history_reads_back_what_was_written(pool: Pool) -> None:
    """A person's entries come newest first and as written, others' do not come."""
    subject, receipt_id = 990_001, uuid.uuid4()
    early, late = _entry(subject), _entry(subject, AT + timedelta(minutes=5), receipt_id)
    await record_access(pool, [AccessRecord(early), AccessRecord(_entry(990_002))])
    await record_access(pool, [AccessRecord(late, _receipt(receipt_id, subject))])
    assert await read_access_history(pool, subject, before=AT + timedelta(hours=1)) == (late, early)
    assert await read_access_history(pool, subject, before=late.at) == (early,)
    assert await read_access_history(pool, subject, before=AT + timedelta(hours=1), limit=1) == (late,)
    digest = await pool.fetchval("SELECT digest FROM receipt WHERE receipt_id = $1", receipt_id)
    assert digest == hashlib.sha256(receipt_id.bytes).digest()


@pytest.mark.attack
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_log SET outcome = 'nothing'",
        "UPDATE access_log SET at = now() WHERE subject_id = 990003",
        "DELETE FROM access_log",
        "DELETE FROM access_log WHERE subject_id = 990003",
        "TRUNCATE access_log",
        "INSERT INTO access_log TABLE access_log ON CONFLICT (entry_id, at) DO UPDATE SET outcome = 'nothing'",
        "SET session_replication_role = replica; DELETE FROM access_log",
        "UPDATE access_log_2026_11 SET outcome = 'nothing'",
        "DELETE FROM access_log_2026_11",
        "TRUNCATE access_log_2026_11",
        "TRUNCATE access_log_other",
        "SET session_replication_role = replica; TRUNCATE access_log_2026_11",
    ],
)
async def test_the_access_log_is_append_only(pool: Pool, registry_url: str, statement: str) -> None:
    """Update, delete, truncate and upsert are refused, with replica triggers off too (attacks.md 54)."""
    await record_access(pool, [AccessRecord(_entry(990_003))])
    before = await pool.fetchval("SELECT count(*) FROM access_log WHERE outcome = 'verified'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await pool.execute(statement)
    after = await pool.fetchval("SELECT count(*) FROM access_log WHERE outcome = 'verified'")
    assert after == before


async def test_a_broken_record_leaves_nothing(pool: Pool) -> None:
    """Entry, receipt and guesses are one statement: when one is refused, none is written."""
    receipt_id, key = uuid.uuid4(), uuid.uuid4().bytes
    spends = (Spend(key, "name:1"),)
    record = AccessRecord(_entry(990_004, receipt=receipt_id), _receipt(receipt_id, 990_004), spends)
    await record_access(pool, [record])
    again = AccessRecord(_entry(990_004, receipt=receipt_id), _receipt(receipt_id, 990_004), spends)
    with pytest.raises(asyncpg.UniqueViolationError):
        await record_access(pool, [again])
    assert len(await read_access_history(pool, 990_004, before=AT + timedelta(days=1))) == 1
    assert await pool.fetchval("SELECT marks FROM tried_values WHERE key = $1", key) == ["name:1"]


async def test_racing_guesses_are_counted_one_by_one(pool: Pool) -> None:
    """Forty values tried at once leave forty marks, and no two answers read as many (check-then-act)."""
    key = uuid.uuid4().bytes
    tried = [AccessRecord(_entry(990_005), None, (Spend(key, f"name:{number}"),)) for number in range(40)]
    answers = await asyncio.gather(*(record_access(pool, [each]) for each in tried))
    assert sorted(len(answer[key]) for answer in answers) == list(range(1, 41))


async def test_one_value_tried_by_many_at_once_is_one_guess(pool: Pool) -> None:
    """The same mark from twenty answers at once is kept once, beside the marks of other claims."""
    key = uuid.uuid4().bytes
    spends = (Spend(key, "name:1"), Spend(key, "birth_date:1"))
    tried = [AccessRecord(_entry(990_007), None, spends) for _ in range(20)]
    answers = await asyncio.gather(*(record_access(pool, [each]) for each in tried))
    assert answers == [{key: {"name:1", "birth_date:1"}}] * 20
    assert await pool.fetchval("SELECT cardinality(marks) FROM tried_values WHERE key = $1", key) == len(
        spends
    )


async def test_guesses_of_one_batch_add_up(pool: Pool) -> None:
    """Answers that share a statement may have tried something about the same person; keys stay apart."""
    key, other = uuid.uuid4().bytes, uuid.uuid4().bytes
    records = [
        AccessRecord(_entry(None), None, (Spend(key, "name:1"), Spend(key, "name:2"))),
        AccessRecord(_entry(None), None, (Spend(key, "name:2"), Spend(key, "sex:1"), Spend(other, "name:1"))),
    ]
    expected = {key: {"name:1", "name:2", "sex:1"}, other: {"name:1"}}
    assert await record_access(pool, records) == expected


async def test_marks_of_yesterday_are_forgotten(pool: Pool) -> None:
    """What was tried stays for the whole window, and is gone once the window after it is over."""
    key, window = uuid.uuid4().bytes, timedelta(days=1)
    await record_access(pool, [AccessRecord(_entry(None), None, (Spend(key, "name:1"),))])
    for later, kept in ((window, True), (2 * window + timedelta(seconds=1), False)):
        await forget_expired(pool, AT + later, window)
        assert await pool.fetchval("SELECT count(*) FROM tried_values WHERE key = $1", key) == kept


async def test_entries_without_guesses_are_written(pool: Pool) -> None:
    """An empty list of guesses is no reason to skip the row."""
    assert await record_access(pool, [AccessRecord(_entry(990_006))]) == {}
    assert len(await read_access_history(pool, 990_006, before=AT + timedelta(days=1))) == 1

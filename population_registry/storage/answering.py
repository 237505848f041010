"""Commits an answer before it leaves: log rows, receipt, guesses spent and the remembered answer, all or none."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, cast

from population_registry.domain import AccessRecord, BudgetCount
from population_registry.storage.connections import Connection, Pool
from population_registry.storage.recording import record_access

REMEMBERED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RememberedAnswer:
    """An answer given under an Idempotency-Key: keyed hashes of key and request, the sealed answer."""

    key: bytes
    request: bytes
    answer: bytes
    at: datetime


class _Transaction(Protocol):
    async def start(self) -> None: ...

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


class _TransactingConnection(Connection, Protocol):
    def transaction(self) -> _Transaction: ...


class _AcquiringPool(Pool, Protocol):
    def acquire(self) -> AbstractAsyncContextManager[_TransactingConnection]: ...


async def commit_answer(
    pool: Pool,
    records: Sequence[AccessRecord],
    *,
    refused: Callable[[Sequence[BudgetCount]], bool],
    remembered: RememberedAnswer | None = None,
) -> bool:
    """Write everything of one answer; answers whether it may leave.

    False, with nothing written, when `refused` says that the budgets touched went beyond their limit (another
    question spent the last guess meanwhile) or the key was answered meanwhile: load and decide again.

    Raises:
        asyncpg.PostgresError: the database refuses; nothing was written.
        OSError: the database cannot be reached; whether it was written is unknown, nothing may leave.
    """
    if remembered is None and not any(record.spends for record in records):
        await record_access(pool, records)
        return True
    async with cast("_AcquiringPool", pool).acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            counts = await record_access(connection, records)
            accepted = not refused(counts) and (remembered is None or await remember(connection, remembered))
        except BaseException:
            await transaction.rollback()
            raise
        if accepted:
            await transaction.commit()
        else:
            await transaction.rollback()
        return accepted


async def remember(connection: Connection, answer: RememberedAnswer) -> bool:
    """Keep the answer, unless the key is taken by one that is not yet forgotten."""
    written = await connection.fetchval(
        "INSERT INTO idempotent_answer AS kept (key, request, answer, at) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (key) DO UPDATE SET request = excluded.request, answer = excluded.answer, "
        "at = excluded.at WHERE kept.at < $5 RETURNING 1",
        answer.key,
        answer.request,
        answer.answer,
        answer.at,
        answer.at - REMEMBERED_FOR,
    )
    return written is not None


async def recall_answer(connection: Connection, key: bytes, now: datetime) -> RememberedAnswer | None:
    """The answer given under that key within the last day."""
    rows = await connection.fetch(
        "SELECT key, request, answer, at FROM idempotent_answer WHERE key = $1 AND at >= $2",
        key,
        now - REMEMBERED_FOR,
    )
    if not rows:
        return None
    found_key, request, answer, at = cast("tuple[bytes, bytes, bytes, datetime]", tuple(rows[0]))
    return RememberedAnswer(found_key, request, answer, at)


async def forget_expired(connection: Connection, now: datetime, window: timedelta) -> None:
    """Delete remembered answers and budget windows that are over; safe to call from several processes."""
    await connection.execute("DELETE FROM idempotent_answer WHERE at < $1", now - REMEMBERED_FOR)
    await connection.execute("DELETE FROM guessing_budget WHERE window_start < $1", now - 2 * window)

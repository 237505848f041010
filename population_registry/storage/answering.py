"""Commits an answer before it leaves: log rows, receipt, guesses spent and the remembered answer, all or none.

Answers that leave at the same time share one statement (decision 0017). When anything about one of them stands in
the way, each goes by itself, so that nobody's answer hangs on another's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import asyncpg

from population_registry.domain import AccessRecord
from population_registry.storage.connections import Connection, Pool
from population_registry.storage.recording import Allowed, RememberedAnswer, record_access, record_shared
from population_registry.storage.transactions import transaction
from population_registry.verification.guessing import OF, BudgetPolicy, overdrawn

REMEMBERED_FOR = timedelta(days=1)
ITS_OWN_FAULT = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.CardinalityViolationError,
)
"""What the database refuses on account of a row, not of its own state."""


class _UndoneError(Exception):
    """Leaves a transaction with nothing written."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Everything that one answer writes."""

    records: tuple[AccessRecord, ...]
    remembered: RememberedAnswer | None = None


async def commit_together(
    pool: Pool, leaving: Sequence[Leaving], budget: BudgetPolicy
) -> list[bool | Exception]:
    """Write everything of these answers; says of each whether it may leave, or why the database refuses it.

    False, with nothing written of that answer, when the budgets it touched went beyond their limit (another
    question spent the last guess meanwhile) or its key was answered meanwhile: load and decide again.

    Raises:
        asyncpg.PostgresError: the database refuses them all; nothing was written.
        OSError: the database cannot be reached; whether it was written is unknown, nothing may leave.
    """
    allowed = Allowed(budget.tries, OF, REMEMBERED_FOR)
    records = [record for each in leaving for record in each.records]
    remembered = [each.remembered for each in leaving if each.remembered is not None]
    try:
        if await record_shared(pool, records, remembered, allowed):
            return [True] * len(leaving)
    except ITS_OWN_FAULT as refused:
        if len(leaving) == 1:
            return [refused]
    found: list[bool | Exception] = []
    for each in leaving:
        try:
            found.append(await commit_alone(pool, each, budget))
        except ITS_OWN_FAULT as refused:
            found.append(refused)
    return found


async def commit_alone(pool: Pool, leaving: Leaving, budget: BudgetPolicy) -> bool:
    """Write everything of one answer in a transaction of its own; answers whether it may leave.

    Raises:
        asyncpg.PostgresError, OSError: as `commit_together`.
    """
    try:
        async with transaction(pool) as connection:
            tried = await record_access(connection, leaving.records)
            may_leave = not overdrawn(tried, budget) and (
                leaving.remembered is None or await remember(connection, leaving.remembered)
            )
            if not may_leave:
                raise _UndoneError  # noqa: TRY301 - the block undoes what is left by an exception
    except _UndoneError:
        return False
    return True


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


async def recall_answers(
    connection: Connection, asked: Sequence[tuple[bytes, datetime]]
) -> list[RememberedAnswer | None]:
    """The answer given under each key within the day before its moment."""
    rows = cast(
        "Sequence[tuple[bytes, bytes, bytes, datetime]]",
        await connection.fetch(
            "SELECT key, request, answer, at FROM idempotent_answer WHERE key = ANY($1::bytea[])",
            [key for key, _ in asked],
        ),
    )
    kept = {row[0]: RememberedAnswer(*row) for row in rows}
    return [
        answer if (answer := kept.get(key)) is not None and answer.at >= now - REMEMBERED_FOR else None
        for key, now in asked
    ]


async def recall_answer(connection: Connection, key: bytes, now: datetime) -> RememberedAnswer | None:
    """The answer given under one key within the last day."""
    (found,) = await recall_answers(connection, [(key, now)])
    return found


async def forget_expired(connection: Connection, now: datetime, window: timedelta) -> None:
    """Delete remembered answers and budget windows that are over; safe to call from several processes."""
    await connection.execute("DELETE FROM idempotent_answer WHERE at < $1", now - REMEMBERED_FOR)
    await connection.execute("DELETE FROM tried_values WHERE at < $1", now - 2 * window)
    await connection.execute("DELETE FROM guessing_budget WHERE window_start < $1", now - 2 * window)

"""What the service does beside answering: linked dossiers are carried on, what is over is forgotten."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from population_registry.api.database import Database
from population_registry.api.dossiers.clearing import clear_all
from population_registry.api.dossiers.desk import Desk
from population_registry.api.dossiers.linking import follow_all
from population_registry.storage.answering import forget_expired
from population_registry.storage.months import ready_months
from population_registry.storage.proofs import forget_proofs
from web import Problem

log = logging.getLogger("population_registry")
TIDY_EVERY: Final = timedelta(hours=1)
LINK_EVERY: Final = timedelta(minutes=1)


@asynccontextmanager
async def upkeep(
    database: Database, desk: Desk, clock: Callable[[], datetime], window: timedelta
) -> AsyncIterator[None]:
    """Both works run while the body does. ``window``: how long a guess counts against the budget."""
    works = (_tidy(database, clock, window), _link(desk))
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _link(desk: Desk) -> None:
    """Carry linked dossiers on whose time ran out, or that a broken process left, every minute."""
    while True:
        await asyncio.sleep(LINK_EVERY.total_seconds())
        try:
            await follow_all(desk)
            await clear_all(desk)
        except (Problem, asyncpg.PostgresError, OSError) as cause:
            log.warning("linked dossiers wait", extra={"cause": type(cause).__name__})


async def _tidy(database: Database, clock: Callable[[], datetime], window: timedelta) -> None:
    """Forget what is over and make room for the coming months, now and every hour; a database away is met again."""
    while True:
        try:
            async with database.pool() as pool:
                await forget_expired(pool, clock(), window)
                await forget_proofs(pool, clock())
                await ready_months(pool, clock())
        except (Problem, asyncpg.PostgresError) as cause:
            log.warning("tidying put off", extra={"cause": type(cause).__name__})
        await asyncio.sleep(TIDY_EVERY.total_seconds())

"""What the service does beside answering: carries on linked dossiers, renews cards, forgets what is over."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

from population_registry.api.database import Database
from population_registry.api.dossiers.clearing import clear_all
from population_registry.api.dossiers.desk import Desk
from population_registry.api.dossiers.linking import follow_all
from population_registry.api.putting_off import put_off
from population_registry.dossiers.working_days import VIET_NAM
from population_registry.procedures.insurance_lists import LEAVING_AGE, LISTED, periods_over
from population_registry.storage.answering import forget_expired
from population_registry.storage.months import ready_months
from population_registry.storage.proofs import forget_proofs
from population_registry.storage.yearly_lists import open_lists, take_in_some
from population_registry.synthesis import AS_OF

log = logging.getLogger("population_registry")
TIDY_EVERY: Final = timedelta(hours=1)
LINK_EVERY: Final = timedelta(minutes=1)


@asynccontextmanager
async def upkeep(
    database: Database, desk: Desk, clock: Callable[[], datetime], window: timedelta
) -> AsyncIterator[None]:
    """All works run while the body does. ``window``: how long a guess counts against the budget."""
    works = (
        _again_and_again(lambda: _tidy(database, clock(), window), TIDY_EVERY, first=timedelta(0)),
        _again_and_again(lambda: follow_all(desk), LINK_EVERY, first=LINK_EVERY),
        _again_and_again(lambda: clear_all(desk), LINK_EVERY, first=LINK_EVERY),
    )
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _again_and_again(
    work: Callable[[], Awaitable[object]], every: timedelta, *, first: timedelta
) -> None:
    """Do the work after `first` and then at each interval; whatever fails is logged and met again at the next."""
    await asyncio.sleep(first.total_seconds())
    while True:
        with put_off(log, "upkeep put off"):
            await work()
        await asyncio.sleep(every.total_seconds())


async def _tidy(database: Database, now: datetime, window: timedelta) -> None:
    """Forget what is over and make room for the coming months."""
    async with database.pool() as pool:
        await forget_expired(pool, now, window)
        await forget_proofs(pool, now)
        await ready_months(pool, now)
    await renew_by_lists(database, now)


async def renew_by_lists(database: Database, now: datetime) -> None:
    """Take in the insurer's lists of all periods that ended since the population's day (decision 0026).

    Some people at a time, each within the patience of an answer; what is done already is not done again.
    """
    ends = tuple(periods_over(AS_OF, now.astimezone(VIET_NAM).date()))
    more = bool(ends)
    if more:
        async with database.pool() as pool:
            await open_lists(pool, ends)
    while more:
        async with database.pool() as pool:
            more = await take_in_some(pool, now, groups=LISTED, leaving=LEAVING_AGE)

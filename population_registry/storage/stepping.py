"""Work that a worker process does step by step, without an end and without losing heart."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import asyncpg

log = logging.getLogger("population_registry.worker")
AWAY: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
)
"""What asyncpg raises while the engine is stopped, starting, stopping or cut off."""


async def keep_stepping(
    step: Callable[[], Awaitable[bool]],
    close: Callable[[], Awaitable[None]],
    stop: asyncio.Event,
    *,
    pause: float,
    until_idle: bool,
) -> None:
    """Step until told to stop, or until nothing is left; an engine that is away is met again.

    Args:
        step: One piece of work with connections opened when there are none; False when there was none to do.
        close: Ends the connections, also broken ones; called when the engine is away, and at the end.
        stop: Set from outside; the piece in progress is done first.
        pause: Seconds between two looks for work.
        until_idle: Return when nothing is left, and raise when the engine is away.
    """
    try:
        while not stop.is_set():
            try:
                if await step():
                    continue
            except AWAY as cause:
                if until_idle:
                    raise
                log.warning("engine away", extra={"cause": type(cause).__name__})
                await close()
            if until_idle:
                return
            try:
                await asyncio.wait_for(stop.wait(), pause)
            except TimeoutError:
                continue
    finally:
        await close()

"""Turns at heavy work outside the event loop: few at once, some wait, everybody else is sent away at once.

A turn ends when its work ends, not when whoever asked for it goes away: a thread cannot be stopped, so somebody who
asks and hangs up again and again gets no more of the processor than others.
"""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

Made = TypeVar("Made")


class CrowdedError(Exception):
    """As many wait as ever may; nothing was begun for this one."""


class Turns:
    """At most `at_once` pieces of work under way and `most_waiting` that wait for them, in this process."""

    def __init__(self, at_once: int, most_waiting: int) -> None:
        self._free: Final = asyncio.Semaphore(at_once)
        self._most: Final = most_waiting
        self._waiting = 0

    async def run(self, work: Callable[[], Made]) -> Made:
        """What `work` makes, in a thread, when its turn has come.

        Raises:
            CrowdedError: too many wait already.
        """
        if self._free.locked() and self._waiting >= self._most:
            raise CrowdedError
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        making = asyncio.ensure_future(asyncio.to_thread(work))
        making.add_done_callback(self._ended)
        return await asyncio.shield(making)

    def _ended(self, making: "asyncio.Future[Made]") -> None:
        self._free.release()
        if not making.cancelled():
            making.exception()  # looked at, also where nobody waits for it any more

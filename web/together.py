"""Requests that come at the same time share one trip to a part that is far away: one round trip, one transaction.

Nobody goes on before the trip that carried theirs is over. A lone request goes at once; once requests crowd, a trip
collects for at most :data:`LINGER` seconds. What one trip brings back for each request, and what becomes of all when
one spoils the trip, is the business of the function that makes it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

LINGER: Final = 0.002
MOST_WAITING: Final = 20_000

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class CrowdedError(Exception):
    """More wait than ever could be served in time; this one was not taken."""


class Together(Generic[Asked, Told]):
    """Carries what is asked to ``travel`` in batches and brings each asker its own answer.

    ``travel`` answers as many as it was given, in their order; an exception in place of an answer is raised for that
    asker alone, and one that it raises itself for all. ``failed`` makes each of them an exception of its own from it.
    ``size`` says how much one asker adds to a trip of at most ``most``; ``lanes`` trips may be under way at once
    (with one, everything is served in the order in which it was asked).
    """

    def __init__(
        self,
        travel: Callable[[Sequence[Asked]], Awaitable[Sequence[Told | Exception]]],
        *,
        failed: Callable[[Exception], Exception],
        most: int,
        size: Callable[[Asked], int] = lambda _: 1,
        lanes: int = 1,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._travel = travel
        self._failed = failed
        self._most = most
        self._size = size
        self._free = lanes
        self._most_waiting = most_waiting
        self._waiting: list[tuple[Asked, asyncio.Future[Told]]] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._crowded = False

    async def ask(self, asked: Asked) -> Told:
        """Return what the trip brought back. Raises what ``failed`` makes of a failure."""
        if len(self._waiting) >= self._most_waiting:
            raise self._failed(CrowdedError())
        future: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        if self._free:
            self._free -= 1
            task = asyncio.create_task(self._go())
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return await future

    async def close(self) -> None:
        """Return when everything that waits was served."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _go(self) -> None:
        try:
            while self._waiting:
                if self._crowded:
                    await asyncio.sleep(LINGER)
                if self._waiting:  # another lane may have taken all of them meanwhile
                    await self._trip(self._take())
        finally:
            self._free += 1

    def _take(self) -> list[tuple[Asked, asyncio.Future[Told]]]:
        size, end = 0, 0
        for asked, _ in self._waiting:
            own = self._size(asked)
            if end and size + own > self._most:
                break
            size, end = size + own, end + 1
        batch, self._waiting = self._waiting[:end], self._waiting[end:]
        self._crowded = len(batch) > 1
        return batch

    async def _trip(self, batch: list[tuple[Asked, asyncio.Future[Told]]]) -> None:
        try:
            told = _one_for_each(await self._travel([asked for asked, _ in batch]), len(batch))
        except Exception as failure:  # noqa: BLE001 - whatever it is, those who wait must hear of it, not hang
            told = [self._failed(failure) for _ in batch]
        except BaseException:  # the loop is ending
            for _, future in batch:
                future.cancel()
            raise
        for (_, future), each in zip(batch, told, strict=True):
            if future.done():  # the asker went away
                continue
            if isinstance(each, Exception):
                future.set_exception(each)
            else:
                future.set_result(each)


def _one_for_each(told: Sequence[Told], count: int) -> Sequence[Told]:
    if len(told) != count:
        raise RuntimeError("not one answer for each")
    return told

"""Requests that come at the same time share one trip, and each hears its own end (decision 0004)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from web.together import CrowdedError, Together


class LostError(Exception):
    """What an asker hears of a failed trip."""


def lost(failure: Exception) -> Exception:
    """One of its own for each asker."""
    return LostError(type(failure).__name__)


class Road:
    """Where the trips go: remembers them, waits until it is open, and answers each number with its double."""

    def __init__(self) -> None:
        self.trips: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def travel(self, asked: Sequence[int]) -> Sequence[int | Exception]:
        """Negative numbers fail alone, zero fails for all."""
        self.trips.append(list(asked))
        await self.open.wait()
        if 0 in asked:
            raise ValueError("all")
        return [2 * each if each > 0 else LostError("alone") for each in asked]


async def test_a_lone_request_goes_at_once_and_a_crowd_shares() -> None:
    """The first one is not kept waiting; those who come while it is under way go together, in their order."""
    road = Road()
    together: Together[int, int] = Together(road.travel, failed=lost, most=100)
    road.open.clear()
    first = asyncio.create_task(together.ask(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(together.ask(each)) for each in range(2, 8)]
    await asyncio.sleep(0)
    road.open.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8, 10, 12, 14]
    assert road.trips == [[1], [2, 3, 4, 5, 6, 7]]


async def test_a_trip_carries_at_most_its_measure() -> None:
    """A heavy one fills a trip by itself, however heavy; nobody is left behind."""
    road = Road()
    together: Together[int, int] = Together(road.travel, failed=lost, most=10, size=lambda each: each)
    assert await asyncio.gather(*map(together.ask, (4, 4, 4, 50, 1))) == [8, 8, 8, 100, 2]
    assert road.trips == [[4, 4], [4], [50], [1]]


async def test_one_failure_is_heard_alone_or_by_all() -> None:
    """An exception in place of an answer is that asker's; one that ends the trip is everybody's, each its own."""
    road = Road()
    together: Together[int, int] = Together(road.travel, failed=lost, most=10)
    alone = await asyncio.gather(*map(together.ask, (1, -1, 3)), return_exceptions=True)
    assert (alone[0], type(alone[1]), alone[2]) == (2, LostError, 6)
    everybody = await asyncio.gather(*map(together.ask, (1, 0)), return_exceptions=True)
    assert [str(each) for each in everybody] == ["ValueError", "ValueError"]
    assert everybody[0] is not everybody[1]
    assert await together.ask(5) == 10


async def test_whoever_leaves_takes_nobody_along() -> None:
    """A cancelled asker costs the others nothing."""
    road = Road()
    together: Together[int, int] = Together(road.travel, failed=lost, most=10)
    leaving, staying = asyncio.create_task(together.ask(1)), asyncio.create_task(together.ask(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == 4
    assert leaving.cancelled()


async def test_a_trip_that_loses_count_leaves_nobody_waiting() -> None:
    """Fewer answers than askers is a failure for all, never a hang."""

    async def careless(asked: Sequence[int]) -> Sequence[int]:
        return asked[1:]

    together: Together[int, int] = Together(careless, failed=lost, most=10)
    async with asyncio.timeout(5):
        with pytest.raises(LostError, match="RuntimeError"):
            await together.ask(1)


@pytest.mark.attack
async def test_a_flood_is_refused_not_kept() -> None:
    """Beyond the most that may wait, a request hears so at once (bounded memory)."""
    road = Road()
    together: Together[int, int] = Together(road.travel, failed=lost, most=10, most_waiting=3)
    road.open.clear()
    waiting = [asyncio.create_task(together.ask(each)) for each in (1, 2, 3)]
    await asyncio.sleep(0)
    with pytest.raises(LostError, match=CrowdedError.__name__):
        await together.ask(4)
    road.open.set()
    assert await asyncio.gather(*waiting) == [2, 4, 6]


async def test_two_lanes_are_under_way_at_once_and_closing_waits_for_them() -> None:
    """With two lanes a slow trip holds up nobody else; closing returns when all were served."""
    road = Road()
    together: Together[int, int] = Together(road.travel, failed=lost, most=1, lanes=2)
    road.open.clear()
    asking = [asyncio.create_task(together.ask(each)) for each in (1, 2, 3)]
    for _ in range(3):
        await asyncio.sleep(0)
    assert road.trips == [[1], [2]]
    closing = asyncio.create_task(together.close())
    await asyncio.sleep(0)
    assert not closing.done()
    road.open.set()
    await closing
    assert [each.result() for each in asking] == [2, 4, 6]


async def test_a_lane_whose_askers_another_took_stays_at_home() -> None:
    """Two lanes linger over the same crowd; the first takes all of it, and the second makes no trip for nobody."""
    road = Road()
    together: Together[int, int] = Together(road.travel, failed=lost, most=100, lanes=2)
    road.open.clear()
    first = [asyncio.create_task(together.ask(each)) for each in (1, 2, 3, 4)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(together.ask(each)) for each in (5, 6)]
    await asyncio.sleep(0)
    road.open.set()
    assert await asyncio.gather(*first, *later) == [2, 4, 6, 8, 10, 12]
    await together.close()
    assert road.trips == [[1, 2, 3, 4], [5, 6]]
    assert together._crowded, "and the next trip still collects, as in every crowd"

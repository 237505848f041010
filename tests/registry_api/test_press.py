"""The press of papers: a flood of downloads costs a bounded amount of work, and nobody gets another's file."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from keys import KeyRing
from population_registry.api import pressing
from population_registry.api.press_turns import CrowdedError, Turns
from population_registry.papers.chip.certificates import SEALS
from population_registry.papers.keeping import CardKeys
from tests.registry_api.confirmed import confirmed
from tests.registry_api.conftest import Registry

HUNG, LAN = "099079000104", "099194000101"


class Gate:
    """Work that goes on until it is let go, and counts how much of it is under way."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.begun = 0
        self._started = threading.Semaphore(0)
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def work(self) -> str:
        """Wait at the gate."""
        with self._lock:
            self.begun += 1
            self._now += 1
            self.most = max(self.most, self._now)
        self._started.release()
        assert self.open.wait(300)
        with self._lock:
            self._now -= 1
        return "made"

    async def reached(self, times: int) -> None:
        """So many more have begun."""
        for _ in range(times):
            assert await asyncio.to_thread(self._started.acquire, timeout=300)


@pytest.mark.attack
async def test_few_work_some_wait_and_the_rest_is_sent_away() -> None:
    """Attack 58: with two at once and three waiting, the sixth is refused at once and nothing is begun for it."""
    gate, turns = Gate(), Turns(2, 3)
    asked = [asyncio.create_task(turns.run(gate.work)) for _ in range(5)]
    await gate.reached(2)
    with pytest.raises(CrowdedError):
        await turns.run(gate.work)
    gate.open.set()
    assert await asyncio.gather(*asked) == ["made"] * 5
    assert (gate.begun, gate.most) == (5, 2)


@pytest.mark.attack
async def test_hanging_up_frees_no_turn_before_the_work_is_over() -> None:
    """Attack 58: a thread cannot be stopped, so asking and going away again gets nobody more than two at once."""
    gate, turns = Gate(), Turns(2, 3)
    gone = [asyncio.create_task(turns.run(gate.work)) for _ in range(2)]
    await gate.reached(2)
    for each in gone:
        each.cancel()
    assert all(
        isinstance(each, asyncio.CancelledError)
        for each in await asyncio.gather(*gone, return_exceptions=True)
    )
    waiting = asyncio.create_task(turns.run(gate.work))
    left = asyncio.create_task(turns.run(gate.work))
    await asyncio.sleep(0)
    left.cancel()
    assert gate.begun == 2
    gate.open.set()
    assert await waiting == "made"
    assert (gate.begun, gate.most) == (3, 2)
    assert await turns.run(lambda: "again") == "again"


@asynccontextmanager
async def no_pool() -> AsyncIterator[None]:
    """A database of which nothing is asked here."""
    yield


@pytest.mark.attack
async def test_what_was_made_is_kept_bounded_and_for_its_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attack 58: of many papers the last few are kept; a file that serves no more leaves with the next one made."""
    made: list[UUID] = []

    def press(_: pressing.PaperPress, row: Any, _paper: object) -> bytes:
        made.append(row.confirmation_id)
        return row.confirmation_id.bytes

    async def remember(*_: object) -> None:
        """No part of this test."""

    monkeypatch.setattr(pressing.PaperPress, "_press", press)
    monkeypatch.setattr(pressing, "remember_file", remember)
    monkeypatch.setattr(pressing, "MOST_KEPT", 2)
    at = datetime(2026, 11, 23, 2, tzinfo=UTC)
    database: Any = SimpleNamespace(pool=no_pool)
    paper_press = pressing.PaperPress(database, None, lambda: at)
    rows: list[Any] = [SimpleNamespace(confirmation_id=uuid4()) for _ in range(4)]
    ids = [row.confirmation_id for row in rows]
    for row in (*rows[:3], rows[2], rows[0]):
        assert await paper_press.pressed(row, None) == row.confirmation_id.bytes
    assert made == [*ids[:3], ids[0]], "the first one was forgotten, the third one not"
    at += pressing.KEPT_FOR
    await paper_press.pressed(rows[3], None)
    assert list(paper_press._made) == [ids[3]]


@pytest.fixture
def registry(authority: Registry, key_rings: tuple[Path, KeyRing]) -> Registry:
    """The registry as the deciding authority, with an authority that signs papers."""
    folder = key_rings[0]
    CardKeys.beside(folder, KeyRing.open(folder, mode="demo"), SEALS).complete(authority.clock())
    return authority


async def download(registry: Registry, paper: dict[str, Any], number: str) -> Any:
    """The answer to a download."""
    return await registry.get(paper["pdf"], registry.issuer.personal(number))


@pytest.mark.engine
@pytest.mark.attack
async def test_a_paper_that_is_fetched_again_is_not_typeset_again(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack 58: downloads of one paper cost one typesetting a minute; after it, the same bytes are made again."""
    made: list[str] = []
    render = pressing.render_form

    def counted(claims: Any, stamp: str) -> bytes:
        made.append(claims["jti"])
        return render(claims, stamp)

    monkeypatch.setattr(pressing, "render_form", counted)
    one, other = await confirmed(registry, HUNG), await confirmed(registry, LAN)
    answers = await asyncio.gather(*(download(registry, one, HUNG) for _ in range(6)))
    answers.append(await download(registry, one, HUNG))
    files = [each.content for each in answers]
    assert len(set(files)) == 1
    assert made == [one["confirmation_id"]]
    assert (await download(registry, other, LAN)).content != files[0]
    registry.clock.advance(seconds=61)
    assert (await download(registry, one, HUNG)).content == files[0]
    assert made == [one["confirmation_id"], other["confirmation_id"], one["confirmation_id"]]


@pytest.mark.engine
@pytest.mark.attack
async def test_a_crowd_is_told_when_to_come_again(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9110 section 15.6.4: 503 with Retry-After, in the reader's language; the next one is served as always."""
    paper = await confirmed(registry, HUNG)
    press = registry.app.state.service.paper_press
    gate = Gate()
    busy = Turns(1, 0)
    held = asyncio.create_task(busy.run(gate.work))
    await gate.reached(1)
    real = press.turns
    object.__setattr__(press, "turns", busy)
    try:
        refused = await download(registry, paper, HUNG)
    finally:
        object.__setattr__(press, "turns", real)
        gate.open.set()
        await held
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert int(refused.headers["Retry-After"]) > 0
    assert (await download(registry, paper, HUNG)).content.startswith(b"%PDF-")

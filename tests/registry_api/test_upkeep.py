"""Upkeep beside answering: what fails once is met again, and holds up nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from population_registry import upkeep
from population_registry.api.dossiers import clearing, linking

FAILURES = pytest.mark.parametrize("failure", [OSError, KeyError], ids=["engine-away", "mistake"])


async def nothing(*_: object) -> None:
    """No part of this test."""


@FAILURES
@pytest.mark.parametrize("work", ["follow_all", "clear_all"])
async def test_a_failure_does_not_end_the_upkeep(
    monkeypatch: pytest.MonkeyPatch, failure: type[Exception], work: str
) -> None:
    """Linked dossiers and deletions are carried on after a minute that failed, whatever it was that failed."""
    tried, carried_on = 0, asyncio.Event()

    async def fails_once(_: object) -> None:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise failure
        carried_on.set()

    for each in ("follow_all", "clear_all", "_tidy"):
        monkeypatch.setattr(upkeep, each, fails_once if each == work else nothing)
    monkeypatch.setattr(upkeep, "LINK_EVERY", timedelta(0))
    now = datetime(2026, 11, 22, tzinfo=UTC)
    async with upkeep.upkeep(None, None, lambda: now, timedelta(days=1)):
        await asyncio.wait_for(carried_on.wait(), 60)
    assert tried > 1


@asynccontextmanager
async def opened(*_: object) -> AsyncIterator[None]:
    """A pool, or a transaction in it, of which nothing is asked here."""
    yield


DESK: Any = SimpleNamespace(database=SimpleNamespace(pool=opened))


def reached(failure: type[Exception], seen: list[object]) -> Callable[..., Any]:
    """A step that fails for the first row and is done with every other."""

    async def step(_desk: object, _connection: object, row: object) -> int:
        seen.append(row)
        if row == "broken":
            raise failure
        return 0

    return step


@FAILURES
async def test_a_dossier_that_cannot_be_followed_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, failure: type[Exception]
) -> None:
    """Of two linked dossiers the first has a broken row: the second is carried on, and the log has the cause."""
    seen: list[object] = []

    async def umbrellas(*_: object) -> list[str]:
        return ["broken", "whole"]

    monkeypatch.setattr(linking, "open_umbrellas", umbrellas)
    monkeypatch.setattr(linking, "transaction", opened)
    monkeypatch.setattr(linking, "_step", reached(failure, seen))
    await linking.follow_all(DESK)
    assert seen == ["broken", "whole"]
    (record,) = caplog.records
    assert record.levelno == (logging.WARNING if failure is OSError else logging.ERROR)
    assert (record.exc_info is not None) == (failure is not OSError)


@FAILURES
async def test_a_person_who_cannot_be_cleared_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    """Law on Residence Art. 24, 29: the deletion of the next person does not wait for one that fails."""
    seen: list[object] = []
    ended: list[object] = []

    async def due(*_: object) -> list[str]:
        return ["broken", "whole"]

    async def hold(*_: object) -> bool:
        return True

    async def end(_connection: object, person: object) -> None:
        ended.append(person)

    monkeypatch.setattr(clearing, "clearings_due", due)
    monkeypatch.setattr(clearing, "hold_clearing", hold)
    monkeypatch.setattr(clearing, "end_clearing", end)
    monkeypatch.setattr(clearing, "transaction", opened)
    monkeypatch.setattr(clearing, "_clear", reached(failure, seen))
    await clearing.clear_all(DESK)
    assert (seen, ended) == (["broken", "whole"], ["whole"])

"""Upkeep beside answering: what fails once is met again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from population_registry import upkeep


@pytest.mark.parametrize("failure", [OSError, KeyError], ids=["engine-away", "mistake"])
async def test_a_failure_does_not_end_the_upkeep(
    monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    """Linked dossiers are carried on after a minute that failed, whatever it was that failed."""
    tried, carried_on = 0, asyncio.Event()

    async def follow(_: object) -> None:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise failure
        carried_on.set()

    async def nothing(*_: object) -> None:
        """No part of this test."""

    monkeypatch.setattr(upkeep, "follow_all", follow)
    monkeypatch.setattr(upkeep, "clear_all", nothing)
    monkeypatch.setattr(upkeep, "_tidy", nothing)
    monkeypatch.setattr(upkeep, "LINK_EVERY", timedelta(0))
    now = datetime(2026, 11, 22, tzinfo=UTC)
    async with upkeep.upkeep(None, None, lambda: now, timedelta(days=1)):
        await asyncio.wait_for(carried_on.wait(), 60)
    assert tried > 1

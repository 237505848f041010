"""A clock that moves when told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest


class MovingClock:
    """Callable that answers the same aware UTC time until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        """The current time."""
        return self._now

    def now(self) -> datetime:
        """The current time."""
        return self._now

    def timestamp(self) -> int:
        """The current time in whole seconds since 1970."""
        return int(self._now.timestamp())

    def advance(self, seconds: float = 0, **parts: float) -> datetime:
        """Move forward by seconds and any other part of a timedelta (``minutes=5``); answers the new time."""
        self._now += timedelta(seconds=seconds, **parts)
        return self._now


@pytest.fixture
def moving_clock() -> MovingClock:
    """Monday 5 October 2026, 08:00 in Hà Nội."""
    return MovingClock(datetime(2026, 10, 5, 1, 0, tzinfo=UTC))

"""Answers that leave no earlier than a floor, so that the work behind them cannot be told by a clock (logto#8780)."""

import asyncio

from idp.authentication.pool import PasswordPool


class Pace:
    """Begins with an answer's work; the profile's floor is when the answer may leave."""

    def __init__(self, pool: PasswordPool) -> None:
        self._clock = asyncio.get_running_loop().time
        self._earliest = self._clock() + pool.profile.answer_floor

    async def keep(self) -> None:
        """Wait for the floor; not at all when the work took longer."""
        await asyncio.sleep(max(0.0, self._earliest - self._clock()))

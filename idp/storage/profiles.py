"""Keeps what the registry says of a person about a day old, fetched while the person signs in.

Fetching runs beside the sign-in and never decides it: an unreachable registry leaves the profile as it was.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from idp.ports import Registry, Unavailable
from idp.storage.accounts import Accounts

STALE: Final = 86_400
_PAUSE: Final = 60
"""Seconds before the registry is asked again for the same account."""
_log = logging.getLogger(__name__)


class Profiles:
    """Fetches profiles that are missing or stale, one request per account at a time."""

    def __init__(
        self, accounts: Accounts, registry: Registry, *, now: Callable[[], float] = time.time
    ) -> None:
        self._accounts = accounts
        self._registry = registry
        self._now = now
        self._running: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, float] = {}

    def nudge(self, account_id: str) -> None:
        """Fetch in the background, if it is time."""
        now = self._now()
        if account_id in self._running or now - self._asked.get(account_id, -_PAUSE) < _PAUSE:
            return
        self._asked = {each: at for each, at in self._asked.items() if now - at < _PAUSE}
        self._asked[account_id] = now
        task = asyncio.create_task(self._try(account_id))
        self._running[account_id] = task
        task.add_done_callback(lambda _: self._running.pop(account_id, None))

    async def _try(self, account_id: str) -> None:
        try:
            await self.refresh(account_id)
        except Unavailable as failure:
            _log.warning("profile not fetched: %s is away", failure.part)

    async def refresh(self, account_id: str, *, force: bool = False) -> bool:
        """Fetch the profile when it is stale; True when it was. Raises :class:`idp.ports.Unavailable`."""
        stored = await self._accounts.read(account_id)
        if stored is None or (not force and self._now() - stored.profile_at < STALE):
            return False
        claims = await self._registry.profile(stored.account.personal_number)
        if claims is None:
            return False
        await self._accounts.save_profile(account_id, claims)
        return True

    async def close(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

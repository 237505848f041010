"""Delivers back-channel logout notices (OpenID Connect Back-Channel Logout 1.0, section 2.5).

Each notice is tried until heard or given up; its logout token is signed at each attempt, so it is never stale.
Addresses come from clients' registrations, so every notice leaves through the egress client (decision 0007), which
comes in as a function: storage and egress are neighbours that do not know each other.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine

from idp.domain.writes import NotifyLogout
from idp.ports import Unavailable
from idp.storage.outbox import Bell, Outbox
from idp.storage.postgres.tables import LOGOUT_DELIVERY

IDLE: Final = 5.0
_HEARD: Final = frozenset({200, 204})
_log = logging.getLogger(__name__)

PostForm = Callable[[str, Mapping[str, str]], Awaitable[int]]
"""Sends a form to an address and returns the status; raises when it may not go there or nothing answers."""


class LogoutDelivery:
    """The worker: ``sign`` makes the logout token of a notice, ``post_form`` sends it, ``bell`` tells of work."""

    def __init__(
        self,
        engine: AsyncEngine,
        bell: Bell,
        sign: Callable[[NotifyLogout], str],
        post_form: PostForm,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._outbox = Outbox(engine, LOGOUT_DELIVERY)
        self._bell = bell
        self._sign = sign
        self._post_form = post_form
        self._now = now

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            await self._bell.wait(0 if await self._round() else IDLE)

    async def _round(self) -> bool:
        try:
            return await self.deliver_due() > 0
        except Unavailable:
            _log.warning("logout notices wait: PostgreSQL is away")
            return False

    async def deliver_due(self) -> int:
        """Try every due notice once; how many were tried. Raises :class:`Unavailable`."""
        rows = await self._outbox.take(int(self._now()))
        await asyncio.gather(*(self._deliver(row) for row in rows))
        return len(rows)

    async def _deliver(self, row: Any) -> None:
        notice = NotifyLogout(row["client_id"], row["uri"], row["subject"], row["sid"])
        error = await self._post(notice)
        if error is None:
            await self._outbox.delivered(row["id"])
            return
        _log.warning("logout notice to %s, attempt %d: %s", notice.client_id, row["attempts"], error)
        await self._outbox.failed(row["id"], row["attempts"], error, int(self._now()))

    async def _post(self, notice: NotifyLogout) -> str | None:
        """None when heard (section 2.8: 200 or 204), else a short code."""
        try:
            status = await self._post_form(notice.uri, {"logout_token": self._sign(notice)})
        except Exception as failure:  # noqa: BLE001 - whatever one client's address does, the others still hear
            # The egress client's errors say in one word why; other errors only by their name.
            reason = getattr(failure, "reason", None)
            return f"{type(failure).__name__}: {reason}" if reason else type(failure).__name__
        return None if status in _HEARD else f"status {status}"

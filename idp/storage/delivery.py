"""Delivers back-channel logout notices (OpenID Connect Back-Channel Logout 1.0, section 2.5).

Each notice is tried until heard or given up; its logout token is signed at each attempt, so it is never stale.
Egress is narrow: https only (in demo mode also http to this very machine), no redirects, five seconds, no
proxy from the environment.
"""

import asyncio
import ipaddress
import logging
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine

from idp.domain.writes import NotifyLogout
from idp.ports import Unavailable
from idp.storage.outbox import Bell, Outbox
from idp.storage.postgres.tables import LOGOUT_DELIVERY

IDLE: Final = 5.0
LIMIT: Final = 5.0
"""Seconds for one attempt, whatever the other side does."""
_HEARD: Final = frozenset({200, 204})
_log = logging.getLogger(__name__)


class LogoutDelivery:
    """The worker. ``sign`` makes the logout token of a notice; ``bell`` wakes the worker when there is work."""

    def __init__(
        self,
        engine: AsyncEngine,
        bell: Bell,
        sign: Callable[[NotifyLogout], str],
        *,
        demo: bool = False,
        now: Callable[[], float] = time.time,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._outbox = Outbox(engine, LOGOUT_DELIVERY)
        self._bell = bell
        self._sign = sign
        self._demo = demo
        self._now = now
        self._client = httpx2.AsyncClient(
            timeout=LIMIT, follow_redirects=False, trust_env=False, transport=transport
        )

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            while True:
                await self._bell.wait(0 if await self._round() else IDLE)
        finally:
            await self._client.aclose()

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
        if not allowed(notice.uri, demo=self._demo):
            return "address not allowed"
        try:
            async with asyncio.timeout(LIMIT):
                answer = await self._client.post(notice.uri, data={"logout_token": self._sign(notice)})
        except Exception as failure:  # noqa: BLE001 - whatever one client's address does, the others still hear
            return type(failure).__name__
        return None if answer.status_code in _HEARD else f"status {answer.status_code}"


def allowed(uri: str, *, demo: bool) -> bool:
    """Whether a notice may go there: https to a named host; plain http to loopback in demo mode only."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None or not host:
        return False
    if demo and parts.scheme in {"http", "https"} and host in {"localhost", "127.0.0.1", "::1"}:
        return True
    return parts.scheme == "https" and not _is_local(host)


def _is_local(host: str) -> bool:
    """Names and addresses of this machine or network never come from a manifest."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host

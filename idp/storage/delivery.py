"""Delivers back-channel logout notices (OpenID Connect Back-Channel Logout 1.0, section 2.5).

Each notice is tried until heard or given up; its logout token is signed at each attempt, so it is never stale.
Addresses come from clients' registrations, so every notice leaves through the egress client (decision 0007), which
comes in as a function: storage and egress are neighbours that do not know each other.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from idp.domain.writes import NotifyLogout
from idp.storage.outbox import Bell, OutboxWorker, Row, Undelivered
from idp.storage.postgres.tables import LOGOUT_DELIVERY

_HEARD: Final = frozenset({200, 204})

PostForm = Callable[[str, Mapping[str, str]], Awaitable[int]]
"""Sends a form to an address and returns the status; raises when it may not go there or nothing answers."""


class LogoutDelivery(OutboxWorker):
    """The worker: ``sign`` makes the logout token of a notice, ``post_form`` sends it, ``bell`` tells of work."""

    NAME = "logout notices"

    def __init__(
        self,
        engine: AsyncEngine,
        bell: Bell,
        sign: Callable[[NotifyLogout], Awaitable[str]],
        post_form: PostForm,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(engine, LOGOUT_DELIVERY, bell, now=now)
        self._sign = sign
        self._post_form = post_form

    async def attempt(self, row: Row) -> None:
        """Post one logout token. Raises :class:`Undelivered` unless it was heard."""
        notice = NotifyLogout(row["client_id"], row["uri"], row["subject"], row["sid"])
        status = await self._post_form(notice.uri, {"logout_token": await self._sign(notice)})
        # 2.8: "If the logout succeeded, the RP MUST respond with HTTP 200 OK. However, note that some Web frameworks
        # will substitute an HTTP 204 No Content response ... OPs should be prepared to also process".
        if status not in _HEARD:
            raise Undelivered(f"status {status}")

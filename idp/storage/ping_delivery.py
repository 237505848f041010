"""Delivers pings to clients that wait for an answer (CIBA Core 1.0, section 10.2)."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from idp.storage.outbox import Bell, OutboxWorker, Row, Undelivered
from idp.storage.postgres.tables import PING_OUTBOX
from idp.storage.vault import Vault

_HEARD: Final = frozenset({200, 204})


class PostJson(Protocol):
    """Sends JSON with a bearer token and returns the status; raises when it may not go or nothing answers."""

    def __call__(self, url: str, value: Mapping[str, str], *, bearer: str | None = None) -> Awaitable[int]:
        """Send it; redirects are answered as they are."""
        ...


class PingDelivery(OutboxWorker):
    """The worker: a ping says only which request is ready, never what the answer is."""

    NAME = "CIBA pings"

    def __init__(
        self,
        engine: AsyncEngine,
        bell: Bell,
        vault: Vault,
        post_json: PostJson,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(engine, PING_OUTBOX, bell, now=now)
        self._vault = vault
        self._post_json = post_json

    async def attempt(self, row: Row) -> None:
        """Post one ping. Raises :class:`Undelivered` unless it was heard."""
        ping = self._vault.read_ping(row["message"], row["record_id"])
        if ping.ends_at <= self._now():
            return
        # 10.2: "the OP will send an HTTP POST Request to the Client Notification Endpoint ... using the
        # client_notification_token ... as Bearer authentication", with auth_req_id as the only member.
        status = await self._post_json(
            ping.uri, {"auth_req_id": ping.auth_req_id}, bearer=ping.notification_token
        )
        # 10.2: "For valid requests, the Client Notification Endpoint SHOULD respond with an HTTP 204 No Content. The
        # OP SHOULD also accept HTTP 200 OK ... The Client MUST NOT return an HTTP 3xx code. The OP MUST NOT follow
        # redirects."
        if status not in _HEARD:
            raise Undelivered(f"status {status}")

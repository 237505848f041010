"""Tells bodies, without being asked, how their orders stand: signed, again until it arrived, the newest state only.

The states of one order need no queue: a statement is the whole order, so what is told is always the order of now, and
an older state that did not arrive is not told any more.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import httpx2

from clients.payment_gateway.gateway import Gateway
from clients.payment_gateway.orders import Order
from clients.payment_messages import NOTIFICATIONS_PATH
from clients.portal_kit.storage.database import DatabaseGone
from clients.signed_messages import MEDIA_TYPE
from web.anchors import trusting
from web.patience import patient

PAUSE: Final = 1.0
LONGEST_WAIT: Final = timedelta(minutes=15)
log = logging.getLogger(__name__)


def wait_after(tries: int) -> timedelta:
    """Two seconds, doubled for each try, up to a quarter of an hour; it never gives up: money hangs on it."""
    return min(timedelta(seconds=2 ** min(tries + 1, 10)), LONGEST_WAIT)


class Notifications:
    """Takes orders whose body does not know them yet; several processes may run it beside each other."""

    def __init__(
        self,
        gateway: Gateway,
        client: httpx2.AsyncClient | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gateway = gateway
        self._client = client or httpx2.AsyncClient(
            timeout=patient(5.0), follow_redirects=False, verify=trusting(gateway.settings.trust_anchors)
        )
        self._pause = pause

    async def run(self) -> None:
        """Tell until cancelled. An outage of the database or of a body only makes it wait."""
        while True:
            try:
                told = await self.tell_one()
            except DatabaseGone:
                told = False
            if not told:
                await self._pause(PAUSE)

    async def tell_one(self) -> bool:
        """Post one statement that is due; False when there was none or it did not arrive."""
        orders = self._gateway.orders
        found = await orders.next_untold()
        if found is None:
            return False
        order, tries = found
        failure = await self._post(order)
        if failure is None:
            await orders.told(order)
            return True
        await orders.not_told(order, wait_after(tries), failure)
        log.warning("a body does not know how an order stands", extra={"tries": tries + 1, "why": failure})
        return False

    async def _post(self, order: Order) -> str | None:
        try:
            answer = await self._client.post(
                order.payee_url + NOTIFICATIONS_PATH,
                content=self._gateway.statement(order),
                headers={"Content-Type": MEDIA_TYPE},
            )
        except httpx2.HTTPError as error:
            return type(error).__name__
        return None if answer.status_code == HTTPStatus.NO_CONTENT else f"status {answer.status_code}"

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

"""The payment gateway as a portal sees it: signed questions, and statements whose signature was checked."""

import time
from collections.abc import Callable
from typing import Final

import httpx2

from clients.payment_messages import (
    OPEN_PATH,
    REFUND_PATH,
    REQUEST,
    STATEMENT,
    TELL_PATH,
    NotUnderstood,
    OrderRequest,
    Question,
    RefundRequest,
    Request,
    Statement,
    read_statement,
)
from clients.portal_kit.sender_keys import SenderKeys, UnknownSender
from clients.portal_kit.wire import json_of
from clients.signed_messages import LIFETIME, MEDIA_TYPE, MessageRefused, read_message, who_says
from keys import Signer

PATHS: Final = {OrderRequest: OPEN_PATH, RefundRequest: REFUND_PATH, Question: TELL_PATH}
_REFUSALS: Final = range(400, 500)


class GatewayGone(Exception):
    """The gateway does not answer, or not with anything that it signed."""


class GatewayRefused(Exception):
    """The gateway refused; ``code`` is language-free."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PaymentGateway:
    """Asks in the name of the portal at ``own_url``, whose key ``signer`` gives."""

    def __init__(
        self,
        url: str,
        own_url: str,
        signer: Callable[[], Signer],
        known_keys: SenderKeys,
        client: httpx2.AsyncClient,
    ) -> None:
        self.url = url.rstrip("/")
        self._own_url = own_url
        self._signer = signer
        self._keys = known_keys
        self._client = client

    async def ask(self, request: Request) -> Statement:
        """Open, give back or tell; each may be asked again.

        Raises:
            GatewayGone; GatewayRefused: with its code.
        """
        at = int(time.time())
        claims = {"iss": self._own_url, "aud": self.url, "iat": at, "exp": at + LIFETIME}
        message = self._signer().sign({**request.claims(), **claims}, typ=REQUEST)
        try:
            answer = await self._client.post(
                self.url + PATHS[type(request)], content=message, headers={"Content-Type": MEDIA_TYPE}
            )
        except httpx2.HTTPError as error:
            raise GatewayGone from error
        if answer.status_code in _REFUSALS:
            raise GatewayRefused(str(json_of(answer).get("code", "unexpected")))
        try:
            return await self.read(answer.text)
        except (MessageRefused, UnknownSender, NotUnderstood, httpx2.HTTPError) as error:
            raise GatewayGone from error

    async def read(self, message: str) -> Statement:
        """A statement of our gateway for us.

        Raises:
            MessageRefused; UnknownSender; NotUnderstood; httpx2.HTTPError: its keys cannot be had now.
        """
        sender, kid = who_says(message)
        jwks = await self._keys.of(sender, kid)
        return read_statement(
            read_message(message, jwks, typ=STATEMENT, sender=sender, receiver=self._own_url)
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

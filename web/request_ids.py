"""A reference number for every request: made here, never taken from outside, echoed, and known to every log line."""

import logging
import secrets
import time
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.exchange import KEY, Exchange

ALPHABET = (
    "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no letter that is mistaken on the telephone
)
GROUPS, GROUP = 3, 4
current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")
log = logging.getLogger("web.access")


def new_request_id() -> str:
    """Sixty random bits a person can read out: ``7K3M-9QXF-2T4B``."""
    bits = int.from_bytes(secrets.token_bytes(8), "big")
    letters = "".join(ALPHABET[(bits >> 5 * place) & 31] for place in range(GROUPS * GROUP))
    return "-".join(letters[start : start + GROUP] for start in range(0, GROUPS * GROUP, GROUP))


class RequestId:
    """Pure ASGI: gives the exchange its number, answers it in ``X-Request-Id``, writes one access line.

    The line holds method, route pattern, status and duration; never the path as asked, the query, a cookie or an
    address, because those can hold personal data.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = new_request_id()
        scope[KEY] = Exchange(request_id)
        header = (b"x-request-id", request_id.encode())
        status = 0
        started = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        token = current_request_id.set(request_id)
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            if log.isEnabledFor(logging.INFO):
                route = scope.get("route")
                log.info(
                    "request",
                    extra={
                        "method": scope["method"],
                        "route": getattr(route, "path", "unmatched"),
                        "status": status,
                        "milliseconds": round((time.perf_counter() - started) * 1000, 2),
                    },
                )
            current_request_id.reset(token)

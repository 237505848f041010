"""A reference number for every request: made here, never taken from outside, echoed, and known to every log line."""

import logging
import secrets
import time
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.exchange import KEY, Exchange

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: none is mistaken on the telephone
PAIRS = tuple(first + second for first in LETTERS for second in LETTERS)  # ten bits at a time: one look-up
REFUSED, FAILED = 400, 500
current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")
log = logging.getLogger("web.access")


def new_request_id() -> str:
    """Sixty random bits a person can read out: ``7K3M-9QXF-2T4B``."""
    bits = int.from_bytes(secrets.token_bytes(8), "big")
    a, b, c, d, e, f = (PAIRS[bits >> shift & 1023] for shift in (0, 10, 20, 30, 40, 50))
    return f"{a}{b}-{c}{d}-{e}{f}"


class RequestId:
    """Pure ASGI: gives the exchange its number, answers it in ``X-Request-Id``, writes one access line.

    The line holds method, route pattern, status and duration; never the path as asked, the query, a cookie or an
    address, because those can hold personal data. Successes are written at DEBUG only: the reverse proxy counts them,
    and the audit log records what they did.
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
            route = getattr(scope.get("route"), "path", "unmatched")
            log_request(scope["method"], route, status, started)
            current_request_id.reset(token)


def log_request(method: str, route: str, status: int, started: float) -> None:
    """The access line of one request; ``started`` as ``time.perf_counter`` said."""
    level = level_of(status)
    if log.isEnabledFor(level):
        milliseconds = round((time.perf_counter() - started) * 1000, 2)
        facts = {"method": method, "route": route, "status": status, "milliseconds": milliseconds}
        log.log(level, "request", extra=facts)


def level_of(status: int) -> int:
    """How loud an answer is logged; no answer at all is as loud as a failure."""
    if not status or status >= FAILED:
        return logging.WARNING
    return logging.INFO if status >= REFUSED else logging.DEBUG

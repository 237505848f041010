"""POST /v1/verifications answered before any other middleware or route is walked through, in one write.

Only answers leave here. Whatever else comes of a request (a refusal, a problem, a mistake of ours) goes on to the
application behind, whose route raises it, so that every refusal looks as everywhere else.
"""

import logging
import time
from email.utils import formatdate
from functools import lru_cache
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from population_registry.api.resource import INTERACTION, NONCE, answered, resource_of
from population_registry.api.verifications import OUTCOME, PATH, answer_of
from web.at_once import AT_ONCE, Field, rendered, rendered_once
from web.body_limit import DEFAULT_LIMIT, MAX_DIGITS
from web.exchange import KEY, Exchange
from web.request_ids import current_request_id, log_request, new_request_id
from web.security_headers import HSTS, MACHINE

log = logging.getLogger("population_registry.api")
JSON: Final[Field] = (b"content-type", b"application/json")


class HotPath:
    """ASGI middleware, outermost; finds the application in the scope. `https`: whether the public URL is https."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.headers: tuple[Field, ...] = (JSON, *MACHINE, HSTS) if https else (JSON, *MACHINE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if not _is_hot(scope):
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        exchange = scope[KEY] = Exchange(new_request_id())
        token = current_request_id.set(exchange.request_id)
        request = Request(scope, receive)
        try:
            body = await answer_of(request)
        except ClientDisconnect:
            return
        except Exception as outcome:  # noqa: BLE001 - the route raises it again, where everybody's are answered
            scope[OUTCOME] = outcome
            await self.app(scope, receive, send)
            return
        finally:
            current_request_id.reset(token)
        await self._send(scope, send, exchange.request_id, body, request)
        log_request(scope["method"], PATH, 200, started)

    async def _send(self, scope: Scope, send: Send, request_id: str, body: bytes, request: Request) -> None:
        resource = resource_of(request)
        own: list[Field] = [(b"x-request-id", request_id.encode()), (INTERACTION, answered(scope))]
        if resource.nonce is not None:
            own.append((NONCE, resource.nonce.encode("ascii")))
        length = (b"content-length", b"%d" % len(body))
        at_once = scope.get(AT_ONCE)
        if at_once is not None:
            fields = rendered_once((*self.headers, _date(int(time.time()))))
            if at_once(200, fields + rendered([*own, length]), body):
                return
        headers = [*self.headers, *own, length]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _is_hot(scope: Scope) -> bool:
    """A question whose length is declared and allowed; all else, refusals included, is for the application behind."""
    if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
        return False
    declared = [value for name, value in scope["headers"] if name == b"content-length"]
    if len(declared) != 1 or not declared[0].isdigit() or len(declared[0]) > MAX_DIGITS:
        return False
    return int(declared[0]) <= DEFAULT_LIMIT


@lru_cache(maxsize=1)
def _date(second: int) -> Field:
    """FAPI 1.0 section 6.2.1 point 10: the Date that the server would have added to an answer in two parts."""
    return (b"date", formatdate(second, usegmt=True).encode())

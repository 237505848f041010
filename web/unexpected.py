"""Anything unexpected becomes one fixed sentence and a reference number; the traceback stays in the log.

A part that is gone (database, Redis, registry) becomes 503 with Retry-After (RFC 9110 15.6.4).
"""

import logging

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.problems import Problem
from web.refusing import problem_response

log = logging.getLogger("web.unexpected")


class UnexpectedErrors:
    """Pure ASGI, inside the header middlewares, so that even this answer carries every header.

    ``unavailable``: the exceptions that mean a part is gone.
    """

    def __init__(self, app: ASGIApp, *, unavailable: tuple[type[Exception], ...] = ()) -> None:
        self.app = app
        self.unavailable = unavailable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; an answer that has begun cannot be mended, so its error is raised on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            log.info("the client left")
        except Exception as error:
            problem = self.problem_of(error)
            if begun:
                raise
            response = await problem_response(Request(scope, receive), problem)
            await response(scope, receive, send)

    def problem_of(self, error: Exception) -> Problem:
        """The problem that an exception becomes; logs what nobody expected."""
        if isinstance(error, Problem):
            return error
        if isinstance(error, self.unavailable):
            log.error("a part is unavailable", extra={"cause": type(error).__name__})
            return Problem(503, "unavailable", headers={"Retry-After": "5"})
        log.error("unexpected error", exc_info=error)
        return Problem(500, "unexpected")

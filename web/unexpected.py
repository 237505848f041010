"""Anything unexpected becomes one fixed sentence and a reference number; the traceback stays in the log."""

import logging

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.problems import Problem, problem_response

log = logging.getLogger("web.unexpected")


class UnexpectedErrors:
    """Pure ASGI, inside the header middlewares, so that even this answer carries every header."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

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
        except Exception as error:
            problem = error if isinstance(error, Problem) else Problem(500, "unexpected")
            if problem is not error:
                log.exception("unexpected error")
            if begun:
                raise
            response = await problem_response(Request(scope, receive), problem)
            await response(scope, receive, send)

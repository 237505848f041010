"""No request body longer than a route needs: 64 kB unless a path says otherwise (RFC 9110 15.5.14)."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.problems import Problem
from web.refusing import problem_response

DEFAULT_LIMIT = 64 * 1024
BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_DIGITS = 15


class BodyLimit:
    """Pure ASGI: refuses a longer body with 413, by its declared length or while it streams in.

    ``overrides`` gives path prefixes their own limit in bytes; the longest matching prefix counts.
    """

    def __init__(
        self, app: ASGIApp, *, limit: int = DEFAULT_LIMIT, overrides: Mapping[str, int] | None = None
    ) -> None:
        self.app = app
        self.limit = limit
        self.overrides = sorted((overrides or {}).items(), key=lambda item: -len(item[0]))

    def limit_for(self, path: str) -> int:
        """The limit in bytes for a path."""
        for prefix, limit in self.overrides:
            if path.startswith(prefix):
                return limit
        return self.limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), None)
        if declared is None and scope["method"] in BODILESS:
            await self.app(scope, receive, send)
            return
        limit = self.limit_for(scope["path"])
        if declared is not None:  # the server holds a client to the length it declared
            if not declared.isdigit() or len(declared) > MAX_DIGITS or int(declared) > limit:
                response = await problem_response(Request(scope, receive), too_large())
                await response(scope, receive, send)
                return
            await self.app(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise too_large()
            return message

        await self.app(scope, counted, send)


def too_large() -> Problem:
    """The problem of a body beyond its limit."""
    return Problem(413, "body-too-large", headers={"Connection": "close"})

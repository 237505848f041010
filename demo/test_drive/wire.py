"""Requests read whole and given again, answers caught before they leave: what the wrapper needs of ASGI."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.at_once import AT_ONCE

MOST: Final = 65_536
"""Octets of a body that a test drive looks at; a larger request is the provider's to refuse."""


class TooLong(Exception):
    """The body is longer than :data:`MOST`; ``read`` holds what came so far."""

    def __init__(self, read: bytes) -> None:
        super().__init__("too long")
        self.read = read


@dataclass(slots=True)
class Answer:
    """An answer as it would have left."""

    status: int = 200
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    @classmethod
    def json(cls, status: int, document: object) -> "Answer":
        """A JSON document that nobody may keep."""
        return cls(
            status,
            [(b"content-type", b"application/json"), (b"cache-control", b"no-store")],
            orjson.dumps(document, option=orjson.OPT_INDENT_2),
        )

    async def send(self, send: Send) -> None:
        """Let it go, with the length that it has now."""
        fields = [(name, value) for name, value in self.fields if name.lower() != b"content-length"]
        fields.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": fields})
        await send({"type": "http.response.body", "body": self.body})


async def read(receive: Receive) -> bytes:
    """The whole body. Raises :class:`TooLong`."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST:
            raise TooLong(body)
    return body


def given_again(body: bytes, receive: Receive) -> Receive:
    """A receiver that brings the body first, and then whatever the connection still brings."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


async def caught(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """What the application answers, held back."""
    answer = Answer()

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.fields = [(bytes(name), bytes(value)) for name, value in message.get("headers", ())]
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    held = {key: value for key, value in scope.items() if key != AT_ONCE}
    await app(held, receive, send)
    return answer

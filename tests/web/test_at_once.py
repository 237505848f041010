"""Answers in one piece: what travels, what is refused, and when uvicorn's own way is taken."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from idp.endpoints.answers import CORS, JSON, NO_STORE, SHARED, Answer
from web.at_once import AT_ONCE, AtOnceProtocol, rendered

Sent = list[dict[str, Any]]


@asynccontextmanager
async def served(application: Any) -> AsyncIterator[int]:
    """The port of a server that speaks this protocol."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application, http=AtOnceProtocol, ws="none", lifespan="off", log_config=None, server_header=False
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve([listening]))
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.01)
    try:
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await running


async def spoken(port: int, raw: bytes) -> bytes:
    """Everything that the server says to these bytes until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    said = await asyncio.wait_for(reader.read(), 300)
    writer.close()
    return said


ANSWER = Answer(200, b'{"active":false}', (JSON, *NO_STORE))


async def whole(scope: Any, receive: Any, send: Any) -> None:
    """An endpoint that reads its body and answers at once."""
    await receive()
    await ANSWER(scope, receive, send)


async def by_messages(scope: Any, receive: Any, send: Any) -> None:
    """The same, where the server offers no short way."""
    scope.pop(AT_ONCE)
    await whole(scope, receive, send)


def comparable(said: bytes) -> tuple[list[bytes], list[bytes]]:
    """Heads without their date, and bodies, of answers with a Content-Length."""
    heads, bodies = [], []
    while said:
        head, _, said = said.partition(b"\r\n\r\n")
        heads.append(b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(b"date:")))
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        body, said = said[:length], said[length:]
        bodies.append(body)
    return heads, bodies


FIRST = b"POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=b"
LAST = b"GET /jwks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


async def test_the_short_way_says_what_the_long_way_says() -> None:
    """RFC 9112 9.3.2: answers to pipelined requests come in order, byte for byte as uvicorn writes them."""
    async with served(whole) as short, served(by_messages) as long:
        quick, slow = await spoken(short, FIRST * 3 + LAST), await spoken(long, FIRST * 3 + LAST)
    assert comparable(quick) == comparable(slow)
    assert comparable(quick)[1] == [ANSWER.body] * 4


async def test_the_connection_closes_when_the_client_asks_so() -> None:
    """RFC 9112 9.6: the last answer says ``Connection: close``, and the server closes."""
    async with served(whole) as port:
        said = await spoken(port, LAST)
    assert b"\r\nconnection: close\r\n" in said


async def test_an_answer_to_head_has_no_body() -> None:
    """RFC 9110 9.3.2: HEAD says how long the body would be, and sends none."""
    async with served(whole) as port:
        said = await spoken(port, LAST.replace(b"GET", b"HEAD"))
    assert b"content-length: 16\r\n" in said
    assert said.endswith(b"\r\n\r\n")


@pytest.mark.attack
@pytest.mark.parametrize(
    "field",
    [
        (b"location", b"https://a.example/\r\nset-cookie: a=b"),
        (b"location", b"a\nb"),
        (b"location", b"a\x00b"),
        (b"loca tion", b"a"),
        (b"location:", b"a"),
        (b"", b"a"),
    ],
)
async def test_a_line_break_in_a_field_never_travels(field: tuple[bytes, bytes]) -> None:
    """RFC 9110 5.5 (CVE-2020-7695): CR, LF and NUL in a value are dangerous; no such answer is written."""
    with pytest.raises(ValueError, match="field"):
        rendered([field])

    async def splitting(scope: Any, receive: Any, send: Any) -> None:
        await Answer(303, b"", (field,))(scope, receive, send)

    async with served(splitting) as port:
        said = await spoken(port, LAST)
    assert said.startswith(b"HTTP/1.1 500 ")
    assert b"a=b" not in said


def test_headers_that_may_hold_a_secret_are_not_kept() -> None:
    """Only what is the same for everybody is remembered: no address, cookie, nonce or challenge."""
    names = {name for fields in SHARED for name, _ in fields}
    assert names == {b"content-type", b"cache-control", b"pragma", *(name for name, _ in CORS)}

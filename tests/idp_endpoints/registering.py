"""Registrations of the endpoint tests: requests, and a client's own web server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import orjson

from tests.idp_endpoints.people import AN, CALLBACK
from tests.idp_endpoints.provider import FIELD, ISSUER, VERIFIER, Provider, answer_of, basic

GOOD = {"redirect_uris": [CALLBACK], "client_name": "Cửa hàng"}


async def call(
    provider: Provider, method: str, path: str, body: Any = None, token: str = ""
) -> httpx2.Response:
    """One request with a JSON body."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    content = b""
    if body is not None:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        headers["Content-Type"] = "application/json"
    async with provider.client() as client:
        return await client.request(method, path, content=content, headers=headers)


async def register(provider: Provider, **members: Any) -> dict[str, Any]:
    """A registered client's information."""
    response = await call(provider, "POST", "/register", GOOD | members)
    assert response.status_code == 201, response.text
    assert "no-store" in response.headers["cache-control"]
    told: dict[str, Any] = response.json()
    return told


def own(told: dict[str, Any]) -> tuple[str, str]:
    """Path and token of a client's own address."""
    return told["registration_client_uri"].removeprefix(ISSUER), told["registration_access_token"]


async def consented_code(provider: Provider, client_id: str, **changes: Any) -> str:
    """Sign in, say yes, and take the code."""
    browser = provider.browser()
    response = await browser.authorize(client_id, **changes)
    response = await browser.sign_in(AN, response)
    if "/consent" in response.headers["location"]:
        page = await browser.http.get(response.headers["location"])
        assert page.status_code == 200, page.text
        form = dict(FIELD.findall(page.text)) | {"answer": "allow"}
        response = await browser.http.post("/consent", data=form)
        response = await browser.http.get(response.headers["location"])
    return answer_of(response)["code"]


async def tokens_of(provider: Provider, told: dict[str, Any]) -> dict[str, Any]:
    """Tokens of a client that authenticates with Basic."""
    code = await consented_code(provider, told["client_id"])
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    headers = basic(told["client_id"], told["client_secret"])
    response = await provider.token(form | {"code_verifier": VERIFIER}, headers=headers)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def consent_page(provider: Provider, client_id: str) -> str:
    """What a person is asked for this client."""
    browser = provider.browser()
    response = await browser.sign_in(AN, await browser.authorize(client_id))
    page = await browser.http.get(response.headers["location"])
    assert page.status_code == 200, page.text
    return page.text


class Published:
    """A client's web server: what it says and how often it was asked."""

    def __init__(self, document: object) -> None:
        self.document = document
        self.asked = 0
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Any request gets the document."""
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        body = orjson.dumps(self.document)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def publishing(document: object) -> AsyncIterator[Published]:
    """A server on this machine, which a demo may ask."""
    published = Published(document)
    server = await asyncio.start_server(published.answer, "127.0.0.1", 0)
    published.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield published

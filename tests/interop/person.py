"""Somebody with a browser, who signs in where they are asked to and agrees to what they are shown."""

from __future__ import annotations

import html
import re
import ssl
from urllib.parse import urljoin

import httpx2

from tests.idp_endpoints.people import AN
from tests.idp_endpoints.provider import FIELD, PASSWORD

ACTION = re.compile(r'<form[^>]* action="([^"]+)"')
MOST_STEPS = 16


class Person:
    """Nguyễn Văn An, or who is named. ``form``: the fields of the last form that posted itself to a client.

    ``trust``: whom the browser believes about https, if not the system's authorities.
    """

    def __init__(self, number: str = AN.number, *, trust: ssl.SSLContext | None = None) -> None:
        self.number = number
        self.http = httpx2.AsyncClient(verify=True if trust is None else trust)
        self.form: dict[str, str] = {}

    async def visit(self, url: str) -> httpx2.Response:
        """Go where the address leads, to the last page."""
        _, response = await self.walk(await self.http.get(url), None)
        return response

    async def answer(self, url: str, client: str) -> str:
        """Go where the address leads, until a client's address comes; that address with the answer in it."""
        target, response = await self.walk(await self.http.get(url), client)
        assert target is not None, response.text
        return target

    async def connect(self, page: str, code: str) -> None:
        """Type a device's code on its page, sign in where asked to, compare and agree."""
        form = dict(FIELD.findall((await self.visit(page)).text)) | {"user_code": code}
        _, asked = await self.walk(await self.http.post(page, data=form), None)
        if 'name="answer"' not in asked.text:
            form = dict(FIELD.findall(asked.text)) | {"user_code": code}
            _, asked = await self.walk(await self.http.post(page, data=form), None)
        assert code in asked.text
        await self.agree(asked, f"{page}/answer")

    async def approve(self, issuer: str, message: str) -> None:
        """Agree in the account centre to what a counter asks."""
        asked = await self.visit(f"{issuer}/account/approvals")
        assert message in html.unescape(asked.text)
        await self.agree(asked, f"{issuer}/account/approvals")

    async def agree(self, page: httpx2.Response, to: str) -> None:
        """Say yes with the fields of the page."""
        form = dict(FIELD.findall(page.text)) | {"answer": "approve"}
        _, done = await self.walk(await self.http.post(to, data=form), None)
        assert done.status_code == 200, done.text

    async def walk(self, response: httpx2.Response, until: str | None) -> tuple[str | None, httpx2.Response]:
        """Follow redirects and forms; stop before an address that begins with ``until``."""
        for _ in range(MOST_STEPS):
            here = str(response.url)
            if response.is_redirect:
                target = urljoin(here, response.headers["location"])
                if until is not None and target.startswith(until):
                    return target, response
                response = await self.http.get(target)
            elif 'name="personal_number"' in response.text:
                response = await self.http.post(urljoin(here, "/sign-in"), data=self.signing_in(response))
            elif "/consent?" in here:
                form = dict(FIELD.findall(response.text)) | {"answer": "allow"}
                response = await self.http.post(urljoin(here, "/consent"), data=form)
            elif 'name="state"' in response.text:
                action = ACTION.search(response.text)
                assert action is not None
                target = html.unescape(action[1])
                self.form = {name: html.unescape(value) for name, value in FIELD.findall(response.text)}
                if until is not None and target.startswith(until):
                    return target, response
                response = await self.http.post(target, data=self.form)
            else:
                return None, response
        raise AssertionError("redirected in a circle")

    async def leave(self, issuer: str) -> httpx2.Response:
        """Sign out on the provider's own page; the page that says so."""
        page = await self.http.get(f"{issuer}/logout")
        form = dict(FIELD.findall(page.text)) | {"act": "sign-out"}
        _, answer = await self.walk(await self.http.post(f"{issuer}/logout", data=form), None)
        assert answer.status_code == 200, answer.text
        return answer

    def signing_in(self, page: httpx2.Response) -> dict[str, str]:
        """Number and password on the sign-in page."""
        typed = {"personal_number": self.number, "password": PASSWORD, "act": "sign-in"}
        return dict(FIELD.findall(page.text)) | typed

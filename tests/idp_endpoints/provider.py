"""A provider under test, browsers in front of it, and clients beside it."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.idp_endpoints.people import CALLBACK, SECRET, Person

ISSUER = "http://localhost:8000"
PASSWORD = "mat-khau-dung"
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
VERIFIER = "v" * 43
_ADDRESSES = ip_network("198.18.0.0/15").hosts()
"""What is counted by address is counted for one browser alone."""


def challenge(verifier: str = VERIFIER) -> str:
    """RFC 7636 4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def basic(client_id: str, secret: str = SECRET) -> dict[str, str]:
    """An Authorization header."""
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def answer_of(response: httpx2.Response) -> dict[str, str]:
    """The parameters of an authorization response."""
    assert response.status_code == 303, response.text
    return {
        name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()
    }


@dataclass(slots=True)
class Provider:
    """The application and its clients' secrets."""

    app: FastAPI
    key: ECKey = field(repr=False)

    def client(self, **changes: Any) -> httpx2.AsyncClient:
        """A fresh HTTP client without cookies, at an address of its own; it follows no redirect."""
        changes.setdefault("client", (str(next(_ADDRESSES)), 50_000))
        transport = httpx2.ASGITransport(app=self.app, **changes)
        return httpx2.AsyncClient(transport=transport, base_url=ISSUER)

    def browser(self) -> Browser:
        """A fresh browser."""
        return Browser(self, self.client())

    def assertion(self, **changes: Any) -> str:
        """A client assertion of ``signer`` (RFC 7523)."""
        now = int(time.time())
        claims = {
            "iss": "signer",
            "sub": "signer",
            "aud": ISSUER,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + 60,
        } | changes
        return jwt.encode({"alg": "ES256", "kid": "signer-1"}, claims, self.key)

    async def token(self, form: dict[str, Any], **keywords: Any) -> httpx2.Response:
        """POST to the token endpoint."""
        async with self.client() as client:
            return await client.post("/token", data=form, **keywords)

    async def redeem(self, code: str, client_id: str = "portal", **changes: Any) -> httpx2.Response:
        """Redeem a code with Basic authentication."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        } | changes
        return await self.token(form, headers=basic(client_id))

    async def refresh(self, token: str, client_id: str = "portal", **changes: Any) -> httpx2.Response:
        """Refresh with Basic authentication."""
        form = {"grant_type": "refresh_token", "refresh_token": token} | changes
        return await self.token(form, headers=basic(client_id))

    async def userinfo(self, token: str) -> httpx2.Response:
        """UserInfo with the token in the header."""
        async with self.client() as client:
            return await client.get("/userinfo", headers={"Authorization": f"Bearer {token}"})


@dataclass(slots=True)
class Browser:
    """A person's browser."""

    provider: Provider
    http: httpx2.AsyncClient

    def url(self, client_id: str = "portal", **changes: Any) -> str:
        """The address of an authorization request."""
        values = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid profile",
            "state": "state-1",
            "nonce": "nonce-1",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        } | changes
        return "/authorize?" + urlencode({name: value for name, value in values.items() if value is not None})

    async def authorize(self, client_id: str = "portal", **changes: Any) -> httpx2.Response:
        """Visit the authorization endpoint."""
        return await self.http.get(self.url(client_id, **changes))

    async def sign_in(self, person: Person, at: httpx2.Response, code: str | None = None) -> httpx2.Response:
        """Type number and password on the page that ``at`` leads to; the answer after ``/continue``."""
        page = await self.http.get(at.headers["location"])
        assert page.status_code == 200, page.text
        form = dict(FIELD.findall(page.text)) | {
            "personal_number": person.number,
            "password": PASSWORD,
            "act": "sign-in",
        }
        response = await self.http.post("/sign-in", data=form)
        assert response.status_code == 303, response.text
        if response.headers["location"].startswith("/sign-in/second-factor"):
            response = await self.prove(response, code or "")
        return await self.http.get(response.headers["location"])

    async def prove(self, at: httpx2.Response, code: str) -> httpx2.Response:
        """Type a code on the second factor's page."""
        page = await self.http.get(at.headers["location"])
        form = dict(FIELD.findall(page.text)) | {"code": code}
        response = await self.http.post("/sign-in/second-factor", data=form)
        assert response.status_code == 303, response.text
        return response

    async def code(self, person: Person, client_id: str = "portal", **changes: Any) -> str:
        """Sign in (if need be) and get a code."""
        response = await self.authorize(client_id, **changes)
        if response.headers["location"].startswith("/sign-in"):
            response = await self.sign_in(person, response)
        return answer_of(response)["code"]

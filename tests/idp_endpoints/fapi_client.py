"""A FAPI 2.0 client as its profile wants it, whose every part a test may spoil."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey

from idp.domain.client import Client
from tests.idp_endpoints.people import CALLBACK, Person, portal
from tests.idp_endpoints.provider import FIELD, ISSUER, VERIFIER, Browser, Provider, challenge
from tests.keys_proof.proofs import Sender

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SPOILED = object()
"""The value of a parameter that is left out."""


def fapi_portal(client_id: str, key: ECKey, **changes: object) -> Client:
    """A client registered for the Security Profile."""
    values: dict[str, object] = {
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "secret_hash": None,
        "jwks": {"keys": [key.as_dict(private=False)]},
        "fapi2_profile": "security",
        "dpop_bound_access_tokens": True,
    }
    return portal(client_id, **(values | changes))


@dataclass
class FapiClient:
    """Pushes, sends a person, redeems, refreshes and calls, always with an assertion and a proof."""

    provider: Provider
    client_id: str
    key: ECKey = field(repr=False)
    sender: Sender = field(default_factory=Sender, repr=False)
    nonce: str | None = None

    @classmethod
    async def register(cls, provider: Provider, **changes: object) -> FapiClient:
        """A client of its own, known to the provider."""
        key = ECKey.generate_key("P-256", {"kid": "fapi-1", "use": "sig", "alg": "ES256"})
        made = cls(provider, f"fapi-{secrets.token_hex(4)}", key)
        await provider.app.state.storage.clients.save(fapi_portal(made.client_id, key, **changes))
        return made

    def assertion(self, **changes: Any) -> str:
        """RFC 7523 with the issuer as the one audience (5.3.2.1)."""
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": ISSUER,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + 60,
        } | changes
        return jwt.encode({"alg": "ES256", "kid": "fapi-1"}, claims, self.key)

    def proof(self, path: str, method: str = "POST", **changes: Any) -> str:
        """RFC 9449 for this endpoint, with the nonce that we were last given."""
        claims = {
            "htm": method,
            "htu": ISSUER + path,
            "iat": int(time.time()),
            "jti": secrets.token_urlsafe(16),
            "nonce": self.nonce,
        } | changes
        return self.sender.proof(**claims)

    async def post(self, path: str, form: dict[str, Any], *, proof: bool = True) -> httpx2.Response:
        """An authenticated POST; asked for a nonce, it takes the nonce and tries once more (RFC 9449 section 8)."""
        for _ in range(2):
            wanted = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()} | form
            body = {name: value for name, value in wanted.items() if value is not SPOILED}
            headers = {"DPoP": self.proof(path)} if proof else {}
            async with self.provider.client() as http:
                response = await http.post(path, data=body, headers=headers)
            self.nonce = response.headers.get("dpop-nonce", self.nonce)
            if "use_dpop_nonce" not in response.text:
                break
        return response

    async def push(self, **changes: Any) -> httpx2.Response:
        """RFC 9126: a pushed authorization request."""
        return await self.post("/par", self.wishes() | changes, proof=False)

    def wishes(self) -> dict[str, Any]:
        """A good authorization request."""
        return {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid profile offline_access",
            "state": "state-1",
            "nonce": "nonce-1",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        }

    async def answer(self, person: Person, browser: Browser | None = None, **changes: Any) -> dict[str, str]:
        """Push, send the person, and read the answer's parameters."""
        pushed = await self.push(**changes)
        assert pushed.status_code == 201, pushed.text
        browser = browser or self.provider.browser()
        query = urlencode({"client_id": self.client_id, "request_uri": pushed.json()["request_uri"]})
        response = await browser.http.get(f"/authorize?{query}")
        for _ in range(4):
            location = response.headers["location"]
            if location.startswith(CALLBACK):
                break
            if location.startswith("/sign-in?"):
                response = await browser.sign_in(person, response)
            elif location.startswith("/consent"):
                response = await allowed(browser, response)
            else:
                response = await browser.http.get(location)
        parts = urlsplit(response.headers["location"])
        return {name: values[0] for name, values in parse_qs(parts.query or parts.fragment).items()}

    async def redeem(self, code: str, *, proof: bool = True, **changes: Any) -> httpx2.Response:
        """Code for tokens."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return await self.post("/token", form | changes, proof=proof)

    async def refresh(self, token: str) -> httpx2.Response:
        """A fresh access token."""
        return await self.post("/token", {"grant_type": "refresh_token", "refresh_token": token})

    async def tokens(self, person: Person, **changes: Any) -> dict[str, Any]:
        """The whole flow."""
        said = await self.answer(person, **changes)
        response = await self.redeem(said["code"])
        assert response.status_code == 200, response.text
        document: dict[str, Any] = response.json()
        return document

    def holding(self, sender: Sender) -> FapiClient:
        """The same client with another key."""
        return replace(self, sender=sender)


async def allowed(browser: Browser, at: httpx2.Response) -> httpx2.Response:
    """Say yes on the consent page that ``at`` leads to."""
    page = await browser.http.get(at.headers["location"])
    form = dict(FIELD.findall(page.text)) | {"answer": "allow"}
    return await browser.http.post("/consent", data=form)

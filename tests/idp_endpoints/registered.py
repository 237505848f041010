"""A client that the conformance suite registers for itself, without PKCE, and what it then does."""

from __future__ import annotations

import secrets
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.idp_endpoints.fapi_client import ASSERTION_TYPE, allowed
from tests.idp_endpoints.people import AN, CALLBACK
from tests.idp_endpoints.provider import ISSUER, Browser, Provider
from tests.idp_endpoints.registering import call

NO_PKCE = {"code_challenge": None, "code_challenge_method": None}


class Registered:
    """A client that the suite registered for itself."""

    def __init__(self, provider: Provider, *, kid: str | None = None) -> None:
        self.provider = provider
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"} | ({"kid": kid} if kid else {}))
        self.told: dict[str, Any] = {}

    @property
    def jwks(self) -> dict[str, Any]:
        """The key as it is published."""
        kid = self.key.get("kid")
        public = self.key.as_dict(private=False)
        return {"keys": [{name: value for name, value in public.items() if name != "kid" or kid}]}

    async def post(self, **members: Any) -> httpx2.Response:
        """OIDCCCreateDynamicClientRegistrationRequest; None leaves a member out."""
        body = {
            "client_name": "suite oidcc",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "redirect_uris": [CALLBACK],
            "jwks": self.jwks,
            "token_endpoint_auth_method": "private_key_jwt",
            "contacts": ["certification@suite.example"],
        } | members
        return await call(
            self.provider,
            "POST",
            "/register",
            {name: each for name, each in body.items() if each is not None},
        )

    async def register(self, **members: Any) -> Registered:
        """201, JSON, what was said is echoed; both or neither of the management members (RFC 7591 3.2.1)."""
        response = await self.post(**members)
        assert response.status_code == 201, response.text
        assert response.headers["content-type"] == "application/json"
        self.told = response.json()
        assert ("registration_client_uri" in self.told) is ("registration_access_token" in self.told)
        assert "client_secret" not in self.told
        return self

    @property
    def client_id(self) -> str:
        """The name it was given."""
        return str(self.told["client_id"])

    def signed(self, claims: dict[str, Any]) -> str:
        """RS256, with the ``kid`` where the key has one."""
        kid = self.key.get("kid")
        head = {"alg": "RS256"} | ({"kid": kid} if kid else {})
        return jwt.encode(head, claims, self.key, algorithms=["RS256"])

    def credentials(self, audience: Any = ISSUER + "/token") -> dict[str, str]:
        """private_key_jwt."""
        now = int(time.time())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": audience, "iat": now, "exp": now + 60}
        text = self.signed(claims | {"jti": secrets.token_urlsafe(16)})
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": text}

    async def visit(self, browser: Browser, **changes: Any) -> httpx2.Response:
        """Authorize, sign in, say yes."""
        response = await browser.authorize(self.client_id, **(NO_PKCE | {"scope": "openid"} | changes))
        for _ in range(4):
            location = response.headers.get("location", "")
            if location.startswith("/sign-in"):
                response = await browser.sign_in(AN, response)
            elif location.startswith("/consent"):
                response = await allowed(browser, response)
            elif location.startswith("/"):
                response = await browser.http.get(location)
        return response

    async def code(self, **changes: Any) -> str:
        """A code."""
        response = await self.visit(self.provider.browser(), **changes)
        return dict(parse_qsl(urlsplit(response.headers["location"]).query))["code"]

    async def redeem(self, code: str, audience: Any = ISSUER + "/token") -> dict[str, Any]:
        """What the token endpoint answers."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        answer: dict[str, Any] = (await self.provider.token(form | self.credentials(audience))).json()
        return answer

    async def verified(self, text: str) -> dict[str, Any]:
        """A token of the provider's, by RS256."""
        async with self.provider.client() as client:
            keys = KeySet.import_key_set((await client.get("/jwks")).json())
        return jwt.decode(text, keys, algorithms=["RS256"]).claims

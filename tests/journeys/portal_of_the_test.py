"""A portal played by the test, with a real portal's identity and keys: it sees tokens, which no browser shows."""

import base64
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.async_api import Page

from keys import KeyPurpose, KeyRing
from tests.journeys.country import Country

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523 section 2.2


class PortalOfTheTest:
    """``name`` is ``residence``, ``insurance`` or ``national``; requests travel through the context of ``page``."""

    def __init__(self, page: Page, country: Country, name: str) -> None:
        self.page, self.country = page, country
        self.client_id, self.url = f"{name}-portal", getattr(country, name)
        self.verifier = secrets.token_urlsafe(32)
        self.ring = KeyRing.open(country.place.keys(f"{name}_portal"), mode="demo")

    def authorize(self) -> str:
        """Where the portal would send the browser."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest())
        asked = {
            "client_id": self.client_id,
            "redirect_uri": f"{self.url}/callback",
            "response_type": "code",
            "scope": "openid profile",
            "state": "s",
            "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self.country.issuer}/authorize?{urlencode(asked)}"

    async def token(self, **asked: str) -> tuple[int, dict[str, Any]]:
        """A token request with the portal's own assertion."""
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.country.issuer,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
        }
        assertion = self.ring.signer(KeyPurpose.CLIENT_ASSERTION).sign(claims)
        form = {
            **asked,
            "client_id": self.client_id,
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion,
        }
        answer = await self.page.request.post(f"{self.country.issuer}/token", form=form)
        return answer.status, await answer.json()

    async def userinfo(self, access_token: str) -> int:
        """The status of a UserInfo request."""
        answer = await self.page.request.get(
            f"{self.country.issuer}/userinfo", headers={"Authorization": f"Bearer {access_token}"}
        )
        return answer.status

    async def redeem(self, callback: str) -> tuple[int, dict[str, Any]]:
        """Redeem the code of a redirect."""
        (code,) = parse_qs(urlsplit(callback).query)["code"]
        return await self.token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=f"{self.url}/callback",
            code_verifier=self.verifier,
        )

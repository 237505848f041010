"""What is stolen or locked is worth nothing: codes in a redirect, sessions of a locked account."""

import base64
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.async_api import Browser, Page, Route

from keys import KeyPurpose, KeyRing
from tests.browser import opened
from tests.journeys.acts import Acts
from tests.journeys.country import Country

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523 section 2.2


class PortalOfTheTest:
    """The residence portal, played by the test: same client, same keys, so that it sees what the portal sees."""

    def __init__(self, page: Page, country: Country) -> None:
        self.page, self.country = page, country
        self.verifier = secrets.token_urlsafe(32)
        self.ring = KeyRing.open(country.place.keys("residence_portal"), mode="demo")

    def authorize(self) -> str:
        """Where the portal would send the browser."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest())
        asked = {
            "client_id": "residence-portal",
            "redirect_uri": f"{self.country.residence}/callback",
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
            "iss": "residence-portal",
            "sub": "residence-portal",
            "aud": self.country.issuer,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
        }
        assertion = self.ring.signer(KeyPurpose.CLIENT_ASSERTION).sign(claims)
        form = {
            **asked,
            "client_id": "residence-portal",
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


async def test_a_stolen_code(browser: Browser, page: Page, country: Country, acts: Acts) -> None:
    """A code seen in the redirect opens nothing elsewhere, and its second redemption ends all tokens (RFC 6749 4.1.2)."""
    portal = PortalOfTheTest(page, country)
    seen: list[str] = []

    async def watch(route: Route) -> None:
        seen.append(route.request.url)
        await route.fulfill(status=200, body="seen")

    await page.route(f"{country.residence}/callback?**", watch)
    await page.goto(portal.authorize())
    await acts.give_password(page, acts.who("tam"))
    await page.wait_for_url(f"{country.residence}/callback?**")

    async with opened(browser, 1280, 900) as thief:
        await thief.goto(seen[0])
        assert acts.who("tam").name not in await thief.inner_text("body")
        await thief.goto(f"{country.residence}/dossiers")
        assert thief.url.startswith(f"{country.issuer}/sign-in")

    redeem = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(seen[0]).query)["code"][0],
        "redirect_uri": f"{country.residence}/callback",
        "code_verifier": portal.verifier,
    }
    status, tokens = await portal.token(**redeem)
    assert status == 200, tokens
    assert await portal.userinfo(tokens["access_token"]) == 200
    assert await portal.token(**redeem) == (
        400,
        {"error": "invalid_grant"} | (await portal.token(**redeem))[1],
    )
    assert await portal.userinfo(tokens["access_token"]) == 401
    status, answer = await portal.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert (status, answer["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("key", ["anh"])
async def test_a_lock_ends_everything_at_the_next_click(
    page: Page, country: Country, acts: Acts, key: str
) -> None:
    """An administrator locks the account in the middle of filing: the next click asks to sign in, and that fails."""
    anh = acts.who(key)
    await acts.sign_in(page, country.residence, key)
    await acts.start_filing(page, country.residence, "/temporary-residence", key)
    await page.goto(f"{country.national}/sign-in?next=/")
    await page.wait_for_url(f"{country.national}/")
    await country.run("idp", "lock", anh.number, "--reason", "own_request")
    try:
        for address in (f"{country.residence}/dossiers", f"{country.national}/dossiers"):
            await acts.until_sign_in_is_asked(page, address)
        await page.goto(f"{country.issuer}/account")
        assert "/sign-in" in page.url
        await acts.give_password(page, anh)
        assert "không đúng" in await page.inner_text("main")
    finally:
        await country.run("idp", "unlock", anh.number, "--reason", "own_request")

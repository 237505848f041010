"""A real browser and a real second site: what a posted request is worth where cookies are ``SameSite=Lax``."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Page, Request, Route

from tests.browser import browser, page
from tests.idp_endpoints.people import AN
from tests.idp_endpoints.provider import PASSWORD, challenge

__all__ = ["browser", "page"]
pytestmark = pytest.mark.engine
PORTAL = "http://portal.example/start"
ASKED = {
    "response_type": "code",
    "client_id": "portal",
    "redirect_uri": "https://portal.example/callback",
    "scope": "openid profile",
    "state": "s",
    "code_challenge": challenge(),
    "code_challenge_method": "S256",
}


def is_callback(request: Request) -> bool:
    """Whether the browser goes back to the portal, where nothing answers: what it asks for is all there is to see."""
    return request.url.startswith("https://portal.example/callback")


async def posted(page: Page, address: str, values: dict[str, str]) -> dict[str, list[str]]:
    """What comes back to the portal when a page of it posts these values to the provider."""
    fields = "".join(
        f'<input name="{escape(name)}" value="{escape(value)}">' for name, value in values.items()
    )
    form = (
        f'<form method="post" action="{address}">{fields}</form><script>document.forms[0].submit()</script>'
    )

    async def served(route: Route) -> None:
        body = form if route.request.url == PORTAL else "back"
        await route.fulfill(body=f"<!doctype html><title>x</title>{body}", content_type="text/html")

    await page.route(lambda url: urlsplit(url).hostname == "portal.example", served)
    async with page.expect_request(is_callback) as back:
        await page.goto(PORTAL)
    return parse_qs(urlsplit((await back.value).url).query)


async def test_a_posted_request_finds_the_person_signed_in(page: Page, issuer: str) -> None:
    """OIDC Core 3.1.2.1: GET and POST alike; prompt=none by POST answers with a code, not login_required."""
    await page.goto(f"{issuer}/authorize?" + "&".join(f"{k}={v}" for k, v in ASKED.items()))
    await page.fill('input[name="personal_number"]', AN.number)
    await page.fill('input[name="password"]', PASSWORD)
    async with page.expect_request(is_callback):
        await page.click('button[value="sign-in"]')
    another = await page.context.new_page()
    answer = await posted(another, f"{issuer}/authorize", ASKED | {"prompt": "none"})
    assert "code" in answer, answer
    assert answer["iss"] == [issuer]

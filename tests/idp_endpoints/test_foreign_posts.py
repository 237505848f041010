"""Requests that another site posts: the browser brings no ``SameSite=Lax`` cookie, yet the person is signed in."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from tests.idp_endpoints.people import AN, SIGNED_OUT
from tests.idp_endpoints.provider import ISSUER, Browser, Provider, answer_of

pytestmark = pytest.mark.engine
PORTAL = {"Origin": "https://portal.example"}


async def posted(provider: Provider, path: str, data: Any, **headers: str) -> httpx2.Response:
    """A form of another site, sent as a browser sends it: without our cookies."""
    async with provider.client() as client:
        return await client.post(path, data=data, headers=PORTAL | headers)


def asked(browser: Browser, **changes: Any) -> dict[str, str]:
    """The parameters of an authorization request."""
    return dict(parse_qsl(urlsplit(browser.url(**changes)).query))


@pytest.mark.parametrize("origin", ["https://portal.example", "null"])
async def test_a_posted_request_meets_the_session(provider: Provider, origin: str) -> None:
    """OIDC Core 3.1.2.1: "MUST support the use of the HTTP GET and POST methods": single sign-on works by both."""
    browser = provider.browser()
    await browser.code(AN)
    form = asked(browser, prompt="none", state="ă &=%\r\nSet-Cookie: x")
    sent_on = await posted(provider, "/authorize", form, Origin=origin)
    assert sent_on.status_code == 303
    assert sent_on.headers["location"].startswith("/authorize?")
    answer = answer_of(await browser.http.get(sent_on.headers["location"]))
    assert "code" in answer
    assert answer["state"] == "ă &=%\r\nSet-Cookie: x"


async def test_what_was_repeated_stays_repeated(provider: Provider) -> None:
    """RFC 6749 3.1: the way by GET makes no bad request good."""
    form = asked(provider.browser()) | {"prompt": ["none", "login"]}
    sent_on = await posted(provider, "/authorize", form)
    refused = await provider.browser().http.get(sent_on.headers["location"])
    assert answer_of(refused)["error"] == "invalid_request"


async def test_a_request_too_long_for_an_address_is_judged_as_it_came(provider: Provider) -> None:
    """RFC 9110 4.1: no address beyond 8,000 octets is asked of anybody; without a session the person signs in."""
    form = asked(provider.browser()) | {"unknown": "x" * 8_000}
    assert (await posted(provider, "/authorize", form)).headers["location"].startswith("/sign-in")


async def test_our_own_forms_and_programs_are_judged_at_once(provider: Provider) -> None:
    """Only a page of another origin is sent on."""
    form = asked(provider.browser())
    own = await posted(provider, "/authorize", form, Origin=ISSUER)
    assert own.headers["location"].startswith("/sign-in")
    async with provider.client() as client:
        plain = await client.post("/authorize", data=form)
    assert plain.headers["location"].startswith("/sign-in")


async def test_a_posted_sign_out_ends_the_session(provider: Provider) -> None:
    """RP-Initiated Logout 2: GET and POST; a post that only forgot the cookie left every token alive."""
    browser = provider.browser()
    tokens = (await provider.redeem(await browser.code(AN))).json()
    form = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": SIGNED_OUT, "state": "s"}
    sent_on = await posted(provider, "/logout", form)
    assert sent_on.status_code == 303
    assert sent_on.headers["location"].startswith("/logout?")
    assert "set-cookie" not in sent_on.headers
    ended = await browser.http.get(sent_on.headers["location"])
    assert ended.headers["location"] == f"{SIGNED_OUT}?state=s"
    assert (await provider.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert answer_of(await browser.authorize(prompt="none"))["error"] == "login_required"

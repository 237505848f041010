"""A portal of one page in a real Chromium, signed in by npm oidc-client-ts: a public client, everything by CORS."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.async_api import Browser, Page
from starlette.applications import Starlette
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Route

from tests.browser import opened, serving
from tests.browser import whole_browser as browser
from tests.idp_endpoints.people import AN, portal
from tests.idp_endpoints.provider import PASSWORD
from tests.interop import node
from tests.interop.conftest import Running
from tests.interop.secure import Secure
from tests.ports import free_port

__all__ = ["browser"]
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("node_modules")]
OURS = node.HERE / "single_page"
LIBRARY = node.MODULES / "oidc-client-ts" / "dist" / "browser" / "oidc-client-ts.min.js"
PAGES = ("/", "/callback", "/bye", "/front-channel")


def single_page(settings: dict[str, Any]) -> Starlette:
    """The portal's own web server: four addresses of one page, the library from its package, the settings."""
    files = dict.fromkeys(PAGES, OURS / "index.html")
    files |= {"/portal.js": OURS / "portal.js", "/oidc-client-ts.js": LIBRARY}

    def sent(path: str) -> Callable[[Any], FileResponse]:
        return lambda _: FileResponse(files[path])

    routes = [Route(path, sent(path)) for path in files]
    return Starlette(routes=[*routes, Route("/settings.json", lambda _: JSONResponse(settings))])


@contextlib.asynccontextmanager
async def portal_page(
    running: Running, browser: Browser, *, settings: dict[str, Any] | None = None, **changes: Any
) -> AsyncIterator[Page]:
    """A browser at the portal's page, nobody signed in; ``changes`` are the registration's.

    The browser takes any certificate: whom a person believes is no matter of these tests.
    """
    port = free_port()
    here = f"http://localhost:{port}"
    client = portal(
        f"page-{port}",
        token_endpoint_auth_method="none",
        secret_hash=None,
        redirect_uris=(f"{here}/callback",),
        post_logout_redirect_uris=(f"{here}/bye",),
        frontchannel_logout_uri=f"{here}/front-channel",
        frontchannel_logout_session_required=True,
        **changes,
    )
    await running.register(client)
    values = {"authority": running.issuer, "client_id": client.client_id, "scope": "openid profile"}
    async with (
        serving(single_page(values | (settings or {})), port=port) as url,
        opened(browser, 1280, 900, ignore_https_errors=True) as page,
    ):
        await page.goto(f"{url}/")
        yield page


async def sign_in(page: Page) -> tuple[dict[str, Any], dict[str, str]]:
    """To the provider and back; the user as the library holds them, and what it asked for."""
    async with page.expect_request("**/authorize?*") as asked:
        await page.evaluate("void portal.signIn()")
    await page.fill('input[name="personal_number"]', AN.number)
    await page.fill('input[name="password"]', PASSWORD)
    await page.click('button[value="sign-in"]')
    await page.wait_for_url("**/callback?*")
    return await page.evaluate("portal.user()"), dict(parse_qsl(urlsplit((await asked.value).url).query))


async def signed_out_in_another_tab(page: Page, issuer: str) -> None:
    """The person signs out at the provider, in another tab of the same browser."""
    tab = await page.context.new_page()
    await tab.goto(f"{issuer}/logout")
    await tab.click("main form button")
    await tab.wait_for_selector("main form", state="detached")
    await tab.wait_for_load_state("networkidle")
    await tab.close()


async def test_a_page_signs_in_renews_and_goes(running: Running, browser: Browser) -> None:
    """Code with PKCE, UserInfo, renewal by refresh token, revocation, RP-initiated logout that brings state back."""
    async with portal_page(running, browser) as page:
        user, _ = await sign_in(page)
        assert user["profile"]["name"] == AN.profile["name"]
        renewed = await page.evaluate("portal.renewed()")
        assert renewed["access_token"] != user["access_token"]
        assert renewed["profile"]["sub"] == user["profile"]["sub"]
        assert (await page.evaluate("portal.userinfo()"))["status"] == 200
        await page.evaluate("portal.revoke()")
        assert not (await page.evaluate("portal.user()"))["refresh_token"]
        revoked = await page.evaluate("portal.userinfo()")
        assert (revoked["status"], revoked["claims"]["error"]) == (401, "invalid_token")
        assert 'error="invalid_token"' in revoked["challenge"]
        await page.evaluate("void portal.signOut()")
        await page.wait_for_url("**/bye?*")
        await page.evaluate("opening")
        assert await page.evaluate("portal.heard()") == ["from the portal"]
        assert await page.evaluate("portal.user()") is None


async def test_a_page_without_refresh_tokens_renews_in_a_hidden_frame(
    running: Running, browser: Browser
) -> None:
    """OIDC Core 3.1.2.1, prompt=none in a frame of the portal's page: the session answers, nobody is asked."""
    async with portal_page(running, browser, grant_types=frozenset({"authorization_code"})) as page:
        user, _ = await sign_in(page)
        assert not user.get("refresh_token")
        renewed = await page.evaluate("portal.renewed()")
        assert renewed["access_token"] != user["access_token"]
        assert renewed["profile"]["sub"] == user["profile"]["sub"]


async def test_a_page_whose_tokens_are_its_browsers(
    running: Running, secure: Secure, browser: Browser
) -> None:
    """RFC 9449 with a key that cannot leave the browser: dpop_jkt, nonces (8 and 9), token, UserInfo, refresh."""
    settings = {"authority": secure.issuer, "dpop": True}
    settings["loadUserInfo"] = False  # the library's own loader sends bearer tokens only
    bound = {"dpop_bound_access_tokens": True, "id_token_signed_response_alg": "RS256"}
    async with portal_page(running, browser, settings=settings, **bound) as page:
        user, asked = await sign_in(page)
        assert len(asked["dpop_jkt"]) == 43
        assert user["token_type"] == "DPoP"
        assert (await page.evaluate("portal.userinfo()"))["claims"]["name"] == AN.profile["name"]
        renewed = await page.evaluate("portal.renewed()")
        assert renewed["token_type"] == "DPoP"
        assert (await page.evaluate("portal.userinfo()"))["status"] == 200
        assert "nonce" in await page.evaluate("portal.heard()")
        assert (await page.evaluate("portal.userinfo('Bearer')"))["status"] == 401


async def test_a_page_notices_a_sign_out_elsewhere(running: Running, browser: Browser) -> None:
    """Session Management 1.0: the provider's page in a hidden frame says so, and prompt=none that it is over."""
    async with portal_page(running, browser, settings={"monitorSession": True}) as page:
        await sign_in(page)
        await page.wait_for_function("() => portal.heard().includes('unchanged')")
        assert await page.evaluate("new Set(portal.heard()).size") == 1, "nothing has happened yet"
        await signed_out_in_another_tab(page, running.issuer)
        await page.wait_for_function("() => portal.heard().includes('signed out')")


async def test_a_page_of_another_site_is_not_signed_out_by_a_browser_that_hides_cookies(
    running: Running, secure: Secure, browser: Browser
) -> None:
    """Section 3.2: a frame that sees no cookie at all answers "error", not "changed": nobody is asked or signed out.

    A page over http and a provider over https are two sites, and this browser blocks third-party cookies.
    """
    settings = {"authority": secure.issuer, "monitorSession": True}
    async with portal_page(running, browser, settings=settings) as page:
        await sign_in(page)
        await page.wait_for_function("() => portal.heard().includes('error')")
        assert await page.evaluate("portal.heard()") == ["error"]
        assert await page.evaluate("portal.user()") is not None


async def test_a_page_is_told_of_a_sign_out_elsewhere(running: Running, browser: Browser) -> None:
    """Front-Channel Logout 1.0: the provider's last page loads the portal's, with iss and sid."""
    async with portal_page(running, browser) as page:
        await sign_in(page)
        await signed_out_in_another_tab(page, running.issuer)
        assert await page.evaluate("portal.user()") is None

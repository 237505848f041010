"""A device's code and a counter's question in a real browser: axe, keyboard, 320 px, no scripts, both languages."""

import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2 as httpx
import pytest
from playwright.async_api import Browser, Page

from idp.domain.client import Client, PartyKind
from idp.protocol.decoupled_grant import CIBA, DEVICE_CODE
from idp.settings import Settings
from tests.browser import opened, serving
from tests.idp_pages.conftest import pages_database, provider_keys, provider_settings, running_provider
from tests.journeys.test_sign_in_pages import LOOKS, WIDTHS, Keep, judged, sign_in
from tests.ports import free_port
from web import Language

__all__ = ["pages_database", "provider_keys", "provider_settings"]
pytestmark = pytest.mark.journey
HTML = "text/html"
SECRET = "counter"
BASIC = {"Authorization": "Basic " + base64.b64encode(b"desk:counter").decode()}
LAN, PASSWORD = "099194000101", "Demo-lan-2026!"


@pytest.fixture
async def served(provider_settings: Settings) -> AsyncIterator[str]:
    """The provider on a real port, with a television and a counter."""
    port = free_port()
    changed: dict[str, Any] = {"public_url": f"http://localhost:{port}"}
    async with running_provider(replace(provider_settings, **changed)) as provider:
        clients = provider.app.state.storage.clients
        common: dict[str, Any] = {
            "redirect_uris": (),
            "scopes": frozenset({"openid", "profile", "pid", "address"}),
            "secret_hash": hashlib.sha256(SECRET.encode()).digest(),
        }
        television = Client(
            *("tv", "Truyền hình Sao Mai", "Morning Star TV", PartyKind.PRIVATE),
            **common,
            grant_types=frozenset({DEVICE_CODE}),
            token_endpoint_auth_method="none",
        )
        counter = Client(
            *("desk", "Bệnh viện Bạch Mai, quầy tiếp đón", "Bạch Mai Hospital, reception", PartyKind.STATE),
            **common,
            grant_types=frozenset({CIBA}),
            backchannel_token_delivery_mode="poll",
            token_endpoint_auth_method="client_secret_basic",
            require_consent=False,
        )
        for each in (television, counter):
            await clients.save(each)
        async with serving(Keep(provider), port=port) as base:
            yield base


async def code_of(base: str) -> dict[str, Any]:
    """The television asks."""
    agent = {"User-Agent": "SaoMaiTV/4.1 (Linux; smart-tv)"}
    async with httpx.AsyncClient(base_url=base, headers=agent) as machine:
        form = {"client_id": "tv", "scope": "openid profile pid address"}
        return dict((await machine.post("/device_authorization", data=form)).json())


async def state_of(base: str, codes: dict[str, Any]) -> int:
    """What the television gets when it polls."""
    async with httpx.AsyncClient(base_url=base) as machine:
        form = {"grant_type": DEVICE_CODE, "device_code": codes["device_code"], "client_id": "tv"}
        return (await machine.post("/token", data=form)).status_code


async def call(base: str, message: str) -> None:
    """The counter asks."""
    async with httpx.AsyncClient(base_url=base, headers=BASIC) as machine:
        form = {
            "scope": "openid profile pid", "login_hint": LAN, "binding_message": message,
            "acr_values": "urn:example:vn:acr:l2-a1",
        }  # a table, read by rows  # fmt: skip
        assert (await machine.post("/bc-authorize", data=form)).status_code == 200


@pytest.mark.parametrize(("language", "width"), LOOKS)
async def test_every_page(browser: Browser, served: str, language: Language, width: str) -> None:
    """Field, mistakes, sign-in on the way, comparison, each end; waiting requests and their ends: WCAG 2.2 AA."""
    tag = f"decoupled-{language}-{width}"
    async with opened(browser, *WIDTHS[width]) as page:
        await page.goto(f"{served}/device?lang={language}")
        await judged(page, f"{tag}-01-field")
        await page.fill("#user_code", "12345678")
        await page.click("main button[type=submit]")
        await judged(page, f"{tag}-02-malformed")
        codes = await code_of(served)
        await page.goto(codes["verification_uri_complete"])
        await judged(page, f"{tag}-03-filled")
        await page.click("main button[type=submit]")
        await sign_in(page, LAN, PASSWORD)
        await page.wait_for_url("**/device?user_code=*")
        await page.click("main button[type=submit]")
        await page.wait_for_selector(".big-code")
        assert codes["user_code"] in await page.inner_text("main")
        await judged(page, f"{tag}-04-review")
        await page.click("button[value=approve]")
        await page.wait_for_url("**/device/done?*")
        await judged(page, f"{tag}-05-connected")
        assert await state_of(served, codes) == 200
        await page.goto(f"{served}/device")
        await page.fill("#user_code", codes["user_code"])
        await page.click("main button[type=submit]")
        await judged(page, f"{tag}-06-unknown")
        await page.goto(f"{served}/device/done?answer=not_me")
        await judged(page, f"{tag}-07-reported")
        await page.goto(f"{served}/account/approvals")
        await judged(page, f"{tag}-08-nothing")
        await call(served, "Quầy 3, mã 4821")
        await call(served, "Khám tổng quát: mã Đ-77 (bác sĩ Hòa)")
        await page.reload()
        await judged(page, f"{tag}-09-waiting")
        await page.locator("button[value=approve]").first.click()
        await page.wait_for_url("**done=approve")
        await judged(page, f"{tag}-10-allowed")
        await page.locator("button[value=not_me]").first.click()
        await page.wait_for_url("**done=not_me")
        await judged(page, f"{tag}-11-fraud")
        await page.goto(f"{served}/account/history")
        await judged(page, f"{tag}-12-history")


async def test_keyboard_only(page: Page, served: str) -> None:
    """From the code to the answer without a pointer; the first button is the yes, the next the no."""
    codes = await code_of(served)
    await page.goto(f"{served}/sign-in")
    await sign_in(page, LAN, PASSWORD)
    await page.wait_for_url("**/account")
    await page.goto(f"{served}/device")
    await reach(page, "user_code")
    await page.keyboard.type(codes["user_code"].lower())
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".big-code")
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.value") == "deny":
            break
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/device/done?answer=deny")
    assert await state_of(served, codes) == 400


async def reach(page: Page, name: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == name:
            return
    raise AssertionError(name)


async def test_without_javascript(browser: Browser, served: str) -> None:
    """A device is connected and a counter answered with scripts switched off, on a telephone."""
    codes = await code_of(served)
    async with opened(browser, 320, 640, java_script_enabled=False) as page:
        await page.goto(codes["verification_uri_complete"])
        await page.click("main button[type=submit]")
        await sign_in(page, LAN, PASSWORD)
        await page.click("main button[type=submit]")
        await page.click("button[value=approve]")
        await page.wait_for_url("**/device/done?answer=approve")
        assert await state_of(served, codes) == 200
        await call(served, "Quầy 3")
        await page.goto(f"{served}/account/approvals")
        await page.click("button[value=approve]")
        await page.wait_for_url("**done=approve")


@pytest.mark.attack
async def test_a_page_of_another_site_answers_nothing(browser: Browser, served: str) -> None:
    """Attack 43: a form of a foreign page that posts a yes is refused, however the person got there."""
    codes = await code_of(served)
    async with opened(browser, 1280, 900) as page:
        await page.goto(f"{served}/sign-in")
        await sign_in(page, LAN, PASSWORD)
        await page.wait_for_url("**/account")
        name = codes["device_code"].partition(".")[0]
        foreign = (
            f'<form method="post" action="{served}/device/answer"><input name="request" value="{name}">'
            f'<input name="user_code" value="{codes["user_code"]}"><input name="answer" value="approve">'
            "<button>x</button></form>"
        )
        await page.route(
            "http://elsewhere.test/", lambda route: route.fulfill(body=foreign, content_type="text/html")
        )
        await page.goto("http://elsewhere.test/")
        await page.click("button")
        await page.wait_for_url("**/device/answer")
        assert await state_of(served, codes) == 400

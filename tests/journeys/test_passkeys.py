"""Passkeys in a real browser with a virtual authenticator: made, used, demanded, removed, in nobody's way."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson
import pytest
from joserfc.util import urlsafe_b64decode
from playwright.async_api import Browser, Page

from idp.authentication import totp
from idp.domain.client import Client, PartyKind
from idp.settings import Settings
from idp.storage import Storage
from tests.browser import assert_accessible, opened, screenshot
from tests.idp_pages.conftest import (  # the provider's fixtures, shared
    SCOPES,
    TOTP,
    pages_database,
    provider_keys,
    provider_settings,
)
from tests.idp_pages.in_a_browser import LAN, Served, provider_at, sign_in
from tests.ports import free_port

__all__ = ["pages_database", "provider_keys", "provider_settings"]
pytestmark = pytest.mark.journey
BANK = "https://bank.example/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
ASK = {
    "client_id": "bank", "redirect_uri": BANK, "response_type": "code", "state": "xyz", "nonce": "n",
    "scope": "openid", "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
    "claims": orjson.dumps({"id_token": {"acr": {"essential": True, "values": ["phr"]}}}).decode(),
}  # a table, read by rows  # fmt: skip


@dataclass
class Country:
    """The provider, and what is read behind its back."""

    served: Served
    storage: Storage

    @property
    def issuer(self) -> str:
        """Where it is."""
        return self.served.issuer

    @property
    def authorize(self) -> str:
        """The bank sends a person here: it demands phr."""
        return f"{self.issuer}/authorize?{urlencode(ASK)}"


@pytest.fixture
async def country(provider_settings: Settings) -> AsyncIterator[Country]:
    """The provider on a port, with a bank that demands phishing-resistant sign-in."""
    async with provider_at(provider_settings, free_port()) as served:
        await served.register(
            Client(
                *("bank", "Ngân hàng mẫu", "Sample bank", PartyKind.STATE, (BANK,)),
                scopes=frozenset(SCOPES),
                token_endpoint_auth_method="none",
            )
        )
        storage = served.app.state.storage
        async with storage.engine.begin() as connection:
            await connection.exec_driver_sql("DELETE FROM passkey")
        for account in ("acc-lan", "acc-hoa"):
            await storage.accounts.move_epoch(account)
        yield Country(served, storage)


async def plugged(page: Page, **options: object) -> str:
    """A virtual authenticator in this page's browser; its id."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    made = await session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
                **options,
            }
        },
    )  # a table, read by rows  # fmt: skip
    return str(made["authenticatorId"])


def code() -> str:
    """What Lan's app shows; every test has a memory of spent codes of its own."""
    return totp.code_at(TOTP, int(time.time()))


async def two_factors(page: Page) -> None:
    """Password and app code on the pages before us."""
    await sign_in(page, LAN)
    await page.wait_for_url("**/sign-in/second-factor*")
    await page.fill("#code", code())
    await page.click("button[value=code]")


async def add(page: Page, country: Country, name: str = "Điện thoại của Lan") -> None:
    """From the account centre to a new passkey."""
    await page.goto(f"{country.issuer}/account/passkeys/add")
    if "/sign-in" in page.url:
        await two_factors(page)
        await page.wait_for_url("**/account/passkeys/add")
    await page.fill("#name", name)
    await page.click("form[data-passkey] button")
    await page.wait_for_url("**/account/passkeys?done=added")


async def claims_of(page: Page, country: Country, answer: dict[str, str]) -> dict[str, object]:
    """The ID token that the code gives, read without its signature."""
    reply = await page.request.post(
        f"{country.issuer}/token",
        form={
            "grant_type": "authorization_code", "code": answer["code"], "redirect_uri": BANK,
            "client_id": "bank", "code_verifier": VERIFIER,
        },
    )  # a table, read by rows  # fmt: skip
    told = await reply.json()
    assert reply.ok, told
    return orjson.loads(urlsafe_b64decode(told["id_token"].split(".")[1].encode()))


async def test_a_passkey_from_first_to_last(page: Page, country: Country) -> None:
    """Made after two factors, used alone to sign in, named anew, and removed; each with its page."""
    await plugged(page)
    await page.goto(f"{country.issuer}/account/passkeys")
    assert await page.locator("h1").inner_text() == "Đăng nhập"
    await sign_in(page, LAN)
    await page.wait_for_url("**/account/passkeys")
    await assert_accessible(page)
    await screenshot(page, "passkeys/list-empty")
    await page.click("main a.button")
    await two_factors(page)
    await page.wait_for_url("**/account/passkeys/add")
    await assert_accessible(page)
    await screenshot(page, "passkeys/add")
    await add(page, country)
    assert "Điện thoại của Lan" in await page.inner_text("main")
    await assert_accessible(page)
    await screenshot(page, "passkeys/list")
    await page.context.clear_cookies()

    await page.goto(f"{country.issuer}/sign-in")
    await assert_accessible(page)
    await screenshot(page, "passkeys/sign-in")
    await page.click("form[data-passkey] button")
    await page.wait_for_url("**/account")
    assert "Hai yếu tố" in await page.inner_text("main")

    await page.goto(f"{country.issuer}/account/passkeys")
    await page.click("details summary")
    await page.fill("#name-1", "Máy mới")
    await page.click("form[action$='/rename'] button")
    await page.wait_for_url("**/account/passkeys?done=renamed")
    assert "Máy mới" in await page.inner_text("main")
    await page.click("a[href*='/remove?id=']")
    assert "cuối cùng" in await page.inner_text("main")
    await assert_accessible(page)
    await screenshot(page, "passkeys/remove")
    await page.click("form[action$='/remove'] button")
    await page.wait_for_url("**/account/passkeys?done=removed")
    await page.goto(f"{country.issuer}/account/history")
    history = await page.inner_text("main")
    assert "Thêm khóa truy cập" in history
    assert "Xóa khóa truy cập" in history


async def test_a_client_that_demands_phr_gets_it(page: Page, country: Country) -> None:
    """Signed in with the password, stepped up with the passkey, and told so: acr phr, amr of RFC 8176 and EAP."""
    await plugged(page, hasResidentKey=True)
    await add(page, country)
    await page.context.clear_cookies()
    await page.goto(country.authorize)
    await sign_in(page, LAN)
    await page.wait_for_url("**/sign-in/second-factor*")
    assert await page.locator("#code").count() == 0, "a code cannot stand in for a passkey here"
    await assert_accessible(page)
    await screenshot(page, "passkeys/demanded")
    async with page.expect_request(lambda each: each.url.startswith(BANK)) as sent:
        await page.click("form[data-passkey] button")
    answer = {key: value[0] for key, value in parse_qs(urlsplit((await sent.value).url).query).items()}
    claims = await claims_of(page, country, answer)
    assert claims["acr"] == "phr"
    assert claims["amr"] == ["pwd", "pop", "user", "mfa"]


async def test_who_has_none_reads_why_and_the_client_hears_it(page: Page, country: Country) -> None:
    """No passkey: the page explains, leads to the account centre, and the client gets the specified error."""
    await page.goto(country.authorize)
    await sign_in(page, LAN)
    await page.wait_for_url("**/sign-in/level*")
    assert "khóa truy cập" in await page.inner_text("main")
    await assert_accessible(page)
    await screenshot(page, "passkeys/none")
    async with page.expect_request(lambda each: each.url.startswith(BANK)) as sent:
        await page.click("button[value=back]")
    answer = parse_qs(urlsplit((await sent.value).url).query)
    assert answer["error"] == ["unmet_authentication_requirements"]
    assert answer["state"] == ["xyz"]


async def test_a_device_that_verifies_nobody_signs_nobody_in(page: Page, country: Country) -> None:
    """User verification is required: a device that cannot do it stops, and the page says so and lets one go on."""
    await plugged(page, isUserVerified=False)
    await page.goto(f"{country.issuer}/sign-in")
    problem = page.locator("form[data-passkey] [data-problem]")
    assert await problem.is_hidden()
    await page.click("form[data-passkey] button")
    await problem.wait_for(state="visible")
    await assert_accessible(page)
    await sign_in(page, LAN)
    await page.wait_for_url("**/account")


async def test_english_and_a_small_screen(browser: Browser, country: Country) -> None:
    """320 px, English: the same pages, nothing sideways."""
    async with opened(browser, 320, 640, locale="en-GB", has_touch=True) as page:
        await plugged(page)
        await page.goto(f"{country.issuer}/sign-in")
        await assert_accessible(page)
        await screenshot(page, "passkeys/phone-sign-in")
        await add(page, country, "My phone")
        await assert_accessible(page)
        await screenshot(page, "passkeys/phone-list")
        await page.context.clear_cookies()
        await page.goto(country.authorize)
        await sign_in(page, LAN)
        await page.wait_for_url("**/sign-in/second-factor*")
        await assert_accessible(page)
        await screenshot(page, "passkeys/phone-demanded")


async def test_without_scripts_nothing_of_it_is_in_the_way(browser: Browser, country: Country) -> None:
    """Whoever has no script sees no form that cannot work, and signs in as always."""
    async with opened(browser, 1280, 900, java_script_enabled=False) as page:
        await page.goto(f"{country.issuer}/sign-in")
        assert await page.locator("form[data-passkey]").is_hidden()
        await sign_in(page, LAN)
        await page.wait_for_url("**/account")
        await page.goto(f"{country.issuer}/account/passkeys/add")
        await two_factors(page)
        await page.wait_for_url("**/account/passkeys/add")
        assert "JavaScript" in await page.inner_text("main")

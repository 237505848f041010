"""The account centre in Chromium: somebody secures their account and then locks it; every page judged."""

from __future__ import annotations

import base64
import re
import time
from dataclasses import replace

import httpx2
import pytest
from playwright.async_api import Page

from idp.authentication import totp
from idp.registry import HttpRegistry
from idp.settings import Settings
from tests.browser import assert_accessible, screenshot
from tests.idp_pages.conftest import (  # the provider's fixtures, shared
    REGISTRY,
    TOTP,
    pages_database,
    provider_keys,
    provider_settings,
)
from tests.idp_pages.in_a_browser import LAN, Served, provider_at, sign_in
from tests.idp_pages.test_own_records import Answers

__all__ = ["pages_database", "provider_keys", "provider_settings"]
pytestmark = pytest.mark.journey


@pytest.fixture
def registry() -> Answers:
    """What the registry says."""
    return Answers()


def with_registry(served: Served, answers: Answers) -> None:
    """Put that registry behind the provider."""
    services = served.app.state.services
    adapter = HttpRegistry(REGISTRY, served.issuer, services.ring, transport=httpx2.MockTransport(answers))
    served.app.state.services = replace(services, registry=adapter)


async def look(page: Page, name: str, *, width: str) -> None:
    """Judge a page and keep its picture."""
    await assert_accessible(page, schemes=("light",))
    await screenshot(page, f"account-{name}-{width}")


async def enter(page: Page, issuer: str) -> None:
    """Sign in with two factors."""
    await page.goto(f"{issuer}/account/security/password")
    await sign_in(page, LAN)
    code = totp.code_at(TOTP, int(time.time()))
    await page.fill("input[name=code]", code)
    await page.click("button[value=code] >> nth=0")
    await page.wait_for_url("**/account/security/password")


SHOWN = (
    *("/account", "/account/security", "/account/security/password", "/account/security/recovery-codes"),
    *(
        "/account/security/lock",
        "/account/services",
        "/account/history",
        "/account/dependants",
        "/account/data",
    ),
    "/account/history/report?source=registry&reference=00000000-0000-4000-8000-000000000000",
)
OUTSIDE = (
    "/open-account",
    "/open-account/sent",
    "/recover",
    "/recover/sent",
    "/locked",
    "/activate/done",
    "/check-card",
)


async def test_somebody_secures_their_account_and_locks_it(
    phone_page: Page, provider_settings: Settings, unused_tcp_port: int, registry: Answers
) -> None:
    """Every page on the narrowest phone; an app, ten codes, a child; a report of misuse leads to the lock."""
    page = phone_page
    async with provider_at(provider_settings, unused_tcp_port) as served:
        with_registry(served, registry)
        registry.kin["099315000001"] = "child"
        await enter(page, served.issuer)
        for place in SHOWN:
            await page.goto(served.issuer + place)
            await look(page, place.partition("?")[0].strip("/").replace("/", "-"), width="phone")
        await page.goto(f"{served.issuer}/account/security")
        await page.click("form[action$='/app/begin'] button")
        await page.click("summary")
        letters = (await page.inner_text(".letters")).replace(" ", "")
        await look(page, "app", width="phone")
        await page.fill("input[name=code]", totp.code_at(base64.b32decode(letters), int(time.time())))
        await page.click("form[action$='/app'] button[type=submit]")
        await page.wait_for_url("**/account/security?done=app")
        await page.goto(f"{served.issuer}/account/security/recovery-codes")
        await page.click("main form button")
        assert len(re.findall(r"[a-z2-7]{5}-[a-z2-7]{5}", await page.inner_text(".codes"))) == 10
        await look(page, "codes", width="phone")
        await page.goto(f"{served.issuer}/account/dependants")
        for name, value in (("number", "099315000001"), ("name", "Nguyễn Bé An")):
            await page.fill(f"input[name={name}]", value)
        for part, value in (("day", "22"), ("month", "11"), ("year", "2015")):
            await page.fill(f"input[name=born_{part}]", value)
        await page.click("form[action$='/dependants'] button")
        await page.wait_for_url("**/account/dependants?done=added")
        await look(page, "dependant", width="phone")
        await page.goto(served.issuer + SHOWN[-1])
        await page.fill("#said", "Tôi không nộp hồ sơ này")
        await page.click("main form button")
        await page.wait_for_url("**/account/history?done=reported")
        await look(page, "history-reported", width="phone")
        await page.click("main a[href='/account/security/lock']")
        await page.click("main form button")
        await page.wait_for_url("**/locked")
        await page.goto(f"{served.issuer}/account")
        assert "/sign-in" in page.url


async def test_every_page_on_a_desk(
    page: Page, provider_settings: Settings, unused_tcp_port: int, registry: Answers
) -> None:
    """The same pages wide, and those of people without a session, in English too."""
    async with provider_at(provider_settings, unused_tcp_port) as served:
        with_registry(served, registry)
        for place in OUTSIDE:
            await page.goto(served.issuer + place)
            await look(page, place.strip("/").replace("/", "-"), width="desk")
        await enter(page, served.issuer)
        for place in SHOWN:
            await page.goto(served.issuer + place)
            await screenshot(page, f"account-{place.partition('?')[0].strip('/').replace('/', '-')}-desk")
        await page.goto(f"{served.issuer}/account/history?lang=en")
        await look(page, "history-en", width="desk")

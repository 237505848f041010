"""Each page of the provider in a real browser: axe, keyboard, 320 px, without scripts, in both languages."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiosmtpd.smtp import SMTP
from playwright.async_api import Browser, Page

from demo.mail import Outbox
from idp.settings import Settings
from tests.browser import assert_accessible, opened, screenshot, serving
from tests.idp_pages.conftest import (  # the provider's fixtures, shared
    CALLBACK,
    DETAIL,
    SCOPES,
    Provider,
    pages_database,
    provider_keys,
    provider_settings,
    running_provider,
)
from tests.ports import free_port
from web import Language

__all__ = ["pages_database", "provider_keys", "provider_settings"]
pytestmark = pytest.mark.journey
WIDTHS = {"desk": (1280, 900), "phone": (320, 640)}
LOOKS = [(Language.VI, "desk"), (Language.EN, "phone")]  # each page in both languages and at both widths
ASK = {
    "client_id": "portal", "redirect_uri": CALLBACK, "response_type": "code", "state": "xyz", "nonce": "n",
    "scope": " ".join(SCOPES),
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
}  # a table, read by rows  # fmt: skip


@pytest.fixture
async def mail_port(provider_settings: Settings) -> AsyncIterator[int]:
    """A real SMTP server that keeps mail in the outbox folder."""
    assert provider_settings.demo_outbox is not None
    outbox = Outbox(provider_settings.demo_outbox)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(outbox, hostname="localhost", ident="test", enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def served(provider_settings: Settings, mail_port: int) -> AsyncIterator[str]:
    """The provider on a real port, with people, portal and mail."""
    port = free_port()
    settings = replace(
        provider_settings, public_url=f"http://localhost:{port}", smtp_url=f"smtp://localhost:{mail_port}"
    )
    async with running_provider(settings) as provider, serving(Keep(provider), port=port) as base:
        yield base


class Keep:
    """The provider's application without a second lifespan."""

    def __init__(self, provider: Provider) -> None:
        self.app = provider.app

    async def __call__(self, scope, receive, send) -> None:
        """Serve everything but the lifespan, which the fixture has opened already."""
        if scope["type"] == "lifespan":
            for answer in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{answer}.complete"})
            return
        await self.app(scope, receive, send)


def authorize(base: str, **changes: str) -> str:
    """Where a portal sends the browser."""
    return f"{base}/authorize?" + urlencode(ASK | changes)


async def sign_in(page: Page, number: str, password: str) -> None:
    """Fill the password page and send it."""
    await page.fill("#personal_number", number)
    await page.fill("#password", password)
    await page.click("button[value='sign-in']")


async def judged(page: Page, name: str) -> None:
    """Accessible in both schemes, not scrolling sideways, and kept as a picture."""
    await assert_accessible(page)
    await screenshot(page, f"idp/{name}")


@pytest.mark.parametrize(("language", "width"), LOOKS)
async def test_every_page(browser: Browser, served: str, language: Language, width: str) -> None:
    """Start, sign-in and its refusals, code, level, consent, account centre, sign-out, outbox: WCAG 2.2 AA."""
    tag = f"{language}-{width}"
    async with opened(browser, *WIDTHS[width]) as page:
        await page.goto(f"{served}/?lang={language}")
        await judged(page, f"{tag}-01-start")
        await page.goto(authorize(served, acr_values="urn:example:vn:acr:l1-a2"))
        await judged(page, f"{tag}-02-sign-in")
        await sign_in(page, "099170000103", "wrong")
        await judged(page, f"{tag}-03-refused")
        await sign_in(page, "12345", "wrong")
        await judged(page, f"{tag}-04-malformed")
        await sign_in(page, "099170000103", "Demo-hoa-2026!")
        await judged(page, f"{tag}-05-code-by-mail")
        await page.fill("#code", "000000")
        await page.click("button[value='code']")
        await judged(page, f"{tag}-06-wrong-code")
        await page.click("button[value='mail']")
        await judged(page, f"{tag}-07-code-sent")
        code = await newest_code(page, served, f"{tag}-08-outbox")
        await page.fill("#code", code)
        await page.click("button[value='code']")
        await page.wait_for_url("**/consent?**")
        await judged(page, f"{tag}-09-consent")
        await page.goto(authorize(served, authorization_details=json.dumps([DETAIL])))
        await judged(page, f"{tag}-09-consent-details")
        await page.goto(authorize(served, acr_values="urn:example:vn:acr:l2-a2", prompt="login"))
        await sign_in(page, "099170000103", "Demo-hoa-2026!")
        await judged(page, f"{tag}-10-level")
        await page.goto(f"{served}/account")
        await judged(page, f"{tag}-11-account")
        await page.goto(f"{served}/account/services")
        await judged(page, f"{tag}-12-services")
        await page.goto(f"{served}/account/history")
        await judged(page, f"{tag}-13-history")
        await page.goto(f"{served}/logout")
        await judged(page, f"{tag}-14-sign-out")
        await page.click("main button[type=submit]")
        await judged(page, f"{tag}-15-signed-out")
        await page.goto(f"{served}/sign-in?i=unknown")
        await judged(page, f"{tag}-16-gone")


async def newest_code(page: Page, served: str, name: str) -> str:
    """The code of the newest mail, read on the outbox page in another tab as a person would."""
    tab = await page.context.new_page()
    for _ in range(3_000):
        await tab.goto(f"{served}/demo/outbox")
        found = re.search(r"\b\d{6}\b", await tab.inner_text("main"))
        mails = await tab.locator("pre").count()
        if found and mails > 1:
            await judged(tab, name)
            await tab.close()
            return found[0]
        await asyncio.sleep(0.05)
    raise AssertionError("no mail came")


async def test_keyboard_only(page: Page, served: str) -> None:
    """From the first Tab to the account centre without a pointer; the focus is always to be seen."""
    await page.goto(f"{served}/sign-in")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == "personal_number":
            break
    await page.keyboard.type("099 194 000101")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.id") == "password"
    await page.keyboard.type("Demo-lan-2026!")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/account")
    assert "•••\u00a0•••\u00a0•••\u00a0101" in await page.inner_text("main")


async def test_refusal_takes_the_focus(page: Page, served: str) -> None:
    """After a refusal the summary has the focus and its link leads to the field (WCAG 3.3.1)."""
    await page.goto(f"{served}/sign-in")
    await sign_in(page, "12345", "x")
    assert await page.evaluate("document.activeElement.className") == "error-summary"
    await page.click(".error-summary a")
    assert await page.evaluate("document.activeElement.id") == "personal_number"


async def test_without_javascript(browser: Browser, served: str) -> None:
    """Everything works with scripts switched off."""
    async with opened(browser, 1280, 900, java_script_enabled=False) as page:
        await page.goto(f"{served}/sign-in")
        await sign_in(page, "099194000101", "Demo-lan-2026!")
        await page.wait_for_url("**/account")


async def test_one_click_persona(page: Page, served: str) -> None:
    """One click signs a persona in with both factors, through the same steps; a second click does it again."""
    for _ in range(2):
        await page.goto(f"{served}/?lang=vi")
        await page.get_by_role("button", name="Đăng nhập với tư cách Nguyễn Thị Lan").click()
        await page.wait_for_url("**/account")
        assert "Hai yếu tố" in await page.inner_text("main")


async def test_deceased_persona(page: Page, served: str) -> None:
    """The account of a deceased person opens for nobody, and says no more than any refusal."""
    await page.goto(f"{served}/?lang=vi")
    await page.get_by_role("button", name="Đăng nhập với tư cách Hoàng Văn Lộc").click()
    assert "không đúng" in await page.inner_text(".error-summary")


async def test_sign_out_everywhere(browser: Browser, served: str) -> None:
    """Signing out of every device ends the session of another browser too."""
    async with opened(browser, 1280, 900) as one, opened(browser, 1280, 900) as two:
        for page in (one, two):
            await page.goto(f"{served}/sign-in")
            await sign_in(page, "099194000101", "Demo-lan-2026!")
            await page.wait_for_url("**/account")
        await one.reload()
        await screenshot(one, "idp/two-sessions")
        await one.get_by_role("button", name="Đăng xuất khỏi mọi thiết bị").click()
        await one.wait_for_url("**/signed-out**")
        await two.goto(f"{served}/account")
        assert "/sign-in" in two.url


@pytest.mark.attack
async def test_the_back_button_shows_nothing(page: Page, served: str) -> None:
    """On a shared computer, going back after signing out shows no page of the former person (attack 48)."""
    await page.goto(f"{served}/sign-in")
    await sign_in(page, "099194000101", "Demo-lan-2026!")
    await page.wait_for_url("**/account")
    await page.goto(f"{served}/logout")
    await page.click("main button[type=submit]")
    await page.wait_for_url("**/signed-out")
    await page.goto(f"{served}/")
    for _ in range(3):
        await page.go_back()
        assert "•••\u00a0•••\u00a0•••\u00a0101" not in await page.inner_text("body")


async def test_start_page_with_everybody(browser: Browser, provider_settings: Settings) -> None:
    """The start page of the real demo, with all of its people, in both languages and at both widths."""
    port = free_port()
    everybody = Path(__file__).parents[2] / "demo" / "personas.toml"
    settings = replace(provider_settings, public_url=f"http://localhost:{port}", demo_personas=everybody)
    async with running_provider(settings) as provider, serving(Keep(provider), port=port) as base:
        for language, width in LOOKS:
            async with opened(browser, *WIDTHS[width]) as page:
                await page.goto(f"{base}/?lang={language}")
                await judged(page, f"{language}-{width}-everybody")

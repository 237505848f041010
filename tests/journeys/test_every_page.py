"""A walk through every page of the country, for everybody: axe, 320 px, both languages, light and dark."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, Page

from tests.browser import assert_accessible, opened, screenshot
from tests.journeys.acts import Acts
from tests.journeys.country import Country

WALKS = {
    "vi-desk": ("thanh", 1280, 900, {}),
    "vi-phone": ("can-bao-hiem", 320, 640, {"has_touch": True}),
    "en-desk": ("mot-cua", 1280, 900, {"locale": "en-GB"}),
}
SCHEMES = {"vi-desk": ("light", "dark"), "vi-phone": ("light",), "en-desk": ("light",)}
UNTRANSLATED = re.compile(r"^[a-z_]+(?:\.[a-z_]+)+$", re.MULTILINE)


@dataclass
class Walk:
    """One walk; every page on the way is judged and kept as a picture."""

    page: Page
    name: str
    seen: list[str] = field(default_factory=list)

    async def look(self, what: str, *, ours: bool = True) -> None:
        """Judge the page before us. ``ours`` is off for pages whose words are for programmers."""
        await assert_accessible(
            self.page, schemes=("light", "dark") if self.name == "vi-desk" else ("light",)
        )
        if ours:
            language = await self.page.get_attribute("html", "lang")
            assert language == self.name[:2], self.page.url
            assert await self.page.locator("h1").count() == 1, self.page.url
            assert not UNTRANSLATED.search(await self.page.inner_text("body")), self.page.url
        self.seen.append(what)
        place = f"journeys/{self.name}/{len(self.seen):02d}-{what}"
        await screenshot(self.page, place)
        if self.name == "vi-desk":
            await screenshot(self.page, place.replace("vi-desk", "vi-dark"), scheme="dark")
            await self.page.emulate_media(color_scheme="light")


@pytest.fixture(params=WALKS)
async def walk(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Walk]:
    """A browser that speaks a language, on a screen of a width."""
    _, width, height, options = WALKS[request.param]
    async with opened(browser, width, height, **options) as page:
        yield Walk(page, request.param)


async def test_every_page(walk: Walk, country: Country, acts: Acts) -> None:
    """From the start page to the last error page, nothing fails axe, scrolls sideways or speaks another language."""
    page, key = walk.page, WALKS[walk.name][0]
    await before_signing_in(walk, country)
    await signing_in(walk, country, acts, key)
    await filing(walk, country, acts, key)
    await insuring(walk, country)
    await own_data(walk, country)
    await errors(walk, country)
    async with country.without_registry():
        await page.goto(f"{country.national}/who-looked")
        await walk.look("registry-away")
    await page.goto(f"{country.national}/")
    await page.locator("form[action='/sign-out'] button").click()
    await walk.look("signed-out-at-portal")
    await page.goto(f"{country.issuer}/signed-out")
    await walk.look("signed-out-at-provider")


async def before_signing_in(walk: Walk, country: Country) -> None:
    """What anybody sees."""
    page = walk.page
    for address, what in (
        (f"{country.issuer}/", "start"),
        (f"{country.national}/", "national"),
        (f"{country.residence}/", "residence"),
        (f"{country.insurance}/", "insurance"),
        (f"{country.residence}/temporary-residence", "temporary-residence"),
        (f"{country.insurance}/household-insurance", "household-insurance"),
        (f"{country.national}/receipts/check", "receipts-check"),
    ):
        await page.goto(address)
        await walk.look(what)
    await page.locator("main form button").click()
    await walk.look("receipts-check-empty")
    await page.fill("#receipt", "not.a.receipt")
    await page.locator("main form button").click()
    await walk.look("receipts-check-refused")


async def signing_in(walk: Walk, country: Country, acts: Acts, key: str) -> None:
    """The provider's steps, with their mistakes."""
    page, who = walk.page, acts.who(key)
    await page.goto(f"{country.residence}/temporary-residence")
    await page.locator("main form button").click()
    await walk.look("sign-in")
    await page.fill("#personal_number", "12345")
    await page.click("button[value='sign-in']")
    await walk.look("sign-in-malformed")
    await acts.give_password(page, who)
    await walk.look("second-factor")
    await page.fill("#code", "000000")
    await page.click("button[value='code']")
    await walk.look("second-factor-wrong")
    await acts.give_code(page, who)
    await page.wait_for_url(f"{country.residence}/temporary-residence*")
    await walk.look("temporary-residence-signed-in")


async def filing(walk: Walk, country: Country, acts: Acts, key: str) -> None:
    """Temporary residence: form, mistakes, a refusal known beforehand, review, dossier."""
    page = walk.page
    await acts.start_filing(page, country.residence, "/temporary-residence", key)
    await walk.look("form")
    await page.locator("main form button").last.click()
    await walk.look("form-mistakes")
    await acts.fill_temporary_residence(page)
    await page.fill("#owner_number", acts.who("mai").number)
    await page.locator("main form button").last.click()
    await walk.look("review-fails")
    await page.go_back()
    await acts.fill_temporary_residence(page)
    await page.locator("main form button").last.click()
    await walk.look("review")
    await page.locator("form[action$='/file'] button").click()
    await walk.look("dossier")
    receipt = await (await page.request.get(f"{page.url}/receipts/1")).text()
    await page.goto(f"{country.residence}/dossiers")
    await walk.look("dossiers")
    await page.goto(f"{country.residence}/consents")
    await walk.look("consents-none")
    await page.goto(f"{country.residence}/receipts/check")
    await page.fill("#receipt", receipt)
    await page.locator("main form button").click()
    await walk.look("receipts-check-valid")


async def insuring(walk: Walk, country: Country) -> None:
    """Consent, refused and given; the household's form, mistakes and review."""
    page = walk.page
    await page.goto(f"{country.insurance}/household-insurance")
    await page.locator("main form button").click()
    await walk.look("consent")
    await page.click("button[value='deny']")
    await walk.look("consent-refused")
    await page.locator("main .actions a").first.click()
    await page.click("button[value='allow']")
    await page.wait_for_url(f"{country.insurance}/household-insurance*")
    await page.locator("main form button").click()
    await walk.look("household-form")
    await page.fill("#facility", "")
    await page.locator("main form button").last.click()
    await walk.look("household-mistakes")
    await page.fill("#facility", "Trạm Y tế phường Vỹ Dạ (mô phỏng)")
    await page.check("#declaration")
    await page.locator("main form button").last.click()
    await walk.look("household-review")
    await page.goto(f"{country.insurance}/dossiers")
    await walk.look("dossiers-with-draft")


async def own_data(walk: Walk, country: Country) -> None:
    """The national portal and the account centre, signed in."""
    page = walk.page
    await page.goto(f"{country.national}/sign-in?next=/")
    await page.wait_for_url(f"{country.national}/")
    await walk.look("national-signed-in")
    for address, what in (
        (f"{country.national}/dossiers", "all-dossiers"),
        (f"{country.national}/who-looked", "who-looked"),
        (f"{country.issuer}/", "start-signed-in"),
        (f"{country.issuer}/account", "account"),
        (f"{country.issuer}/account/services", "account-services"),
        (f"{country.issuer}/account/history", "account-history"),
        (f"{country.issuer}/demo/outbox", "outbox"),
        (f"{country.issuer}/logout", "sign-out"),
    ):
        await page.goto(address)
        await walk.look(what)


async def errors(walk: Walk, country: Country) -> None:
    """Nothing here, forged forms, interactions that are over; and the pages for programmers."""
    page = walk.page
    for host, what in (
        (country.issuer, "provider"),
        (country.national, "portal"),
        (country.registry, "registry"),
    ):
        await page.goto(f"{host}/nowhere")
        await walk.look(f"404-{what}", ours=host != country.registry)
    await page.goto(f"{country.issuer}/sign-in?i=unknown")
    await walk.look("interaction-gone")
    await page.goto(f"{country.issuer}/authorize?client_id=unknown")
    await walk.look("client-unknown")
    await page.goto(f"{country.national}/")
    await page.evaluate("document.querySelector(\"form[action='/sign-out'] input\").value = 'forged'")
    await page.locator("form[action='/sign-out'] button").click()
    await walk.look("403-forged-form")
    await page.goto(f"{country.registry}/docs")
    await walk.look("registry-docs", ours=False)

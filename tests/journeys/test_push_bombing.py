"""Push bombing at a counter: three questions wait for a citizen, a fourth is refused, one press ends them all."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from tests.browser import assert_accessible, opened, screenshot
from tests.journeys.acts import Acts
from tests.journeys.country import Country
from tests.journeys.phone import AppOnAPhone

CITIZEN = "y-thu"
BORN = "01061985"


async def ask_in_the_app(page: Page, country: Country, acts: Acts) -> str:
    """A clerk receives the citizen once more and asks for their yes in the app; the case's address."""
    who = acts.who(CITIZEN)
    await page.goto(f"{country.counter}/cases/new")
    await page.check("[name=service][value='1.010041']")
    await page.fill("#card", f"{who.number}||{who.name}|{BORN}|Nữ|Đắk Lắk|20062021")
    await page.get_by_role("button", name="Kiểm tra và bắt đầu").click()
    await page.fill("#used_for", "Nộp hồ sơ nhập học cho con")
    await page.get_by_role("button", name="người dân xác nhận").click()
    case = page.url
    await page.check("[name=way][value=app]")
    await page.get_by_role("button", name="Xin xác nhận").click()
    await page.wait_for_load_state()
    return case


@pytest.mark.attack
async def test_three_questions_wait_and_no_fourth(
    page: Page, browser: Browser, country: Country, acts: Acts
) -> None:
    """Attack 45: the clerk reads why; “it wasn't me” refuses all three and keeps the counter away."""
    async with opened(browser, 320, 640, has_touch=True) as phone:
        app = AppOnAPhone(phone, acts, CITIZEN)
        await app.enrol()
        await acts.be(page, "mot-cua")
        await page.goto(f"{country.counter}/sign-in?next=/cases/new")
        await acts.arrive(page, country.counter)
        first = await ask_in_the_app(page, country, acts)
        for _ in range(2):
            await ask_in_the_app(page, country, acts)
            assert await page.locator("form[action$='/confirm']").count(), await page.inner_text("main")

        fourth = await ask_in_the_app(page, country, acts)
        await assert_accessible(page, schemes=("light",))
        await screenshot(page, "journeys/push-refused")
        told = await page.inner_text("main")
        assert "ba yêu cầu" in told, told
        assert "access_denied" in told
        await page.goto(fourth)
        assert await page.locator("form[action$='/way']").count(), "nothing was asked, nothing is lost"

        waiting = phone.locator("[data-requests] .request")
        await waiting.nth(2).wait_for()
        assert await waiting.count() == 3
        await screenshot(phone, "journeys/push-waiting-phone")
        await phone.locator("[data-requests] button").first.click()
        await app.shows("confirm")
        await screenshot(phone, "journeys/push-confirm-phone")
        await phone.click("button[value=not_me]")
        await phone.wait_for_selector("[data-view=ended][data-good=true]:not([hidden])")
        await assert_accessible(phone, schemes=("light",))
        await screenshot(phone, "journeys/push-reported-phone")
        await app.home()
        await phone.wait_for_selector("[data-none]:not([hidden])")
        assert not await waiting.count()

        await page.goto(first)
        await page.locator("form[action$='/confirm'] button").click()
        await screenshot(page, "journeys/push-denied")
        assert "Người dân đã từ chối" in await page.inner_text("main"), await page.inner_text("main")
        await ask_in_the_app(page, country, acts)
        assert await page.locator(".notice-danger").count(), "for a day the counter asks no more"

"""Money without a dossier: an order of nobody, of somebody else, of a dossier that was withdrawn meanwhile."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page

from tests.browser import assert_accessible, opened, screenshot
from tests.journeys.acts import SERIAL, Acts
from tests.journeys.country import Country


async def filed(page: Page, country: Country, acts: Acts, key: str) -> str:
    """A household's insurance with a premium that is due; the address of its dossier."""
    await acts.start_filing(page, country.insurance, "/household-insurance", key)
    await page.fill("#facility", f"Trạm Y tế số {next(SERIAL)} (mô phỏng)")
    await page.check("#declaration")
    await page.get_by_role("button", name=re.compile("^Kiểm tra")).click()
    await page.get_by_role("button", name="Nộp hồ sơ").click()
    await page.wait_for_url(f"{country.insurance}/dossiers/*")
    return page.url


async def test_money_without_a_dossier_goes_back(
    page: Page, browser: Browser, country: Country, acts: Acts
) -> None:
    """public-services.md 13: withdrawn in one window, paid in another: refunded at once; strangers find nothing."""
    gateway = country.place.url("payment_gateway")
    dossier = await filed(page, country, acts, "han")
    await page.locator("form[action$='/payment'] button").click()
    await page.wait_for_url(f"{gateway}/pay/*")
    order = page.url
    await page.check("[name=bank][value=chim-lac]")

    other = await page.context.new_page()
    await other.goto(dossier)
    await other.locator("details:has(form[action$='/withdraw']) summary").click()
    await other.locator("form[action$='/withdraw'] button").click()
    await other.wait_for_selector("text=Bạn đã yêu cầu rút hồ sơ")
    assert not await other.locator("form[action$='/payment']").count(), "nothing is due any more"

    await page.click("button[value=pay]")
    await page.wait_for_url(dossier)
    await page.set_viewport_size({"width": 320, "height": 640})
    await acts.until_shown(page, dossier, "Đã hoàn tiền")
    await assert_accessible(page, schemes=("light",))
    await screenshot(page, "journeys/payment-refunded")
    await page.goto(order)
    assert "Đã hoàn tiền" in await page.inner_text("h1")
    way_back = await page.get_attribute("main .actions a", "href")
    assert way_back is not None

    await page.goto(f"{gateway}/pay/nobody-ordered-this")
    assert "Không có tiền nào được thu" in await page.inner_text("main")
    await assert_accessible(page, schemes=("light",))
    await screenshot(page, "journeys/payment-no-order")
    async with opened(browser, 320, 640) as stranger:
        await acts.sign_in(stranger, country.insurance, "minh")
        await stranger.goto(way_back)
        assert stranger.url == f"{country.insurance}/dossiers"
        assert dossier.rpartition("/")[2] not in await stranger.inner_text("main")
        await stranger.goto(dossier)
        assert "Không tìm thấy" in await stranger.inner_text("h1")

"""A phone and a desk: the e-ID app is registered, opens another screen, shows the card; a wrong number ends it."""

from __future__ import annotations

from playwright.async_api import Browser, Page

from tests.browser import assert_accessible, opened, screenshot
from tests.journeys.acts import Acts
from tests.journeys.country import Country
from tests.software_phone import PIN


async def test_a_phone_opens_the_desk(country: Country, acts: Acts, browser: Browser, page: Page) -> None:
    """Registered with two factors; then a code typed, service and place compared, two digits and a PIN: signed in."""
    who, app = acts.who("thanh"), country.place.url("eid_app")
    async with opened(browser, 360, 740, has_touch=True) as phone:
        await phone.goto(f"{app}/")
        await phone.click("text=Bắt đầu đăng ký")
        await acts.give_password(phone, who)
        await acts.give_code(phone, who)
        await phone.wait_for_selector("form[data-enrol]:not([hidden])")
        await phone.fill("#pin", PIN)
        await phone.fill("#again", PIN)
        await phone.click("form[data-enrol] button")
        await phone.wait_for_selector("[data-view=ready]:not([hidden])")
        await assert_accessible(phone)

        await taken(country, page, phone)
        await assert_accessible(phone)
        await screenshot(phone, "journeys/eid-app-confirm", scheme="light")
        assert "Cổng Dịch vụ công quốc gia" in await phone.inner_text("[data-row=service]")
        await page.wait_for_selector("[data-part=taken]:not([hidden])")
        number = await page.inner_text("[data-number]")
        await phone.fill("#number", number)
        await phone.fill("#pin", PIN)
        await phone.click("button[value=approve]")
        await phone.wait_for_selector("[data-view=ended][data-good=true]")
        await page.wait_for_url(f"{country.national}/")

        await phone.click("[data-view=ended] [data-do=home]")
        await phone.click("[data-do=card]")
        await phone.fill("#card_pin", PIN)
        await phone.click("form[data-show-card] button")
        await phone.wait_for_selector("[data-card-shown]:not([hidden])")
        assert await phone.inner_text("[data-card-field=number]") == who.number
        assert await phone.evaluate("caches.keys().then((all) => all.length)") <= 1

        await page.context.clear_cookies()
        await phone.goto(f"{app}/")
        await phone.wait_for_selector("[data-view=ready]:not([hidden])")
        await taken(country, page, phone)
        await page.wait_for_selector("[data-part=taken]:not([hidden])")
        number = await page.inner_text("[data-number]")
        await phone.fill("#number", "11" if number != "11" else "12")
        await phone.fill("#pin", PIN)
        await phone.click("button[value=approve]")
        await phone.wait_for_selector("[data-view=ended][data-good=false]")
        await page.wait_for_selector("text=Hai chữ số không khớp")
        await assert_accessible(page)


async def taken(country: Country, desk: Page, phone: Page) -> None:
    """The desk shows a code to type, and the phone takes it."""
    await desk.goto(f"{country.national}/sign-in?next=/")
    await desk.click("text=Đăng nhập bằng ứng dụng")
    await desk.click("text=Nhập mã bằng tay")
    code = await desk.inner_text("[data-code]")
    await phone.click("[data-do=scan]")
    await phone.fill("#code", code)
    await phone.click("form[data-code] button")
    await phone.wait_for_selector("[data-view=confirm]:not([hidden])")

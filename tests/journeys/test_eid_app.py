"""A phone and a desk: the e-ID app opens another screen, shows the card, signs a consent; a thief gets nothing."""

from __future__ import annotations

from playwright.async_api import Browser, Page

from tests.browser import assert_accessible, opened, screenshot
from tests.journeys.acts import Acts
from tests.journeys.country import Country
from tests.journeys.phone import AppOnAPhone


async def test_a_phone_opens_the_desk(country: Country, acts: Acts, browser: Browser, page: Page) -> None:
    """Registered with two factors; then a code typed, service and place compared, two digits and a PIN: signed in."""
    who = acts.who("thanh")
    async with opened(browser, 360, 740, has_touch=True) as phone:
        app = AppOnAPhone(phone, acts, "thanh")
        await app.enrol()
        await assert_accessible(phone)

        await page.goto(f"{country.national}/sign-in?next=/")
        await app.take(page)
        await assert_accessible(phone)
        await screenshot(phone, "journeys/eid-app-confirm", scheme="light")
        assert "Cổng Dịch vụ công quốc gia" in await phone.inner_text("[data-row=service]")
        await app.approve(await page.inner_text("[data-number]"))
        assert await phone.get_attribute("[data-view=ended]", "data-good") == "true"
        await page.wait_for_url(f"{country.national}/")

        await app.home()
        scanned = await app.show_card()
        assert await phone.inner_text("[data-card-field=number]") == who.number
        assert await phone.evaluate("caches.keys().then((all) => all.length)") <= 1
        await page.goto(scanned)
        await page.wait_for_selector(".notice-success")
        assert who.name in await page.inner_text("main")
        assert page.url == f"{country.issuer}/check-card", "what was scanned stands in no address"
        await assert_accessible(page)

        async with opened(browser, 320, 640) as office:
            await acts.be(office, "can-trung-uong")
            await acts.enter_console(office)
            await acts.open_record(office, "thanh", "TK01-2026-77")
            await app.home()
            scanned = await app.show_card()
            for agreed in (1, 0):  # a code is taken once
                await office.fill("#card", scanned)
                await office.locator("form[action='/console/compare'] button").click()
                await office.wait_for_load_state()
                assert await office.locator(".notice-success").count() == agreed
                await assert_accessible(office)

        await page.context.clear_cookies()
        await app.home()
        await page.goto(f"{country.national}/sign-in?next=/")
        await app.take(page)
        number = await page.inner_text("[data-number]")
        await app.approve("11" if number != "11" else "12")
        assert await phone.get_attribute("[data-view=ended]", "data-good") == "false"
        await page.wait_for_selector("text=Hai chữ số không khớp")
        await assert_accessible(page)


async def test_a_relayed_code_is_reported_with_one_press(
    country: Country, acts: Acts, browser: Browser, page: Page
) -> None:
    """A thief dictates the code of their own screen; one press ends it there, and offers the lock."""
    async with opened(browser, 360, 740, has_touch=True) as phone:
        app = AppOnAPhone(phone, acts, "sen")
        await app.enrol()
        await page.goto(f"{country.national}/sign-in?next=/")
        await app.take(page)
        await phone.click("button[value=not_me]")
        await phone.wait_for_selector("[data-lock-next]:not([hidden])")
        await assert_accessible(phone)
        await page.wait_for_selector(".notice-warning")
        await phone.click("[data-lock-next] [data-do=lock]")
        await phone.wait_for_selector("[data-view=ended][data-good=true]")
        await phone.goto(f"{app.address}/")
        await app.shows("new")


async def test_an_owner_signs_on_the_phone(
    country: Country, acts: Acts, browser: Browser, page: Page
) -> None:
    """Decree 58/2026 Art. 4(5): the phone's key signs what a lodger asks of the owner; the dossier keeps it."""
    await acts.sign_in(page, country.residence, "ngoc")
    await acts.start_filing(page, country.residence, "/temporary-residence", "ngoc")
    await acts.fill_temporary_residence(page)
    await page.get_by_role("button", name="Kiểm tra hồ sơ").click()
    await page.get_by_role("button", name="Nộp hồ sơ").click()
    await page.wait_for_url(f"{country.residence}/dossiers/**")
    async with opened(browser, 320, 640, has_touch=True) as phone:
        app = AppOnAPhone(phone, acts, "phuc")
        await app.enrol()
        await app.open_consent(page.url.rpartition("/")[2])
        await assert_accessible(phone)
        await phone.fill("#pin", "000000")
        await phone.click("button[value=yes]")
        await phone.wait_for_selector("[data-signing] [data-problem]:not([hidden])")
        await app.sign_consent()
        assert "Đã đồng ý" in await phone.inner_text("main"), await phone.inner_text("main")
        await app.give_up()  # in other stories he agrees without a phone

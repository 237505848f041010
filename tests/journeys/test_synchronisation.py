"""Synchronisation lost and recovered: the national portal is away, what waited for it is lost, and it catches up."""

from __future__ import annotations

from playwright.async_api import Browser, Page

from population_registry.storage.connections import connect
from tests.browser import assert_accessible, opened, screenshot
from tests.journeys.acts import SERIAL, Acts
from tests.journeys.country import Country

ACTS = [
    "Bạn đã nộp hồ sơ",
    "Cơ quan tiếp nhận và hẹn ngày trả",
    "Chuyển đến bộ phận giải quyết",
    "Đồng ý giải quyết",
]
LOST = "DELETE FROM event_delivery WHERE recipient = 'national-portal' AND state = 'waiting'"


async def lose_what_waits(country: Country) -> int:
    """What the registry could not tell the national portal is gone; how many messages that were."""
    connection = await connect(country.place.database("registry"))
    try:
        return int((await connection.execute(LOST)).rpartition(" ")[2])
    finally:
        await connection.close()


async def test_a_portal_that_was_away_catches_up_in_order(
    page: Page, browser: Browser, country: Country, acts: Acts
) -> None:
    """public-services.md 6: lost after the first line, all lines are there again, and the state is the registry's."""
    await acts.sign_in(page, country.residence, "minh")
    code = await acts.file_correction(page, f"Số {next(SERIAL)}, kiệt 18, đường Cần Kiệm", "minh")
    await page.goto(f"{country.national}/sign-in?next=/dossiers")
    await acts.arrive(page, country.national)
    synced = f"{country.national}/dossiers/{code}"
    await acts.until_shown(page, f"{country.national}/dossiers", code)

    async with opened(browser, 1280, 900) as officer:
        await acts.be(officer, "can-trung-uong")
        await acts.enter_console(officer)
        async with country.without("national_portal"):
            for act in ("receive", "approve"):
                await acts.decide(officer, code, act)
            assert await lose_what_waits(country)

    await acts.until_shown(page, synced, "Đã xử lý xong")
    await page.set_viewport_size({"width": 320, "height": 640})
    await assert_accessible(page, schemes=("light",))
    await screenshot(page, "journeys/synced-again")
    await page.locator("summary", has_text="Diễn biến").click()
    lines = await page.locator(".timeline li").all_inner_texts()
    assert [line.splitlines()[2] for line in reversed(lines)] == ACTS

"""A death in the family at the national portal: from the first click to what every body gave, on one page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from playwright.async_api import Page

from population_registry.dossiers.working_days import VIET_NAM
from tests.browser import assert_accessible, screenshot
from tests.journeys.acts import Acts
from tests.journeys.country import Country
from tests.journeys.offices import Office

WIFE, WHY = "Lâm Thị Tuyết", "Người mất không tham gia bảo hiểm xã hội."


async def test_a_husband_files_once_and_three_bodies_answer(page: Page, country: Country, acts: Acts) -> None:
    """Decree 63/2024: the household is filled in, one form is filed on a phone, each body's answer is on one page."""
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.goto(country.national)
    await page.get_by_role("link", name="Người thân qua đời").click()
    await page.locator("main a[href='/death']").click()
    await acts.start_filing(page, country.national, "/death", "tam")
    await page.get_by_role("button", name="Kiểm tra hồ sơ").click()
    assert "Chọn người đã mất" in await page.inner_text(".error-summary"), "nobody is guessed"
    await page.locator("select[name=deceased]").select_option(label=WIFE)
    died = datetime.now(VIET_NAM) - timedelta(days=1)
    for name, value in (("day", died.day), ("month", died.month), ("year", died.year)):
        await page.fill(f"[name=died_{name}]", str(value))
    await page.fill("[name=notice_number]", "BT-92-2026-000031")
    await page.check("#declaration")
    await page.get_by_role("button", name="Kiểm tra hồ sơ").click()
    assert WIFE in await page.inner_text("main")
    await screenshot(page, "journeys/death-review")
    await page.get_by_role("button", name="Nộp hồ sơ").click()
    await page.wait_for_url(f"{country.national}/dossiers/*")
    dossier = page.url
    assert (await page.inner_text("main")).count("Chờ kết quả của cơ quan trước") == 3

    police, insurer = Office(country, "residence-authority"), Office(country, "insurer", "BHXH-92-001")
    await Office(country, "civil-status").act(await part(page, "Đăng ký khai tử"), "receive", "approve")
    await acts.until_shown(page, dossier, "G24.")
    await police.act(await part(page, "Xóa đăng ký cư trú"), "receive")
    await insurer.act(await part(page, "Dừng thẻ bảo hiểm y tế"), "receive")
    survivors = await part(page, "Mai táng phí, tử tuất")
    await insurer.act(survivors, "receive")
    await insurer.act(survivors, "refuse", reason=WHY)
    await acts.until_shown(page, dossier, "Đã xử lý xong")
    told = await page.inner_text("main")
    assert f"Đã ghi nhận mất ngày {died:%d/%m/%Y}" in told
    assert "Đã xóa đăng ký cư trú" in told
    assert "Không được giải quyết" in told
    assert "_" not in told, "no code is left for a family to read"
    await assert_accessible(page, schemes=("light",))
    await screenshot(page, "journeys/death-done")
    await acts.until_shown(page, f"{country.national}/dossiers/{survivors}", WHY)


async def part(page: Page, name: str) -> str:
    """The code of one body's part, as its card names it."""
    await page.wait_for_load_state()
    card = page.locator("main .card").filter(has=page.get_by_text(name, exact=True))
    found = re.search(r"[GH]\d\d(?:\.\d+)+-\d{6}-\d{6}", await card.inner_text())
    assert found is not None, await page.inner_text("main")
    return found[0]

"""Hùng's story: health insurance for his whole household, with what the registry knows already filled in."""

import re

from playwright.async_api import Page

from tests.journeys.acts import Acts
from tests.journeys.country import Country

SHARES = [100, 70, 60, 50, 40]  # per cent of the first member's premium; Decree 188/2025 Art. 7


async def test_the_household_is_insured_together(page: Page, country: Country, acts: Acts) -> None:
    """Five members are pre-filled, the premium falls from member to member, the dossier is filed and paid for."""
    await acts.sign_in(page, country.insurance, "hung")
    await acts.start_filing(page, country.insurance, "/household-insurance", "hung")
    members = await page.locator("main .card .card-title").all_inner_texts()
    assert len(members) == len(SHARES)
    assert members[0] == acts.who("hung").name
    assert {"Hồ Thị Ngọc Diễm", "Tôn Nữ Thị Huệ", "Lê Quang Huy", "Lê Thị Diễm Quỳnh"} == set(members[1:])
    orders = [await each.input_value() for each in await page.locator("select[name^=order_]").all()]
    assert orders == ["1", "2", "3", "4", "5"]

    await page.fill("#facility", "Trạm Y tế phường Vỹ Dạ (mô phỏng)")
    await page.check("#declaration")
    await page.locator("main form button").last.click()
    rows = [await row.inner_text() for row in await page.locator("table tbody tr").all()]
    assert [int(re.search(r"(\d+) %", row)[1]) for row in rows] == SHARES  # type: ignore[index]  # None fails as well
    monthly = [int(re.findall(r"([\d.]+)\s₫", row)[0].replace(".", "")) for row in rows]
    assert monthly == [round(monthly[0] * share / 100) for share in SHARES]
    await page.get_by_role("button", name="Nộp hồ sơ").click()
    told = await page.inner_text("main")
    assert "G34.899.01" in page.url
    assert f"{12 * sum(monthly):,}".replace(",", ".") in told

    await page.get_by_role("button", name=re.compile("Nộp phí")).click()
    await page.wait_for_url(re.compile(re.escape(country.place.url("payment_gateway")) + "/pay/"))
    assert f"{12 * sum(monthly):,}".replace(",", ".") in await page.inner_text("main")
    await page.check("[name=bank][value=hoa-sen]")
    await page.click("button[value=pay]")
    await page.wait_for_url(re.compile(re.escape(country.insurance) + "/dossiers/"))
    await acts.until_shown(page, page.url, "Đã nộp phí")
    assert await page.get_by_role("button", name=re.compile("Nộp phí")).count() == 0

"""The one-stop counter: a clerk files for a citizen who reads out a code; a mother files for her child."""

from __future__ import annotations

import re

from playwright.async_api import Page

from tests.journeys.acts import SIX_DIGITS, Acts
from tests.journeys.country import Country


async def sign_in_to_file(page: Page, country: Country, acts: Acts, key: str, path: str) -> None:
    """Open a page of the counter that wants level 2 and two factors."""
    await page.goto(country.counter + path)
    await acts.give_password(page, acts.who(key))
    if "/second-factor" in page.url:
        await acts.give_code(page, acts.who(key))
    await acts.arrive(page, country.counter)


async def test_a_clerk_files_with_a_code_that_the_citizen_reads_out(
    page: Page, country: Country, acts: Acts
) -> None:
    """Public services 12: two parties, one dossier, no password; the citizen's history names the clerk."""
    citizen = acts.who("phuc")
    await sign_in_to_file(page, country, acts, "mot-cua", "/cases/new")
    await page.check("[name=service][value='1.010041']")
    await page.fill("#card", f"{citizen.number}||{citizen.name}|09021968|Nam|Hà Nội|20062021")
    await page.get_by_role("button", name="Kiểm tra và bắt đầu").click()
    assert "Khớp với cơ sở dữ liệu dân cư" in await page.inner_text("main"), await page.inner_text("main")
    await page.fill("#used_for", "Nộp hồ sơ nhập học cho con")
    await page.get_by_role("button", name="người dân xác nhận").click()
    await page.check("[name=way][value=code]")
    mails = await acts.mails(page, citizen)
    await page.get_by_role("button", name="Xin xác nhận").click()
    assert "Mã đã gửi đến p•••@" in await page.inner_text("main"), await page.inner_text("main")
    mail = await acts.next_mail(page, citizen, "Mã xác nhận", mails)
    code = re.search(SIX_DIGITS, mail)
    assert code is not None
    assert acts.who("mot-cua").name in mail
    await page.fill("#code", "000000" if code[0] != "000000" else "111111")
    await page.get_by_role("button", name="Nộp hồ sơ").click()
    assert "Còn 4 lần thử" in await page.inner_text("main")
    await page.fill("#code", code[0])
    await page.get_by_role("button", name="Nộp hồ sơ").click()
    told = await page.inner_text("main")
    assert "Đã nộp hồ sơ" in told, told
    assert "Đã trả kết quả" in told, "a confirmation is decided at once"
    await page.get_by_role("link", name="Giấy tiếp nhận").click()
    assert citizen.name in await page.inner_text("main")
    await page.goto(country.counter)
    assert citizen.name in await page.inner_text("main")
    await page.context.clear_cookies()
    await page.goto(f"{country.issuer}/account/history")
    await acts.give_password(page, citizen)
    await page.goto(f"{country.issuer}/account/history")
    history = await page.inner_text("main")
    assert "Người khác được làm thay bạn" in history
    assert acts.who("mot-cua").name in history


async def test_a_mother_files_for_her_child(page: Page, country: Country, acts: Acts) -> None:
    """Decree 69/2024 Art. 14: named once in the account, chosen at the counter; the dossier is the child's."""
    await page.goto(f"{country.issuer}/account/dependants")
    mother = acts.who("quynh")
    await acts.give_password(page, mother)
    if "/second-factor" in page.url:
        await acts.give_code(page, mother)
    await page.goto(f"{country.issuer}/account/dependants")
    await page.fill("#number", "099322000154")
    await page.fill("#name", "Lê Ngọc Khánh My")
    for part, value in (("", "15"), ("_month", "07"), ("_year", "2022")):
        await page.fill(f"#born{part}", value)
    await page.get_by_role("button", name=re.compile("Hỏi|Thêm|Kiểm")).last.click()
    assert "Lê Ngọc Khánh My" in await page.inner_text("main"), await page.inner_text("main")
    await page.goto(f"{country.counter}/file")
    assert page.url == f"{country.counter}/file", page.url
    await page.get_by_label("Lê Ngọc Khánh My").check()
    await page.check("[name=service][value='1.010041']")
    await page.get_by_role("button", name="Tiếp tục").click()
    await page.fill("#used_for", "Nhập học mẫu giáo")
    await page.get_by_role("button", name="Nộp hồ sơ").click()
    told = await page.inner_text("main")
    assert "Đã nộp hồ sơ" in told, told
    assert "Lê Ngọc Khánh My" in told
    await page.goto(f"{country.issuer}/account/history")
    assert "Bạn làm thay người khác" in await page.inner_text("main")

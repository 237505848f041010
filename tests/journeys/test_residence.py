"""Residence dossiers between people: an owner agrees, an officer asks (CT05), a guardian acts, a paper comes."""

from __future__ import annotations

from playwright.async_api import Browser, Page

from tests.browser import opened
from tests.journeys.acts import Acts
from tests.journeys.country import Country

ASKED = "Bổ sung thời hạn tạm trú theo hợp đồng thuê mới."
WARD, WARDS_NUMBER = "Trịnh Quốc Bình", "099099000156"


async def file(page: Page, country: Country) -> str:
    """From a filled form through the review to the dossier; its code."""
    await page.check("#declaration")
    await page.get_by_role("button", name="Kiểm tra hồ sơ").click()
    await page.get_by_role("button", name="Nộp hồ sơ").click()
    await page.wait_for_url(f"{country.residence}/dossiers/*")
    return page.url.rpartition("/")[2]


async def enter(page: Page, country: Country, acts: Acts, key: str, path: str) -> None:
    """Be somebody with two factors at a page of the portal."""
    await acts.be(page, key)
    await page.goto(f"{country.residence}/sign-in?next={path}&level=file")
    if "/second-factor" in page.url:
        await acts.give_code(page, acts.who(key))
    await acts.arrive(page, country.residence)


async def test_the_owner_agrees_and_an_officer_asks_for_more(
    page: Page, browser: Browser, country: Country, acts: Acts
) -> None:
    """Lan files; Mr Phúc agrees with his own e-ID; the officer asks (CT05); Lan answers, and it goes on."""
    await acts.sign_in(page, country.residence, "lan")
    await acts.start_filing(page, country.residence, "/temporary-residence", "lan")
    await acts.fill_temporary_residence(page)
    await page.fill("[name=address]", "Căn hộ 12-05, số 8 ngõ 21, đường Hoa Sữa")
    # Another end than in Lan's other story: the very same application is not taken twice.
    usual = int(await page.input_value("[name=until_day]"))
    await page.fill("[name=until_day]", "2" if usual == 1 else "1")
    code = await file(page, country)

    async with opened(browser, 1280, 900) as owner:
        await enter(owner, country, acts, "phuc", f"/consents/{code}")
        assert acts.who("lan").name in await owner.inner_text("main")
        for role in await owner.get_by_role("checkbox").all():
            await role.check()
        await owner.locator("button[value=yes]").click()
        await owner.wait_for_load_state()
        assert "Đã đồng ý" in await owner.inner_text("main")
    await page.reload()
    assert "Đã đồng ý" in await page.inner_text("main")

    async with opened(browser, 1280, 900) as officer:
        await acts.be(officer, "can-xa")
        await acts.enter_console(officer)
        await acts.decide(officer, code, "receive")
        await acts.decide(officer, code, "ask_supplement", ASKED)
        await page.reload()
        assert ASKED in await page.inner_text("main")
        await page.locator(f"form[action='/dossiers/{code}/supplement'] button").click()
        assert await page.input_value("[name=address]") == "Căn hộ 12-05, số 8 ngõ 21, đường Hoa Sữa"
        month = int(await page.input_value("[name=until_month]")) % 12 + 1
        await page.fill("[name=until_month]", str(month))
        await page.fill("[name=until_day]", "1")
        assert await file(page, country) == code
        assert "Bạn đã bổ sung hồ sơ" in await page.inner_text("main")
        assert not await page.locator(f"form[action='/dossiers/{code}/supplement']").count()
        await officer.goto(f"{country.registry}/console/dossiers/{code}")
        assert ASKED in await officer.inner_text("main")


async def test_a_confirmation_of_residence_is_downloaded(page: Page, country: Country, acts: Acts) -> None:
    """Form CT07: asked for, decided at once, a signed PDF that is a PDF (Law on Residence 68/2020 Art. 17)."""
    await acts.sign_in(page, country.residence, "thanh")
    await acts.start_filing(page, country.residence, "/confirmation", "thanh")
    await page.fill("#used_for", "Nộp hồ sơ nhập học cho con")
    await file(page, country)
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Tải giấy CT07 (PDF)").click()
    download = await downloading.value
    assert download.suggested_filename.startswith("CT07-")
    content = (await download.path()).read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"/ByteRange" in content  # signed (PAdES)


async def test_a_guardian_files_for_her_ward(page: Page, country: Country, acts: Acts) -> None:
    """Civil Code Arts. 46-57: chosen once at the portal, shown on every page, told in her history."""
    await enter(page, country, acts, "quynh", "/on-behalf")
    await page.goto(f"{country.issuer}/account/dependants")
    await page.fill("#number", WARDS_NUMBER)
    await page.fill("#name", WARD)
    for part, value in (("day", "1"), ("month", "12"), ("year", "1999")):
        await page.fill(f"[name=born_{part}]", value)
    await page.locator("form[action$='/dependants'] button").click()
    assert WARD in await page.inner_text("main")
    await page.goto(f"{country.residence}/on-behalf")
    await page.get_by_label(WARD).check()
    await page.get_by_role("button", name="Tiếp tục").click()
    assert WARD in await page.inner_text("aside.acting")
    await page.goto(f"{country.residence}/confirmation")
    await page.locator("main form button").click()
    assert WARD in await page.inner_text("main")
    await page.fill("#used_for", "Hồ sơ chế độ người khuyết tật")
    code = await file(page, country)
    told = await page.inner_text("main")
    assert acts.who("quynh").name in told, told
    await page.locator("aside.acting button").click()
    await page.goto(f"{country.residence}/dossiers")
    assert code not in await page.inner_text("main")
    await page.goto(f"{country.issuer}/account/history")
    assert "Bạn làm thay người khác" in await page.inner_text("main")

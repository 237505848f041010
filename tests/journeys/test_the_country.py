"""Lan's story: she signs in once, files temporary residence, walks through all portals and signs out everywhere."""

from playwright.async_api import Page

from clients.receipts import ReceiptChecker
from tests.journeys.acts import Acts
from tests.journeys.country import Country


async def test_one_sign_in_for_the_whole_country(page: Page, country: Country, acts: Acts) -> None:
    """Lan signs in once, files temporary residence to its receipt, visits every portal, and leaves all at once."""
    lan = acts.who("lan")
    await acts.sign_in(page, country.residence, "lan")
    assert lan.name in await page.inner_text("header")

    await acts.start_filing(page, country.residence, "/temporary-residence", "lan")
    assert lan.name in await page.inner_text("main .summary")  # the registry knows her: nothing to type
    await acts.fill_temporary_residence(page)
    await page.get_by_role("button", name="Kiểm tra hồ sơ").click()
    checks = page.locator("ul.checks > li")
    assert await checks.count() >= 7
    assert [await each.text_content() for each in await checks.locator(".tag").all()] == [
        "Đạt"
    ] * await checks.count()
    await page.get_by_role("button", name="Nộp hồ sơ").click()

    dossier = page.url.rpartition("/")[2]
    told = await page.inner_text("main")
    assert "Đang chờ ý kiến của người khác" in told  # Mr Phúc, the owner, answers for himself
    assert "3 ngày làm việc" in told  # Law on Residence 68/2020 Art. 28(3); it counts from receipt
    await the_receipt_holds(page, country, dossier)

    for portal in (country.national, country.insurance):
        await page.goto(f"{portal}/sign-in?next=/")
        await acts.arrive(page, portal)  # agreeing with one click at most; nothing is typed
        assert lan.name in await page.inner_text("header")
    await acts.until_shown(page, f"{country.national}/dossiers", dossier)
    await page.goto(f"{country.national}/who-looked")
    # The national portal stands there too: it was told whose dossier this is.
    looked = page.locator("ol.log > li").filter(has_text=dossier).filter(has_text="Cổng Cư trú").first
    assert "Tiếp nhận và kiểm tra hồ sơ đăng ký tạm trú" in await looked.inner_text()
    assert "Đã đối chiếu" in await page.inner_text("ol.log")

    await page.goto(f"{country.residence}/dossiers/{dossier}")
    await page.get_by_role("button", name="Đăng xuất").click()
    await page.wait_for_url(f"{country.residence}/signed-out*")
    for portal in country.portals:
        await acts.until_sign_in_is_asked(page, f"{portal}/dossiers")
    for _ in range(4):
        await page.go_back()
        shown = await page.inner_text("body")
        assert lan.name not in shown
        assert dossier not in shown


async def the_receipt_holds(page: Page, country: Country, dossier: str) -> None:
    """The downloaded receipt verifies offline with the registry's public keys, for this portal and dossier."""
    answer = await page.request.get(f"{country.residence}/dossiers/{dossier}/receipts/1")
    receipt = await answer.text()
    keys = await (await page.request.get(f"{country.registry}/.well-known/jwks.json")).json()
    claims = ReceiptChecker(keys, issuer=country.registry, audience="residence-portal").check(receipt)
    assert claims["dossier_code"] == dossier
    assert claims["identity"] == "established"
    await page.goto(f"{country.residence}/receipts/check")
    await page.fill("#receipt", receipt)
    await page.get_by_role("button", name="Kiểm tra", exact=False).last.click()
    assert dossier in await page.inner_text("main")
    await page.go_back()

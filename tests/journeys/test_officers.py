"""Officers' stories: no case, no look; nobody approves their own wish; what they do is felt at the portals."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.async_api import Browser, Page

from population_registry.dossiers.working_days import VIET_NAM
from tests.browser import opened
from tests.journeys.acts import Acts
from tests.journeys.country import Country

OWN = """request => {
    const form = document.querySelector("form[action='/console/sign-out']").cloneNode(true);
    form.action = '/console/requests/decide';
    for (const [name, value] of [['request', request], ['answer', 'approve']]) {
        const input = document.createElement('input');
        input.name = name; input.value = value; form.append(input);
    }
    document.body.append(form); form.submit();
}"""
"""What an officer who knows the form could send."""


async def enter(page: Page, country: Country, acts: Acts, key: str) -> None:
    """Sign in at the console, with both factors."""
    await page.goto(f"{country.registry}/console")
    await page.locator("form[action='/console/sign-in'] button").click()
    await acts.give_password(page, acts.who(key))
    await acts.give_code(page, acts.who(key))
    await page.wait_for_url(f"{country.registry}/console*")


async def at_the_cards_of(page: Page, number: str) -> None:
    """From the desk to somebody's card."""
    await page.goto(page.url.partition("/console")[0] + "/console")
    await page.fill("#number", number)
    await page.locator("form[action='/console/find'] button").click()
    await page.get_by_role("button", name="Thẻ, số định danh, tình trạng của người này").click()


async def order(page: Page, act: str, decision: str) -> None:
    """An act since today, checked and sent."""
    today = datetime.now(VIET_NAM)
    await page.check(f"input[value='{act}']")
    for part, value in (("#since", today.day), ("#since_month", today.month), ("#since_year", today.year)):
        await page.fill(part, str(value))
    await page.fill("#decision", decision)
    await page.get_by_role("button", name="Kiểm tra trước khi thực hiện").click()
    assert "khóa" in await page.inner_text("main .notice-warning")
    await page.locator("form[action='/console/identity/act'] button").click()
    await page.wait_for_load_state()


@pytest.mark.attack
async def test_a_card_held_at_the_desk_ends_its_holders_session(
    page: Page, browser: Browser, country: Country, acts: Acts
) -> None:
    """Attack 49; Law on Identity Art. 34(1)(c): case, second officer, order; then Phúc is signed in nowhere."""
    await acts.sign_in(page, country.residence, "phuc")
    async with opened(browser, 1280, 900) as officer:
        await enter(officer, country, acts, "can-tinh")
        await officer.select_option("#purpose", "identity_acts")
        await officer.get_by_role("button", name="Bắt đầu việc này").click()
        assert await officer.locator(".error-summary a[href='#case']").count(), (
            "without a case nobody is found"
        )
        assert not await officer.locator("form[action='/console/find']").count()
        await officer.fill("#case", "QD-2026-0412")
        await officer.get_by_role("button", name="Bắt đầu việc này").click()

        await at_the_cards_of(officer, acts.who("phuc").number)
        await order(officer, "identity.card-withdraw:altered", "31/QĐ-QLHC")
        assert officer.url == f"{country.registry}/console/requests"
        mine = officer.locator("section.card").filter(has_text="31/QĐ-QLHC")
        assert not await mine.locator("button[value=approve]").count()
        await acts_on_own_request(officer, country)

        await at_the_cards_of(officer, acts.who("phuc").number)
        await order(officer, "identity.card-withdraw:custody", "12/QĐ-CSĐT")
        assert "Thu hồi, giữ thẻ căn cước" in await officer.inner_text("h1")
        await acts.until_sign_in_is_asked(page, f"{country.residence}/dossiers")

        await at_the_cards_of(officer, acts.who("phuc").number)
        await order(officer, "identity.card-return:measure_ended", "13/QĐ-CSĐT")
        assert "Trả lại thẻ căn cước" in await officer.inner_text("h1")


async def acts_on_own_request(officer: Page, country: Country) -> None:
    """The officer sends the approval of their own request anyway."""
    shown = await officer.content()
    request = shown.partition('data-request="')[2].partition('"')[0]
    assert request
    async with officer.expect_navigation():
        await officer.evaluate(OWN, request)
    assert "Người duyệt phải là cán bộ khác" in await officer.inner_text("main")
    assert officer.url == f"{country.registry}/console/requests/decide"


async def test_an_insurer_refuses_and_the_money_goes_back(
    page: Page, browser: Browser, country: Country, acts: Acts
) -> None:
    """public-services.md section 13: paid, refused by the insurer's officer, given back at the portal."""
    await acts.start_filing(page, country.insurance, "/household-insurance", "hung")
    await page.fill("#facility", "Trạm Y tế phường Thuận Hóa (mô phỏng)")
    await page.check("#declaration")
    await page.locator("main form button.button-primary").first.click()
    await page.locator("form[action$='/file'] button").click()
    dossier, code = page.url, page.url.rpartition("/")[2]
    await page.get_by_role("button", name="Nộp").first.click()
    await page.get_by_role("radio").first.check()
    await page.locator("button[value=pay]").click()
    await page.wait_for_url(f"{country.insurance}/**")
    async with opened(browser, 1280, 900) as officer:
        await enter(officer, country, acts, "can-bao-hiem")
        for act, reason in (("receive", ""), ("refuse", "Đã tham gia theo nhóm người lao động")):
            await officer.goto(f"{country.registry}/console/dossiers")
            await officer.get_by_role("link", name=code).click()
            await officer.check(f"input[name=act][value={act}]")
            await officer.fill("#reason", reason)
            await officer.get_by_role("button", name="Thực hiện").click()
            await officer.wait_for_load_state()
        assert await officer.get_by_role("link", name="CT06").count()
    await acts.until_shown(page, dossier, "Đã hoàn tiền")

"""Locked between filing and decision: one's own lock stops the decision, the unlock at the police lets it go on."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from tests.browser import opened, screenshot
from tests.journeys.acts import SERIAL, Acts
from tests.journeys.country import Country

WHY = "tài khoản định danh của người nộp đang bị khóa"


@pytest.mark.attack
async def test_nothing_is_decided_for_whoever_locked_themselves(
    page: Page, browser: Browser, country: Country, acts: Acts
) -> None:
    """Attack 53; public services 13: the lock's page says it, the officer reads why, and nothing else is lost."""
    who = acts.who("nam-ct")
    await acts.sign_in(page, country.residence, who.key)
    code = await acts.file_correction(page, f"Khu vực Mẫu 2, số {next(SERIAL)}", who.key)
    dossier, desk = page.url, f"{country.registry}/console/dossiers/{code}"
    async with opened(browser, 1280, 900) as officer:
        await acts.be(officer, "can-trung-uong")
        await acts.enter_console(officer)
        await acts.decide(officer, code, "receive")

        await page.goto(f"{country.issuer}/account/security/lock")
        assert "chờ đến khi mở khóa mới được quyết định" in await page.inner_text("main")
        await page.click("main form button")
        await page.wait_for_url("**/locked")
        try:
            await acts.until_shown(officer, desk, WHY)
            await acts.decide(officer, code, "approve")
            assert "Điều kiện chưa được đáp ứng" in await officer.inner_text("main")
            await screenshot(officer, "journeys/locked-officer")
            await acts.until_sign_in_is_asked(page, dossier)
        finally:
            await country.run("idp", "unlock", who.number, "--reason", "own_request")

        await officer.goto(desk)
        await acts.until_gone(officer, WHY)
        await acts.decide(officer, code, "approve")
        assert not await officer.locator(".notice-danger").count()
    await acts.sign_in(page, country.residence, who.key)
    await acts.until_shown(page, dossier, "Hồ sơ đã được giải quyết")
    await screenshot(page, "journeys/locked-decided")

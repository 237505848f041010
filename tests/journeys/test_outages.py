"""Parts of the country go away and come back: people lose nothing but a moment."""

import asyncio

from playwright.async_api import Page

from tests.journeys.acts import Acts
from tests.journeys.country import Country

ONCE_MORE = 120.0  # seconds; assertions of portals from before the loss of Redis are refused for about ten


async def test_the_registry_is_away_while_filing(page: Page, country: Country, acts: Acts) -> None:
    """A clear page, the draft is kept, and filing goes on when the registry is back; nothing else is restarted."""
    await acts.sign_in(page, country.residence, "thao")
    await acts.start_filing(page, country.residence, "/temporary-residence", "thao")
    form = page.url
    await acts.fill_temporary_residence(page)
    async with country.without_registry():
        await page.get_by_role("button", name="Kiểm tra hồ sơ").click()
        assert "tạm thời không trả lời" in await page.inner_text("h1")
        assert "bản nháp" in await page.inner_text("main")
    await page.get_by_role("link", name="Tiếp tục bản nháp").click()
    assert page.url == form
    assert await page.input_value("#owner_number") == acts.who("phuc").number
    await page.get_by_role("button", name="Kiểm tra hồ sơ").click()
    assert page.url == f"{form}/review"
    await page.get_by_role("button", name="Nộp hồ sơ").click()
    assert "Đang chờ ý kiến của người khác" in await page.inner_text("main")


async def test_redis_forgets_everything(page: Page, country: Country, acts: Acts) -> None:
    """Redis is restarted empty: people sign in again, and drafts and dossiers are all there."""
    sau = acts.who("sau")
    await acts.sign_in(page, country.residence, "sau")
    await acts.start_filing(page, country.residence, "/temporary-residence", "sau")
    draft = page.url.rpartition("/")[2]
    await country.restart_redis()
    await page.goto(f"{country.issuer}/account")
    assert "/sign-in" in page.url
    await acts.give_password(page, sau)
    await page.wait_for_url(f"{country.issuer}/account")
    await page.context.clear_cookies(name="residence_portal_session")
    async with asyncio.timeout(ONCE_MORE):
        while page.url != f"{country.residence}/dossiers":
            await page.goto(f"{country.residence}/sign-in?next=/dossiers")
    assert draft in await page.inner_text("main")

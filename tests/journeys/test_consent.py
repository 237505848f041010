"""Mai's story: she is asked before the insurance portal learns anything, may say no, and may take a yes back."""

from playwright.async_api import Page

from tests.journeys.acts import Acts
from tests.journeys.country import Country
from tests.journeys.portal_of_the_test import PortalOfTheTest


async def test_consent_is_asked_kept_and_withdrawn(page: Page, country: Country, acts: Acts) -> None:
    """No leads to a clear page, yes is remembered, and a withdrawn yes ends tokens and session and asks again."""
    await page.goto(f"{country.insurance}/sign-in?next=/dossiers")
    await acts.give_password(page, acts.who("mai"))
    assert "/consent" in page.url
    asked = await page.inner_text("main")
    assert "Cổng Bảo hiểm xã hội" in asked
    assert acts.who("mai").number not in asked  # values are masked
    await page.click("button[value='deny']")
    await page.wait_for_url(f"{country.insurance}/callback?**")
    assert "không chia sẻ" in await page.inner_text("main")

    await page.get_by_role("link", name="Đăng nhập lại").click()
    await page.click("button[value='allow']")
    await page.wait_for_url(f"{country.insurance}/dossiers")
    await page.context.clear_cookies(name="insurance_portal_session")
    await page.goto(f"{country.insurance}/dossiers")
    assert page.url == f"{country.insurance}/dossiers"  # remembered: no question on the way

    portal = PortalOfTheTest(page, country, "insurance")
    await page.goto(portal.authorize())
    status, tokens = await portal.redeem(page.url)
    assert status == 200, tokens
    assert await portal.userinfo(tokens["access_token"]) == 200
    await page.goto(f"{country.issuer}/account/services")
    card = page.locator(".card").filter(has_text="Cổng Bảo hiểm xã hội")
    await card.get_by_role("button").click()
    assert page.url.endswith("?done=withdrawn")
    assert await portal.userinfo(tokens["access_token"]) == 401
    # the portal's own session ends by itself; the notice may still be on its way
    await acts.until_shown(page, f"{country.insurance}/dossiers", "xin xem dữ liệu của bạn")
    assert "/consent" in page.url

"""What is stolen or locked is worth nothing: codes in a redirect, sessions of a locked account."""

from playwright.async_api import Browser, Page

from tests.browser import opened
from tests.journeys.acts import Acts
from tests.journeys.country import Country
from tests.journeys.portal_of_the_test import PortalOfTheTest


async def test_a_stolen_code(browser: Browser, page: Page, country: Country, acts: Acts) -> None:
    """A code seen in the redirect opens nothing elsewhere, and a second redemption ends all (RFC 6749 4.1.2)."""
    portal = PortalOfTheTest(page, country, "national")
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if "/callback?" in request.url else None)
    await page.goto(portal.authorize())
    await acts.give_password(page, acts.who("tam"))
    await page.wait_for_url(f"{country.national}/callback?**")
    assert page.url == seen[0]  # the portal itself did not begin this and redeems nothing

    async with opened(browser, 1280, 900) as thief:
        await thief.goto(seen[0])
        assert acts.who("tam").name not in await thief.inner_text("body")
        await thief.goto(f"{country.national}/dossiers")
        assert thief.url.startswith(f"{country.issuer}/sign-in")

    status, tokens = await portal.redeem(seen[0])
    assert status == 200, tokens
    assert await portal.userinfo(tokens["access_token"]) == 200
    status, answer = await portal.redeem(seen[0])
    assert (status, answer["error"]) == (400, "invalid_grant")
    assert await portal.userinfo(tokens["access_token"]) == 401
    if "refresh_token" in tokens:
        status, answer = await portal.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        assert (status, answer["error"]) == (400, "invalid_grant")


async def test_a_lock_ends_everything_at_the_next_click(page: Page, country: Country, acts: Acts) -> None:
    """An administrator locks the account in the middle of filing: the next click asks to sign in, and that fails."""
    anh = acts.who("anh")
    await acts.sign_in(page, country.residence, "anh")
    await acts.start_filing(page, country.residence, "/temporary-residence", "anh")
    await page.goto(f"{country.national}/sign-in?next=/")
    await page.wait_for_url(f"{country.national}/")
    await country.run("idp", "lock", anh.number, "--reason", "own_request")
    try:
        for address in (f"{country.residence}/dossiers", f"{country.national}/dossiers"):
            await acts.until_sign_in_is_asked(page, address)
        await page.goto(f"{country.issuer}/account")
        assert "/sign-in" in page.url
        await acts.give_password(page, anh)
        assert "không đúng" in await page.inner_text("main")
    finally:
        await country.run("idp", "unlock", anh.number, "--reason", "own_request")

"""Keys turn while somebody is on the way through the portals."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import Page

from keys import KeyPurpose, KeyRing
from tests.journeys.acts import Acts
from tests.journeys.country import Country

TURNED = (KeyPurpose.ID_TOKEN, KeyPurpose.ACCESS_TOKEN, KeyPurpose.LOGOUT_TOKEN)


async def test_nobody_notices_a_rotation(page: Page, country: Country, acts: Acts) -> None:
    """Between one portal and the next all signing keys of the provider turn: signing in, asking and leaving go on."""
    await acts.sign_in(page, country.residence, "nam-bg")
    folder = country.place.keys("idp")
    ring = KeyRing.open(folder, mode="demo")
    before = {each: ring.signer(each, "ES256").kid for each in TURNED}
    for purpose in TURNED:  # published the day before yesterday, so they are due now
        ring.rotate(purpose, now=datetime.now(UTC) - timedelta(days=2))
    assert "serves now" in await country.run("keys", "--dir", str(folder), "rotate-due")
    ring.reload_if_changed()
    assert all(ring.signer(each, "ES256").kid != kid for each, kid in before.items())

    for portal in (country.national, country.insurance):
        await page.goto(f"{portal}/sign-in?next=/dossiers")
        await acts.arrive(page, portal)
        assert page.url == f"{portal}/dossiers"
    await page.goto(f"{country.national}/who-looked")
    assert await page.locator("ol.log").count()
    await page.get_by_role("button", name="Đăng xuất").click()
    for portal in country.portals:
        await acts.until_sign_in_is_asked(page, f"{portal}/dossiers")

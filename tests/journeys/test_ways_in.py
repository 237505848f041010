"""Ways to sign in, and the ways in which one is not let in."""

import re
from difflib import unified_diff

from playwright.async_api import Browser, Page

from tests.browser import opened
from tests.journeys.acts import Acts
from tests.journeys.country import Country, Persona


async def test_one_click_from_the_start_page(page: Page, country: Country, acts: Acts) -> None:
    """One click on a persona's card signs in with both factors; the portals know the person without typing."""
    khanh = acts.who("khanh")
    await page.goto(country.issuer)
    await page.get_by_role("button", name=f"Đăng nhập với tư cách {khanh.name}").click()
    await page.wait_for_url(f"{country.issuer}/account")
    await page.goto(f"{country.national}/sign-in?next=/")
    await page.wait_for_url(f"{country.national}/")
    assert khanh.name in await page.inner_text("header")


async def test_a_code_by_mail(page: Page, country: Country, acts: Acts) -> None:
    """Phúc has no app: filing asks for a second factor, and the code comes to his mailbox."""
    await acts.sign_in(page, country.residence, "phuc")
    await page.goto(f"{country.residence}/temporary-residence")
    await page.locator("main form button").click()
    assert "/sign-in/second-factor" in page.url
    code = await acts.mailed_code(page, acts.who("phuc"))
    await page.fill("#code", "000000" if code != "000000" else "111111")
    await page.click("button[value='code']")
    assert "Mã chưa đúng" in await page.inner_text("main")
    await page.fill("#code", code)
    await page.click("button[value='code']")
    await page.wait_for_url(f"{country.residence}/temporary-residence*")


async def test_a_level_that_is_not_enough(page: Page, country: Country, acts: Acts) -> None:
    """Tuấn has level 1: filing is refused with what to do about it, and the way back leads to the portal."""
    await page.goto(f"{country.residence}/temporary-residence")
    await page.locator("main form button").click()
    await acts.give_password(page, acts.who("tuan"))
    if "/second-factor" in page.url:
        await acts.give_code(page, acts.who("tuan"))
    assert "/sign-in/level" in page.url
    told = await page.inner_text("main")
    assert "mức độ 02" in told.lower()
    assert "công an" in told
    await page.get_by_role("button", name="Quay lại").click()
    await page.wait_for_url(f"{country.residence}/**")
    assert "Chưa đăng nhập được" in await page.inner_text("h1")


async def test_all_refusals_look_alike(browser: Browser, country: Country, acts: Acts) -> None:
    """A wrong password, a locked account, a deceased person and an unknown number: not one byte differs."""
    unknown = Persona("nobody", "099900009999", "", "Demo-khong-ai-2026!", "", "")
    shown = []
    for who, password in (
        (acts.who("bao"), "sai mật khẩu"),
        (acts.who("hanh"), None),
        (acts.who("loc"), None),
        (unknown, None),
    ):
        async with opened(browser, 1280, 900) as page:
            await page.goto(f"{country.national}/sign-in?next=/")
            await acts.give_password(page, who, password)
            shown.append(without_own_parts(await page.content(), who))
    assert "không đúng" in shown[0]
    for other in shown[1:]:
        assert not list(unified_diff(shown[0].splitlines(), other.splitlines(), n=0))


def without_own_parts(content: str, who: Persona) -> str:
    """A page without what differs between any two answers: tokens, nonces and the number that was typed."""
    content = content.replace(f'value="{who.number}"', 'value="NUMBER"')  # typed, and given back
    content = re.sub(r'nonce="[^"]*"', "", content)
    content = re.sub(r"i=[A-Za-z0-9_-]{16,}|i%3D[A-Za-z0-9_-]{16,}", "i=I", content)
    return re.sub(r'(name="(?:csrf[^"]*|i)" value=")[^"]*', r"\1", content)

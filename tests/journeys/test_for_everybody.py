"""Signing in and filing for people without a mouse, and in browsers without scripts."""

from playwright.async_api import Browser, Page

from tests.browser import opened
from tests.journeys.acts import Acts
from tests.journeys.country import Country

LONGEST_LIST = 200
FURTHEST = 80  # presses of Tab to anything on a page
HERE = "[document.activeElement].map(at => [at.name ?? '', at.value ?? '', at.innerText ?? ''])[0]"
OUTLINED = """[document.activeElement, document.activeElement.closest('.card-link')]
    .some(at => at && getComputedStyle(at).outlineStyle != 'none')"""  # a card shows the focus of its link


class Keyboard:
    """Hands that know Tab, Enter, Space and letters."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def reach(self, *, name: str = "", value: str = "", text: str = "") -> None:
        """Press Tab until the focus is on a control; it must be seen there (WCAG 2.4.7, 2.4.11)."""
        for _ in range(FURTHEST):
            await self.page.keyboard.press("Tab")
            at_name, at_value, at_text = await self.page.evaluate(HERE)
            if (name and (at_name, at_value) == (name, value or at_value)) or (
                text and at_text.strip() == text
            ):
                assert await self.page.evaluate(OUTLINED), (name, text)
                return
        raise AssertionError(f"Tab never reaches {name or text} on {self.page.url}")

    async def write(self, name: str, text: str) -> None:
        """Fill in a field."""
        await self.reach(name=name)
        await self.page.keyboard.press("Control+a")
        await self.page.keyboard.type(text)

    async def choose(self, name: str, option: str) -> None:
        """Go down a list until the option is chosen."""
        await self.reach(name=name)
        chosen = "document.activeElement.selectedOptions[0].text"
        for _ in range(LONGEST_LIST):
            if await self.page.evaluate(chosen) == option:
                return
            await self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{option} is not in the list {name}")

    async def press(self, text: str, address: str) -> None:
        """Press a button or follow a link, and arrive."""
        await self.reach(text=text)
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")
        await self.page.wait_for_url(address)


async def test_filing_without_a_mouse(page: Page, country: Country, acts: Acts) -> None:
    """From the portal's front page to a filed dossier with keys alone."""
    hands, who = Keyboard(page), acts.who("can-xa")
    await page.goto(country.residence)
    await hands.press("Đăng ký tạm trú", "**/temporary-residence")
    await hands.press("Đăng nhập để bắt đầu", "**/sign-in?**")
    await hands.write("personal_number", who.number)
    await hands.write("password", who.password)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await hands.write("code", await acts.app_code(who))
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await page.wait_for_url(f"{country.residence}/temporary-residence*")
    await hands.press("Bắt đầu khai", "**/temporary-residence/*")
    form = page.url.partition("#")[0]
    await hands.choose("province", "Hà Nội")
    await hands.press("Hiện danh sách xã, phường", "**/temporary-residence/*")
    await hands.choose("commune", "Cầu Giấy")
    await hands.write("address", "Căn hộ 12-05, số 8 ngõ 21, đường Hoa Sữa")
    await hands.reach(name="tenure")
    await page.keyboard.press("Space")
    await hands.write("owner_number", acts.who("phuc").number)
    await hands.write("owner_name", acts.who("phuc").name)
    await hands.reach(name="declaration")
    await page.keyboard.press("Space")
    await hands.press("Kiểm tra hồ sơ", f"{form}/review")
    await hands.press("Nộp hồ sơ", "**/dossiers/*")
    assert "Đang chờ ý kiến của người khác" in await page.inner_text("main")


async def test_without_scripts(browser: Browser, country: Country, acts: Acts) -> None:
    """Signing in, filing and signing out need no JavaScript."""
    async with opened(browser, 1280, 900, java_script_enabled=False) as page:
        await acts.sign_in(page, country.residence, "can-tinh")
        await acts.start_filing(page, country.residence, "/temporary-residence", "can-tinh")
        await acts.fill_temporary_residence(page)
        await page.get_by_role("button", name="Kiểm tra hồ sơ").click()
        await page.get_by_role("button", name="Nộp hồ sơ").click()
        assert "Đang chờ ý kiến của người khác" in await page.inner_text("main")
        await page.get_by_role("button", name="Đăng xuất").click()
        await page.wait_for_url(f"{country.residence}/signed-out*")

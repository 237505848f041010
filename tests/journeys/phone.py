"""What people do with the e-ID app on the phone in their hand."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Page

from tests.journeys.acts import Acts
from tests.software_phone import PIN


@dataclass(frozen=True, slots=True)
class AppOnAPhone:
    """A page that is the app, and whose it is."""

    page: Page
    acts: Acts
    key: str

    @property
    def address(self) -> str:
        """The app."""
        return self.acts.country.place.url("eid_app")

    async def enrol(self) -> None:
        """Register: password and code, then a key of the phone and a PIN."""
        page, who = self.page, self.acts.who(self.key)
        await page.goto(f"{self.address}/")
        await page.click("text=Bắt đầu đăng ký")
        await self.acts.give_password(page, who)
        await self.acts.give_code(page, who)
        await page.wait_for_selector("form[data-enrol]:not([hidden])")
        await page.fill("#pin", PIN)
        await page.fill("#again", PIN)
        await page.click("form[data-enrol] button")
        await self.shows("ready")

    async def shows(self, view: str) -> None:
        """Wait for one of the app's views."""
        await self.page.wait_for_selector(f"[data-view={view}]:not([hidden])")

    async def home(self) -> None:
        """Back to the first view."""
        await self.page.locator("[data-do=home]:visible").first.click()
        await self.shows("ready")

    async def take(self, desk: Page) -> None:
        """Take the code that another screen shows, typed by hand."""
        await desk.click("text=Đăng nhập bằng ứng dụng")
        await desk.click("text=Nhập mã bằng tay")
        code = await desk.inner_text("[data-code]")
        await self.page.click("[data-do=scan]")
        await self.page.fill("#code", code)
        await self.page.click("form[data-code] button")
        await self.shows("confirm")
        await desk.wait_for_selector("[data-part=taken]:not([hidden])")

    async def approve(self, number: str = "") -> None:
        """Yes, with the PIN, and with the two digits of a screen."""
        if number:
            await self.page.fill("#number", number)
        await self.page.fill("[data-answer] #pin", PIN)
        await self.page.click("button[value=approve]")
        await self.page.wait_for_selector("[data-view=ended]:not([hidden])")

    async def show_card(self) -> str:
        """Show the card; what its QR code holds."""
        await self.page.click("[data-do=card]")
        await self.page.fill("#card_pin", PIN)
        async with self.page.expect_response("**/eid/v1/device-acts") as answered:
            await self.page.click("form[data-show-card] button")
        told = await (await answered.value).json()
        await self.page.wait_for_selector("[data-card-shown]:not([hidden])")
        return f"{self.acts.country.issuer}/check-card#{told['presentation']}"

    async def open_consent(self, code: str) -> None:
        """The question of a dossier, with the field of the PIN: this phone is registered."""
        await self.page.goto(f"{self.address}/sign-in?next=/consents")
        if "/sign-in" in self.page.url:
            await self.acts.give_password(self.page, self.acts.who(self.key))
        await self.acts.arrive(self.page, self.address)
        await self.page.goto(f"{self.address}/consents/{code}")
        if "/second-factor" in self.page.url:
            await self.acts.give_code(self.page, self.acts.who(self.key))
        await self.page.wait_for_selector("[data-signing]:not([hidden])")

    async def give_up(self) -> None:
        """Forget this phone: from now on its owner agrees without one again."""
        await self.page.goto(f"{self.address}/")
        await self.shows("ready")
        await self.page.locator("[data-do=settings]:visible").first.click()
        await self.shows("settings")
        await self.page.locator("details:has([data-do=give_up]) summary").click()
        await self.page.click("[data-do=give_up]")
        await self.shows("new")

    async def sign_consent(self) -> None:
        """Yes, signed by the phone."""
        await self.page.fill("#pin", PIN)
        async with self.page.expect_navigation():
            await self.page.click("button[value=yes]")

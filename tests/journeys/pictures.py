"""The pictures of docs/tour.md, taken from the running demo: ``python -m tests.journeys.pictures``."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, async_playwright

from tests.browser import CHROMIUM, opened
from tests.journeys.acts import Acts
from tests.journeys.country import ROOT, Country, running_country

FOLDER: Final = ROOT / "docs" / "images"
DESK, PHONE = (1000, 760), (390, 780)
Scene = Callable[["Camera"], Awaitable[None]]


class Camera:
    """A page in a browser of its own, somebody to be, and where pictures go."""

    def __init__(self, page: Page, country: Country) -> None:
        self.page = page
        self.country = country
        self.acts = Acts(country)

    async def be(self, key: str) -> None:
        """Sign in with both factors by one press on the start page."""
        await self.page.goto(f"{self.country.issuer}/?lang=vi")
        name = self.acts.who(key).name
        await self.page.get_by_role("button", name=f"Đăng nhập với tư cách {name}").click()
        await self.page.wait_for_url("**/account")

    async def enter(self, portal: str, path: str) -> None:
        """Open a page of a portal, signed in there without typing."""
        await self.page.goto(f"{portal}/sign-in?next={path}")
        await self.acts.arrive(self.page, portal)

    async def take(self, name: str, *, whole: bool = False) -> None:
        """Keep what the screen shows, or the whole page."""
        await self.page.evaluate("document.activeElement && document.activeElement.blur()")
        await self.page.screenshot(path=FOLDER / f"{name}.png", full_page=whole)


async def start(camera: Camera) -> None:
    """Portals to try, people to be."""
    await camera.page.goto(f"{camera.country.issuer}/?lang=vi")
    await camera.take("start")


async def filing(camera: Camera) -> None:
    """Lan files a temporary residence; then who looked at her."""
    page, country = camera.page, camera.country
    await camera.be("lan")
    await camera.acts.start_filing(page, country.residence, "/temporary-residence", "lan")
    await camera.acts.fill_temporary_residence(page)
    await page.get_by_role("button", name="Kiểm tra hồ sơ").click()
    await camera.take("checks")
    await page.get_by_role("button", name="Nộp hồ sơ").click()
    code = page.url.rpartition("/")[2]
    await camera.take("dossier", whole=True)
    await camera.enter(country.national, "/")
    await camera.acts.until_shown(page, f"{country.national}/dossiers", code)
    await camera.take("all-dossiers")
    await page.goto(f"{country.national}/who-looked")
    await camera.take("who-looked")


async def statistics(camera: Camera) -> None:
    """What the nation's authorities did with its dossiers."""
    await camera.page.goto(f"{camera.country.national}/statistics")
    await camera.take("statistics")


async def account(camera: Camera) -> None:
    """The account centre's security page, on a phone."""
    await camera.be("hung")
    await camera.page.goto(f"{camera.country.issuer}/account/security")
    await camera.take("account")


SCENES: Final[dict[Scene, tuple[int, int]]] = {
    start: DESK,
    filing: DESK,
    statistics: DESK,
    account: PHONE,
}


async def shoot(country: Country) -> None:
    """Play every scene in a browser profile of its own."""
    async with async_playwright() as playwright:
        browser: Browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for scene, size in SCENES.items():
            async with opened(browser, *size) as page:
                await scene(Camera(page, country))
        await browser.close()


def main() -> None:
    """Start the country, take the pictures, stop it."""
    with tempfile.TemporaryDirectory() as folder, running_country(Path(folder)) as country:
        asyncio.run(shoot(country))


if __name__ == "__main__":
    main()

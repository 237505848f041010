"""The pictures of docs/tour.md, taken from the running demo: ``python -m tests.journeys.pictures``.

Names of scenes limit it to these: ``python -m tests.journeys.pictures phone counter``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, async_playwright

from tests.browser import CHROMIUM, opened
from tests.journeys.acts import Acts
from tests.journeys.country import ROOT, Country, running_country
from tests.journeys.phone import AppOnAPhone

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
        await self.acts.be(self.page, key)

    async def enter(self, portal: str, path: str) -> None:
        """Open a page of a portal, signed in there without typing."""
        await self.page.goto(f"{portal}/sign-in?next={path}")
        await self.acts.arrive(self.page, portal)

    @contextlib.asynccontextmanager
    async def somebody_else(self, key: str, size: tuple[int, int]) -> AsyncIterator[Camera]:
        """A screen of its own, with somebody signed in unless ``key`` is empty."""
        browser = self.page.context.browser
        assert browser is not None
        async with opened(browser, *size) as page:
            other = Camera(page, self.country)
            if key:
                await other.be(key)
            yield other

    async def choose_password(self, key: str, password: str) -> None:
        """Follow the link that an officer had sent, and choose a password."""
        page, who = self.page, self.acts.who(key)
        await self.acts.until_shown(
            page, f"{self.country.issuer}/demo/outbox?to={who.email}", "/recover/continue"
        )
        link = re.search(r"https?://\S*/recover/continue\S*", await page.inner_text("pre.mail >> nth=0"))
        assert link is not None
        await page.goto(link[0])
        await page.fill("#new_password", password)
        await page.fill("#new_password_again", password)
        await page.locator("main form button").first.click()
        await page.wait_for_url("**/recover/done*")

    async def agree(self, key: str, code: str, picture: str = "", password: str | None = None) -> None:
        """Say yes, as an owner, to what a dossier asks; ``password`` where nobody is signed in yet."""
        await self.page.goto(f"{self.country.residence}/sign-in?next=/consents")
        if password is not None:
            await self.acts.give_password(self.page, self.acts.who(key), password)
        await self.acts.arrive(self.page, self.country.residence)
        await self.page.goto(f"{self.country.residence}/consents/{code}")
        if "/second-factor" in self.page.url:
            await self.acts.give_code(self.page, self.acts.who(key))
        if picture:
            await self.take(picture)
        for role in await self.page.get_by_role("checkbox").all():
            await role.check()
        await self.page.locator("button[value=yes]").click()
        await self.page.wait_for_load_state()

    async def file_temporary_residence(self, key: str) -> str:
        """File as somebody who rents Mr Phúc's flat; the dossier's code."""
        residence = self.country.residence
        await self.acts.start_filing(self.page, residence, "/temporary-residence", key)
        await self.acts.fill_temporary_residence(self.page)
        await self.page.get_by_role("button", name="Kiểm tra hồ sơ").click()
        await self.page.get_by_role("button", name="Nộp hồ sơ").click()
        await self.page.wait_for_url(f"{residence}/dossiers/**")
        return self.page.url.rpartition("/")[2]

    async def ask_in_app(self, scanned: str) -> None:
        """As a clerk: receive whom the scanned card names, and ask for their yes in the app."""
        page = self.page
        await self.enter(self.country.counter, "/cases/new")
        await page.check("[name=service][value='1.010041']")
        await page.fill("#card", scanned)
        await page.get_by_role("button", name="Kiểm tra và bắt đầu").click()
        await page.fill("#used_for", "Nộp hồ sơ nhập học cho con")
        await page.get_by_role("button", name="người dân xác nhận").click()
        await page.check("[name=way][value=app]")
        await page.get_by_role("button", name="Xin xác nhận").click()

    async def enter_console(self) -> None:
        """Sign in at the operators' console."""
        await self.acts.enter_console(self.page)

    async def raise_level(self, key: str) -> None:
        """Compare card, face and fingerprint of somebody at the desk, and raise their e-ID to level 2."""
        page = self.page
        await self.acts.open_record(page, key, "TK01-2026-15")
        await page.get_by_role("button", name="Tài khoản định danh điện tử của người này").click()
        await page.check("input[name=act][value=issue]")
        for compared in ("card", "face", "fingerprint"):
            await page.check(f"input[name=compared][value={compared}]")
        await page.fill("#email", self.acts.who(key).email)
        await page.locator("form[action='/console/eid/act']").scroll_into_view_if_needed()
        await self.take("console-eid")
        await page.locator("form[action='/console/eid/act'] button").last.click()
        await page.wait_for_load_state()
        assert await page.locator(".notice-success").count(), await page.inner_text("main")

    async def decide(self, code: str) -> None:
        """Receive, approve and hand over, as the officer whose territory it is."""
        for act in ("receive", "approve", "return_result"):
            if act == "approve":
                await self.page.goto(f"{self.country.registry}/console/dossiers/{code}")
                await self.take("console-dossier")
            await self.acts.decide(self.page, code, act)

    async def take(self, name: str, *, whole: bool = False) -> None:
        """Keep what the screen shows, or the whole page."""
        await self.page.evaluate("document.activeElement && document.activeElement.blur()")
        await self.page.screenshot(path=FOLDER / f"{name}.png", full_page=whole)


async def start(camera: Camera) -> None:
    """Portals to try, people to be."""
    await camera.page.goto(f"{camera.country.issuer}/?lang=vi")
    await camera.take("start")


async def residence(camera: Camera) -> None:
    """A temporary residence from Lan's form to its result: she pays, two owners agree, an officer decides."""
    page, country = camera.page, camera.country
    await camera.be("lan")
    await camera.acts.start_filing(page, country.residence, "/temporary-residence", "lan")
    await camera.acts.fill_temporary_residence(page)
    await page.get_by_role("button", name="Kiểm tra hồ sơ").click()
    await camera.take("checks")
    await page.get_by_role("button", name="Nộp hồ sơ").click()
    dossier = page.url
    code = dossier.rpartition("/")[2]
    await camera.take("dossier")
    await page.get_by_role("button", name="Nộp phí").click()
    await page.get_by_role("radio").first.check()
    await camera.take("payment")
    await page.locator("button[value=pay]").click()
    await page.wait_for_url(f"{country.residence}/**")
    async with camera.somebody_else("phuc", PHONE) as owner:
        await owner.agree("phuc", code, "consent")
    async with camera.somebody_else("can-tinh", DESK) as officer:
        await officer.enter_console()
        await officer.raise_level("hoa")
    async with camera.somebody_else("", PHONE) as owner:
        await owner.choose_password("hoa", "Hoa-2026-can-ho!")
        await owner.agree("hoa", code, password="Hoa-2026-can-ho!")
    async with camera.somebody_else("can-xa", DESK) as officer:
        await officer.enter_console()
        await officer.decide(code)
    await camera.acts.until_shown(page, dossier, "Đã trả kết quả")
    await camera.take("result")
    await camera.enter(country.national, "/")
    await camera.acts.until_shown(page, f"{country.national}/dossiers?view=all", code)
    await camera.take("all-dossiers")
    await page.goto(f"{country.national}/who-looked")
    await camera.take("who-looked")


async def statistics(camera: Camera) -> None:
    """What the nation's authorities did with its dossiers."""
    await camera.page.goto(f"{camera.country.national}/statistics")
    await camera.page.locator("svg").first.scroll_into_view_if_needed()
    await camera.take("statistics")


async def account(camera: Camera) -> None:
    """The account centre's security page, on a phone."""
    await camera.be("hung")
    await camera.page.goto(f"{camera.country.issuer}/account/security")
    await camera.take("account")


async def counter(camera: Camera) -> None:
    """A clerk receives a citizen whose card was read."""
    page, citizen = camera.page, camera.acts.who("phuc")
    await camera.be("mot-cua")
    await camera.enter(camera.country.counter, "/cases/new")
    await page.check("[name=service][value='1.010041']")
    await page.fill("#card", f"{citizen.number}||{citizen.name}|09021968|Nam|Hà Nội|20062021")
    await page.get_by_role("button", name="Kiểm tra và bắt đầu").click()
    await page.fill("#used_for", "Nộp hồ sơ nhập học cho con")
    await page.get_by_role("button", name="người dân xác nhận").click()
    await camera.take("counter")


async def phone(camera: Camera) -> None:
    """Mr Phúc's phone: registered, it opens a desk, shows his card to a clerk, answers her, and signs his consent."""
    page, country, acts = camera.page, camera.country, camera.acts
    app = AppOnAPhone(page, acts, "phuc")
    await app.enrol()
    await camera.take("app-ready")
    async with camera.somebody_else("", DESK) as desk:
        await desk.page.goto(f"{country.national}/sign-in?next=/")
        await desk.page.click("text=Đăng nhập bằng ứng dụng")
        await desk.take("app-qr")
        await desk.page.go_back()
        await app.take(desk.page)
        await camera.take("app-confirm", whole=True)
        await app.approve(await desk.page.inner_text("[data-number]"))
        await desk.page.wait_for_url(f"{country.national}/")
    await app.home()
    scanned = await app.show_card()
    await camera.take("app-card", whole=True)
    async with camera.somebody_else("mot-cua", DESK) as clerk:
        await clerk.page.goto(f"{scanned.partition('#')[0]}?lang=vi")
        await clerk.page.fill("#card", scanned)
        await clerk.page.get_by_role("button", name="Kiểm tra").click()
        await clerk.take("card-check")
        await clerk.ask_in_app(scanned)
        await app.home()
        await page.click("[data-requests] button")
        await app.shows("confirm")
        await camera.take("app-request", whole=True)
        await app.approve()
    async with camera.somebody_else("can-tinh", DESK) as officer:
        await officer.enter_console()
        await acts.open_record(officer.page, "phuc", "TK01-2026-16")
        await app.home()
        await officer.page.fill("#card", await app.show_card())
        await officer.page.locator("form[action='/console/compare'] button").click()
        await officer.page.wait_for_selector(".notice-success")
        await officer.take("console-card")
    async with camera.somebody_else("ngoc", DESK) as lodger:
        code = await lodger.file_temporary_residence("ngoc")
    await app.open_consent(code)
    await camera.take("app-consent", whole=True)
    await app.sign_consent()


SCENES: Final[dict[Scene, tuple[int, int]]] = {
    start: DESK,
    residence: DESK,
    phone: PHONE,
    statistics: DESK,
    account: PHONE,
    counter: DESK,
}


async def shoot(country: Country, wanted: set[str]) -> None:
    """Play every scene, or those wanted, in a browser profile of its own."""
    async with async_playwright() as playwright:
        browser: Browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for scene, size in SCENES.items():
            if wanted and scene.__name__ not in wanted:
                continue
            async with opened(browser, *size) as page:
                await scene(Camera(page, country))
        await browser.close()


def main() -> None:
    """Start the country, take the pictures, stop it."""
    names = [scene.__name__ for scene in SCENES]
    parser = argparse.ArgumentParser(prog="python -m tests.journeys.pictures", description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"of {', '.join(names)}; all without any")
    wanted = set(parser.parse_args().scenes)
    if wanted - set(names):
        parser.error(f"no such scene: {', '.join(sorted(wanted - set(names)))}")
    with tempfile.TemporaryDirectory() as folder, running_country(Path(folder)) as country:
        asyncio.run(shoot(country, wanted))


if __name__ == "__main__":
    main()

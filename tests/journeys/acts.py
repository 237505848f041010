"""What people do in every story, on the page before them: sign in, read codes, fill in forms."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
import re
import struct
import time
from dataclasses import dataclass
from typing import ClassVar

from playwright.async_api import Page

from tests.journeys.country import Country, Persona

STEP = 30  # seconds; RFC 6238 section 5.2
ON_THE_WAY = 15  # seconds that a code may need from the app to the provider
LOOK = 0.1  # seconds between two looks at the app
SIX_DIGITS = r"\b\d{6}\b"
PATIENCE = 120.0  # seconds for what travels between services: mail, news, logout tokens
SERIAL = itertools.count(1)
"""No two dossiers of these stories are the same, unless a story wants them to be."""


def code_at(secret: str, step: int) -> str:
    """What an authenticator app shows in a time step (RFC 4226 section 5.3), written without the provider's code."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1)
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 1_000_000:06d}"


def usable_step(now: float, used: set[int]) -> int | None:
    """A time step whose code was not used and is accepted for a while yet (the provider forgives one to either side).

    The code of the step before is refused from one moment to the next when the current step ends.
    """
    current, gone = divmod(now, STEP)
    usable = [int(current), int(current) + 1]
    if STEP - gone > ON_THE_WAY:
        usable.append(int(current) - 1)
    return next((step for step in usable if step not in used), None)


@dataclass(frozen=True, slots=True)
class Acts:
    """The acts of one story."""

    country: Country
    used_steps: ClassVar[dict[str, set[int]]] = {}

    def who(self, key: str) -> Persona:
        """A persona by its key."""
        return self.country.people[key]

    async def give_password(self, page: Page, who: Persona, password: str | None = None) -> None:
        """Fill in the sign-in page and send it."""
        await page.fill("#personal_number", who.number)
        await page.fill("#password", who.password if password is None else password)
        async with page.expect_navigation():
            await page.click("button[value='sign-in']")

    async def app_code(self, who: Persona) -> str:
        """The code of the persona's app; whose codes of this minute are all used waits for the next one."""
        used = self.used_steps.setdefault(who.key, set())
        while True:
            if (step := usable_step(time.time(), used)) is not None:
                used.add(step)
                return code_at(who.totp_secret, step)
            await asyncio.sleep(LOOK)

    async def mails(self, page: Page, who: Persona) -> list[str]:
        """The newest mails to somebody, read on the demo's outbox page in another tab."""
        tab = await page.context.new_page()
        await tab.goto(f"{self.country.issuer}/demo/outbox?to={who.email}")
        texts = await tab.locator("pre.mail").all_inner_texts()
        await tab.close()
        return texts

    async def next_mail(self, page: Page, who: Persona, says: str, before: list[str]) -> str:
        """Wait for a mail that was not there ``before`` and matches ``says``; another one may come first."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for text in await self.mails(page, who):
                    if text not in before and re.search(says, text):
                        return text

    async def mailed_code(self, page: Page, who: Persona) -> str:
        """Ask for a code by e-mail and read it."""
        before = await self.mails(page, who)
        await page.click("button[value='mail']")
        found = re.search(SIX_DIGITS, await self.next_mail(page, who, SIX_DIGITS, before))
        assert found
        return found[0]

    async def give_code(self, page: Page, who: Persona) -> None:
        """The second factor, from the app or from the mailbox."""
        code = await self.app_code(who) if who.totp_secret else await self.mailed_code(page, who)
        await page.fill("#code", code)
        async with page.expect_navigation():
            await page.click("button[value='code']")

    async def sign_in(self, page: Page, portal: str, key: str) -> None:
        """Sign in at a portal's front page with the password, agreeing where the portal has to ask."""
        await page.goto(portal)
        await page.click(".masthead a[href^='/sign-in']")
        await self.give_password(page, self.who(key))
        await self.arrive(page, portal)

    async def be(self, page: Page, key: str) -> None:
        """Sign in with both factors by one press on the start page."""
        await page.goto(f"{self.country.issuer}/?lang=vi")
        await page.get_by_role("button", name=f"Đăng nhập với tư cách {self.who(key).name}").click()
        await page.wait_for_url("**/account")

    async def enter_console(self, page: Page) -> None:
        """Sign in at the operators' console, as whoever is signed in at the provider."""
        await page.goto(f"{self.country.registry}/console")
        await page.locator("form[action='/console/sign-in'] button").click()
        await page.wait_for_url(f"{self.country.registry}/console*")

    async def open_record(self, page: Page, key: str, case: str) -> None:
        """As an officer at the console: say that somebody stands before the desk, and open their record."""
        await page.select_option("#purpose", "verify_in_person")
        await page.fill("#case", case)
        await page.get_by_role("button", name="Bắt đầu việc này").click()
        await page.fill("#number", self.who(key).number)
        await page.locator("form[action='/console/find'] button").click()

    async def decide(self, page: Page, code: str, act: str, reason: str = "") -> None:
        """One act of an officer about a dossier, every open check confirmed."""
        await page.goto(f"{self.country.registry}/console/dossiers/{code}")
        await page.check(f"input[name=act][value={act}]")
        await page.fill("#reason", reason)
        for check in await page.locator("input[name=confirmed]").all():
            await check.check()
        await page.get_by_role("button", name="Thực hiện").click()
        await page.wait_for_load_state()

    async def arrive(self, page: Page, portal: str) -> None:
        """Be back at the portal; consent is given on the way where it is asked for."""
        if page.url.startswith(f"{self.country.issuer}/consent"):
            await page.click("button[value='allow']")
        await page.wait_for_url(f"{portal}/**")

    async def until_shown(self, page: Page, address: str, text: str) -> None:
        """Load a page until it shows ``text``."""
        async with asyncio.timeout(PATIENCE):
            await page.goto(address)
            while text not in await page.inner_text("main"):
                await page.goto(address)

    async def until_gone(self, page: Page, text: str) -> None:
        """Load the page that is open until it no longer shows ``text``."""
        async with asyncio.timeout(PATIENCE):
            while text in await page.inner_text("main"):
                await page.reload()

    async def until_sign_in_is_asked(self, page: Page, address: str) -> None:
        """Load a private page until it asks to sign in; a logout token may still be on its way."""
        async with asyncio.timeout(PATIENCE):
            await page.goto(address)
            while not page.url.startswith(f"{self.country.issuer}/sign-in"):
                await page.goto(address)

    async def start_filing(self, page: Page, portal: str, path: str, key: str) -> None:
        """From a procedure's page to its form, giving whatever factor is still asked for."""
        await page.goto(portal + path)
        start = page.locator("main form button")
        await start.click()
        if "/sign-in?" in page.url:
            await self.give_password(page, self.who(key))
        if "/second-factor" in page.url:
            await self.give_code(page, self.who(key))
        await self.arrive(page, portal)
        if page.url == portal + path:
            await page.locator("main form button").click()
        await page.wait_for_url(re.compile(re.escape(portal + path) + r"/[^/]+"))

    async def file_correction(self, page: Page, address: str, key: str) -> str:
        """File how a permanent residence's address is to be written (no consent, one officer); the dossier's code."""
        residence = self.country.residence
        await self.start_filing(page, residence, "/correct-residence", key)
        await page.check("[name=what][value=address]")
        await page.click("button[value='show-what']")
        await page.check("[name=kind][value=permanent]")
        await page.fill("[name=address]", address)
        await page.check("#declaration")
        await page.get_by_role("button", name="Kiểm tra hồ sơ").click()
        await page.get_by_role("button", name="Nộp hồ sơ").click()
        await page.wait_for_url(f"{residence}/dossiers/*")
        return page.url.rpartition("/")[2]

    async def fill_temporary_residence(self, page: Page) -> None:
        """What Lan adds to her pre-filled form: she rents the flat of Mr Phúc, who agrees."""
        owner = self.who("phuc")
        if not await page.locator("select#commune").count():
            await page.select_option("#province", "01")
            await page.click("button[value='show-commune']")
            await page.select_option("#commune", "00166")
            await page.fill("#address", "Căn hộ 12-05, số 8 ngõ 21, đường Hoa Sữa")
        await page.check("[name=tenure][value=rented]")
        await page.fill("#owner_number", owner.number)
        await page.fill("#owner_name", owner.name)
        await page.check("#declaration")

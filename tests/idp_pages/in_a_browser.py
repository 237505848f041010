"""The provider on a port of its own, for Chromium."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from fastapi import FastAPI
from playwright.async_api import Page

from idp.app import create_app
from idp.settings import Settings
from tests.browser import serving
from tests.idp_pages.conftest import furnish

LAN = ("099194000101", "Demo-lan-2026!")
HOA = ("099170000103", "Demo-hoa-2026!")


@dataclass(frozen=True, slots=True)
class Served:
    """A provider that browsers reach."""

    app: FastAPI
    issuer: str

    async def register(self, client: object) -> None:
        """One more client."""
        await self.app.state.storage.clients.save(client)


@asynccontextmanager
async def provider_at(settings: Settings, port: int) -> AsyncIterator[Served]:
    """The provider at ``http://localhost:<port>``."""
    issuer = f"http://localhost:{port}"
    app = create_app(replace(settings, public_url=issuer))
    async with serving(app, port=port):
        await furnish(app)
        yield Served(app, issuer)


async def sign_in(page: Page, person: tuple[str, str] = LAN) -> None:
    """Type number and password on the page that is shown."""
    await page.fill("form[action='/sign-in'] input[name=personal_number]", person[0])
    await page.fill("form[action='/sign-in'] input[name=password]", person[1])
    await page.click(
        "form[action='/sign-in'] button[value=sign-in], form[action='/sign-in'] button[type=submit]"
    )

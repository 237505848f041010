"""The check page in a real browser: both languages, desk and phone, light and dark, without a script."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from keys import KeyRing
from tests.browser import assert_accessible, opened, screenshot, serving
from tests.ports import free_port
from tests.registry_api.confirmed import HUNG, claims_of
from tests.registry_api.conftest import Registry

pytestmark = pytest.mark.engine
WAYS = {"vi-desk": (1280, 900, "vi-VN"), "vi-phone": (320, 640, "vi-VN"), "en-phone": (390, 800, "en-GB")}


@pytest.mark.journey
@pytest.mark.parametrize("way", WAYS)
async def test_a_paper_is_checked_in_a_browser(
    start: Callable[..., AsyncIterator[Registry]],
    persona_database: str,
    budget_clean: None,
    key_rings: tuple[Path, KeyRing],
    browser: Browser,
    way: str,
) -> None:
    """Empty, with mistakes, unknown, valid: axe finds nothing, nothing scrolls sideways, no script is needed."""
    width, height, locale = WAYS[way]
    port = free_port()
    own: dict[str, Any] = {"public_url": f"http://localhost:{port}"}
    async for registry in start(persona_database, **own):
        token = registry.issuer.personal(HUNG, aud=own["public_url"])
        order = {"purpose": "Bổ sung hồ sơ nhập học", "procedure_code": "1.010041"}
        answer = await registry.post("/v1/confirmations", order, token)
        code = claims_of(answer.json()["confirmation"])["code"]
        async with (
            serving(registry.app, port=port) as base,
            opened(browser, width, height, locale=locale, java_script_enabled=True) as page,
        ):
            for what, typed_code, ending in (
                ("empty", None, None),
                ("mistakes", "7KQ4", "12"),
                ("unknown", "0000-0000-0000-0000", "0000"),
                ("valid", code, HUNG[-4:]),
            ):
                await page.goto(f"{base}/check")
                if typed_code is not None and ending is not None:
                    await page.fill("#code", typed_code)
                    await page.fill("#ending", ending)
                    await page.locator("main form button").first.click()
                await assert_accessible(page)
                await screenshot(page, f"check/{way}-{what}")
            shown = await page.inner_text("main")
            assert ("The paper holds" if locale == "en-GB" else "Giấy còn giá trị") in shown
            assert "Lê Quang Hùng" in shown

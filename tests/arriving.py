"""Whoever presses a button in a browser reads the next page when it is whole, not while it is still arriving.

Playwright's ``click`` returns as soon as the next document has *begun*. What is read then (``inner_text("main")``)
may be the part that the browser has parsed so far: of pages of 40 kB every second one was read in part. A person
waits until the page stands; here the click does.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Locator, Page

ACTS = ("click", "press")
"""The acts that may lead to another page. Who presses a key of ``page.keyboard`` waits for an address."""

Act = Callable[..., Awaitable[None]]


def arrived(act: Act) -> Act:
    """The act, done when the document that it led to is whole (at once where it led nowhere)."""

    @functools.wraps(act)
    async def acted(where: Page | Locator, *words: Any, **options: Any) -> None:
        await act(where, *words, **options)
        page = where if isinstance(where, Page) else where.page
        if not page.is_closed():
            await page.wait_for_load_state("domcontentloaded")

    return acted


def arrive_whole(patch: pytest.MonkeyPatch) -> None:
    """Until the patch is undone, every click of every page arrives."""
    for where in (Page, Locator):
        for name in ACTS:
            patch.setattr(where, name, arrived(getattr(where, name)))

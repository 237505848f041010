"""A real browser for every test that looks at pages: Chromium through Playwright's asynchronous interface.

Fixtures: ``browser`` (one per session), ``page`` (1280 px), ``phone_page`` (320 px). Both pages speak Vietnamese
first and fail the test on script errors and on anything that the Content-Security-Policy blocked. `serving` runs
an application on a free port; `assert_accessible` and `screenshot` judge and keep what is shown.
"""

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.async_api import Browser, Page, async_playwright

from tests.arriving import arrive_whole

SCREENS = Path(__file__).parent.parent / "var" / "screens"
KEEP_PICTURES = bool(os.environ.get("DINHDANH_SCREENS"))
STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PATIENCE = (
    60_000  # milliseconds; how long a story waits for what never comes, so a slow machine costs nothing
)
BROWSERS = ("chromium", "chromium-browser")
WHOLE = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or WHOLE
"""The shell is the same engine without a window around it, at half the processor time."""
SCHEMES = ("light", "dark")
COLOUR_RULES = ("color-contrast", "link-in-text-block")
"""What of axe depends on the colour scheme: structure and names are the same in both."""
JUDGE = "options => axe.run(options).then(found => ({violations: found.violations}))"
"""axe also tells what holds, on every element: that would be carried over for nobody to read."""


@contextlib.asynccontextmanager
async def launched(program: str | None) -> AsyncIterator[Browser]:
    """A headless Chromium; a click in it is done when the page that it led to is whole."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
        )
        with pytest.MonkeyPatch.context() as patch:
            arrive_whole(patch)
            yield started
        await started.close()


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the session, without a window where the machine has it so."""
    async with launched(CHROMIUM) as started:
        yield started


@pytest_asyncio.fixture(scope="session")
async def whole_browser() -> AsyncIterator[Browser]:
    """The whole one: it hides cookies of third parties, and keeps the address of a page that does not answer."""
    async with launched(WHOLE) as started:
        yield started


@contextlib.asynccontextmanager
async def opened(browser: Browser, width: int, height: int, **options: Any) -> AsyncIterator[Page]:
    """A page in a fresh context (own cookies) of a given size; its script and policy errors fail the test."""
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        **{"locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh", **options},
    )
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if blocked(line.type, line.text) else None)
    yield page
    await context.close()
    assert not wrong, wrong


def blocked(kind: str, text: str) -> bool:
    """Whether a console line tells of a script error or a blocked resource; a refused page itself is no error."""
    return kind == "error" and not text.startswith("Failed to load resource")


@pytest_asyncio.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page on a desk screen, 1280 px wide."""
    async with opened(browser, 1280, 900) as each:
        yield each


@pytest_asyncio.fixture
async def phone_page(browser: Browser) -> AsyncIterator[Page]:
    """A page on the narrowest screen that WCAG 2.2 asks for (1.4.10 Reflow), 320 px wide."""
    async with opened(browser, 320, 640, has_touch=True) as each:
        yield each


async def assert_accessible(page: Page, *, schemes: tuple[str, ...] = SCHEMES) -> None:
    """Fail on any WCAG 2.2 AA violation that axe finds, and on sideways scrolling (1.4.10).

    The first scheme is judged by every rule, the others by the rules about colours; without a scheme only
    the scrolling is judged.
    """
    if schemes and await page.evaluate("typeof axe === 'undefined'"):
        await page.evaluate(AXE_SCRIPT)
    everything = {"type": "tag", "values": list(STANDARD)}
    colours = {"type": "rule", "values": list(COLOUR_RULES)}
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a Literal in Playwright's stub
        rules = everything if scheme == schemes[0] else colours
        found = AxeResults(await page.evaluate(JUDGE, {"runOnly": rules, "resultTypes": ["violations"]}))
        assert not found.violations_count, f"{page.url} ({scheme})\n{found.generate_report()}"
    await page.emulate_media(color_scheme="light")
    excess = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert excess <= 0, f"{page.url} scrolls sideways by {excess} px"


async def screenshot(page: Page, name: str, *, scheme: str = "light") -> None:
    """Keep a picture of the whole page as ``var/screens/<name>.png``, where ``DINHDANH_SCREENS`` asks for it."""
    if not KEEP_PICTURES:
        return
    path = SCREENS / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a Literal in Playwright's stub
    await page.screenshot(path=path, full_page=True)


class QuietServer(uvicorn.Server):
    """A server that leaves the test process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing."""
        yield


@contextlib.asynccontextmanager
async def serving(app: Any, *, port: int = 0) -> AsyncIterator[str]:
    """Serve an ASGI application on a loopback port inside the running loop; gives its ``http://localhost:<port>``."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    server = QuietServer(uvicorn.Config(app, log_config=None, lifespan="auto", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        if task.done():
            task.result()
            raise RuntimeError("the server stopped before it served")
        await asyncio.sleep(0.01)
    try:
        yield f"http://localhost:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@pytest.fixture
def screens() -> Path:
    """The folder of kept pictures."""
    return SCREENS

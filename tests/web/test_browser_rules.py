"""What the pages promise, kept by a real browser: focus, keyboard, no script needed, and the walls around forms."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fastapi import FastAPI, Request, Response
from playwright.async_api import Browser, Page
from starlette.responses import HTMLResponse

from tests.browser import opened, serving
from tests.web.gallery import app as gallery


@pytest_asyncio.fixture(scope="module")
async def addresses() -> AsyncIterator[tuple[str, str]]:
    """The gallery and another site, another port of the same host: same-site, but not same-origin."""
    stranger = FastAPI()

    @stranger.get("/attack")
    async def attack(target: str) -> Response:
        form = f"<form method=post action='{target}/form'><input name=name value=x><button>go</button></form>"
        return HTMLResponse(form)

    @stranger.post("/callback")
    async def callback(request: Request) -> Response:
        return Response(f"reached with {len(await request.body())} bytes", media_type="text/plain")

    async with serving(stranger) as other:
        app = gallery.create_app()
        pages = app.state.web.pages

        @app.get("/out/{allowed}")
        async def out(request: Request, allowed: bool) -> Response:
            where = [f"{other}/callback"] if allowed else []
            return pages.render(request, "out.html", form_action=where, target=f"{other}/callback")

        app.router.routes.insert(0, app.router.routes.pop())
        async with serving(app) as own:
            app.state.web.csrf.origin = own  # the port is known only now
            yield own, other


async def test_mistakes_take_the_focus_and_lead_to_their_fields(
    page: Page, addresses: tuple[str, str]
) -> None:
    """The summary has the focus when the page opens; each link moves it to the control (WCAG 3.3.1, 2.4.3)."""
    await page.goto(f"{addresses[0]}/mistakes")
    assert await page.evaluate("document.activeElement.className") == "error-summary"
    assert (await page.title()).startswith("Lỗi: ")
    for name in ("name", "birth", "kind", "agree"):
        await page.click(f".error-summary a[href='#{name}']")
        assert await page.evaluate("document.activeElement.id") == name


async def test_the_first_stop_of_the_keyboard_skips_to_the_content(
    page: Page, addresses: tuple[str, str]
) -> None:
    """WCAG 2.4.1: Tab, Enter, and the focus is in the main part."""
    await page.goto(f"{addresses[0]}/parts")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"


async def test_everything_works_without_script(browser: Browser, addresses: tuple[str, str]) -> None:
    """Language switch and form need no script; the form's answer comes."""
    async with opened(browser, 1280, 900, java_script_enabled=False) as page:
        await page.goto(f"{addresses[0]}/form")
        await page.click("a.switch")
        assert await page.locator("h1").inner_text() == "Register temporary residence"
        await page.click("text=Continue")
        assert await page.locator("body").inner_text() == "Nguyễn Thị Minh Ánh"


async def test_only_marked_scripts_run(page: Page, addresses: tuple[str, str]) -> None:
    """The script with the answer's nonce ran."""
    await page.goto(f"{addresses[0]}/parts")
    assert await page.evaluate("document.documentElement.dataset.script") == "ran"


@pytest.mark.attack
async def test_another_port_cannot_send_our_form(page: Page, addresses: tuple[str, str]) -> None:
    """Another port shares our cookies but not our origin: Chromium says so and the post is refused."""
    own, other = addresses
    await page.goto(f"{own}/form")
    await page.goto(f"{other}/attack?target={own}")
    async with page.expect_navigation() as navigation:
        await page.click("button")
    answer = await navigation.value
    assert answer is not None
    assert answer.status == 403
    assert "csrf-origin" in await page.content()


async def test_a_form_reaches_the_client_that_its_page_names(page: Page, addresses: tuple[str, str]) -> None:
    """``form_post`` to the client's origin passes the policy when the page was rendered for it."""
    await page.goto(f"{addresses[0]}/out/true")
    await page.click("main button")
    await page.wait_for_url("**/callback")
    assert await page.locator("body").inner_text() == "reached with 7 bytes"


@pytest.mark.attack
async def test_a_form_reaches_nobody_else(browser: Browser, addresses: tuple[str, str]) -> None:
    """Without being named, another origin is blocked by ``form-action``."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{addresses[0]}/out/false")
    async with page.expect_console_message(lambda line: "form-action" in line.text):
        await page.evaluate("document.querySelector('main form').requestSubmit()")
    assert page.url.endswith("/out/false")
    await context.close()

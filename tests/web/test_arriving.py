"""What stories read after a click is the whole page, however slowly it arrives."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from playwright.async_api import Page

from tests.browser import serving


async def test_a_click_is_done_when_the_page_is_whole(page: Page) -> None:
    """A page that comes in two parts: as long as the second is on its way, the click is not done."""
    app, shown, release = FastAPI(), asyncio.Event(), asyncio.Event()

    @app.get("/")
    async def start() -> Response:
        return HTMLResponse("<!doctype html><title>1</title><main><a href='/slow'>Tiếp tục</a></main>")

    @app.get("/shown")
    async def hear() -> Response:
        shown.set()
        return Response(media_type="image/svg+xml")

    @app.get("/slow")
    async def slow() -> Response:
        async def parts() -> AsyncIterator[str]:
            yield "<!doctype html><title>2</title><main><img alt='' src='/shown'><p>đầu</p>"
            await release.wait()
            yield "<p>cuối</p></main>"

        return StreamingResponse(parts(), media_type="text/html")

    async with serving(app) as address:
        await page.goto(address)
        click = asyncio.create_task(page.click("a"))
        await shown.wait()
        for _ in range(5):
            assert await page.evaluate("document.body.innerText") == "đầu"
        assert not click.done()
        release.set()
        await click
        assert (await page.inner_text("main")).split() == ["đầu", "cuối"]

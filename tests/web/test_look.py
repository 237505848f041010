"""Every part of the pages, seen in a real browser: accessible, within 320 px, in both languages, light and dark."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser import assert_accessible, screenshot, serving
from tests.web.gallery import app as gallery

SHOWN = (*gallery.PAGES, "missing")


@pytest_asyncio.fixture(scope="module")
async def url() -> AsyncIterator[str]:
    """The gallery on a free port."""
    async with serving(gallery.create_app()) as address:
        yield address


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", SHOWN)
async def test_every_page_is_accessible_on_a_desk(page: Page, url: str, name: str, language: str) -> None:
    """WCAG 2.2 AA on 1280 px, light and dark."""
    answer = await page.goto(f"{url}/{name}?lang={language}")
    assert answer is not None
    assert answer.status == (404 if name == "missing" else 200)
    assert await page.get_attribute("html", "lang") == language
    await page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    await assert_accessible(page)
    for scheme in ("light", "dark"):
        await screenshot(page, f"web/{name}-{language}-1280-{scheme}", scheme=scheme)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", SHOWN)
async def test_every_page_is_accessible_on_a_telephone(
    phone_page: Page, url: str, name: str, language: str
) -> None:
    """WCAG 2.2 AA on 320 px without sideways scrolling (1.4.10), and targets of 44 px height for every button."""
    await phone_page.goto(f"{url}/{name}?lang={language}")
    await assert_accessible(phone_page, schemes=("light",))
    heights = await phone_page.eval_on_selector_all(
        ".button, .input, .switch, summary", "all => all.map(each => each.getBoundingClientRect().height)"
    )
    assert min(heights, default=44) >= 44
    for scheme in ("light", "dark"):
        await screenshot(phone_page, f"web/{name}-{language}-320-{scheme}", scheme=scheme)


async def test_a_summary_in_a_narrow_card_stacks(page: Page, url: str) -> None:
    """On a desk screen too, a card of less than 24 rem puts each value below its name, so that words stay whole."""
    await page.goto(f"{url}/parts")
    tops = """width => {
        const card = document.querySelector(".card:has(> .summary)");
        card.style.width = width;
        return ["dt", "dd"].map(part => card.querySelector(part).getBoundingClientRect().top);
    }"""
    name, value = await page.evaluate(tops, "40rem")
    assert name == value
    name, value = await page.evaluate(tops, "20rem")
    assert name < value


async def test_a_printed_page_holds_the_matter_only(page: Page, url: str) -> None:
    """On paper there is no navigation, switch or button, and the ground is white."""
    await page.goto(f"{url}/home")
    await page.emulate_media(media="print")
    hidden = await page.eval_on_selector_all(
        ".menu, .switch, .button, .demo-banner",
        "all => all.every(each => each.getClientRects().length === 0)",
    )
    assert hidden
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    await screenshot(page, "web/home-vi-print")

"""The gateway's pages in a real browser: accessible, within 320 px, both languages, light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page

from clients.payment_messages import OPEN_PATH, REFUND_PATH, TELL_PATH, PaymentState, Question, RefundRequest
from keys import KeyRing
from tests.browser import serving
from tests.browser import whole_browser as browser
from tests.clients.test_look import press, see
from tests.payments.conftest import BODY, AtGateway, built_gateway, order
from tests.ports import free_port

__all__ = ["browser"]
pytestmark = pytest.mark.journey


@pytest.fixture
def at_port(
    gateway_keys: Path,
    gateway_database: str,
    body_rings: dict[str, KeyRing],
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[AtGateway, int]:
    """The gateway at the address where it will be served."""
    port = free_port()
    url = f"http://localhost:{port}"
    return built_gateway(url, gateway_database, gateway_keys, body_rings, monkeypatch), port


async def test_every_page_of_an_order(at_port: tuple[AtGateway, int], page: Page) -> None:
    """Open, refused by the bank, nothing chosen, paid, receipt, given back."""
    at, port = at_port
    async with serving(at.app, port=port):
        request = order(4_371_840, back_to=f"{BODY}/dossiers")
        opened = await at.ask(OPEN_PATH, request)
        await page.goto(at.url)
        await see(page, "gateway-front")
        await page.goto(opened.page)
        await see(page, "gateway-pay")
        await press(page)
        assert await page.locator(".error-summary").is_visible()
        await see(page, "gateway-pay-errors", again=False)
        await page.goto(opened.page)
        await page.check("input[value=hoa-sen]")
        await page.click("summary")
        await page.click("button[value=fail]")
        await see(page, "gateway-pay-refused", again=False)
        await page.check("input[value=chim-lac]")
        await page.route(f"{BODY}/**", lambda route: route.fulfill(body="a page of the body"))
        await page.click("button[value=pay]")
        await page.wait_for_url(f"{BODY}/dossiers*")
        assert (await at.ask(TELL_PATH, Question(request.key))).state is PaymentState.PAID
        await page.goto(opened.page)
        await see(page, "gateway-paid")
        await at.ask(REFUND_PATH, RefundRequest(request.key, "refund-of-the-whole", request.amount))
        await page.goto(f"{opened.page}/receipt")
        await see(page, "gateway-receipt")
    await at.close()

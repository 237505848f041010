"""Under pressure the verdict on a password is withheld (decision 0005): no clock tells it either."""

import time
from collections.abc import Awaitable, Callable

import httpx2 as httpx
import pytest

from idp.authentication import password
from idp.authentication.password import Profile
from idp.authentication.throttling import PRESSURE
from tests.idp_pages.conftest import Visitor

LAN, LAN_PASSWORD = "099194000101", "Demo-lan-2026!"
CODE_PAGE = "/sign-in/second-factor"
FLOOR = 0.15
"""Seconds; well above the few milliseconds of the work itself."""


async def timed(asked: Awaitable[httpx.Response]) -> float:
    """Seconds until the answer."""
    began = time.perf_counter()
    answer = await asked
    assert answer.status_code < 500, answer.text
    return time.perf_counter() - began


@pytest.mark.attack
@pytest.mark.parametrize("word", ["guess", LAN_PASSWORD])
async def test_no_clock_tells_a_withheld_verdict(
    visitor: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """logto#8780: looking at the pages and asking for a mail did more work after the right password.

    Whoever compared these answers learned the verdict from one guess, as often as they liked to look.
    """
    for host in range(PRESSURE.tries):
        await visitor(f"198.51.100.{host + 1}").sign_in(LAN, "guess")
    browser = visitor("203.0.113.9")
    page = (await browser.sign_in(LAN, word)).headers["location"]
    assert page.startswith(CODE_PAGE)
    form = await browser.main_form(page)
    monkeypatch.setitem(password._FLOORS, Profile.CHEAPEST, FLOOR)
    for path in (page, page.replace(CODE_PAGE, "/sign-in"), page.replace(CODE_PAGE, "/consent")):
        assert await timed(browser.get(path)) >= FLOOR
    # The work that looks at the interaction, and then the work of the answer, each keep the pace.
    for answer in ({"act": "mail"}, {"code": "000000"}):
        assert await timed(browser.post(CODE_PAGE, data=form | answer)) >= 2 * FLOOR

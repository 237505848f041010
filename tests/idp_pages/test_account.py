"""The account centre: only one's own, and what ends there ends at the portals too."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from idp.settings import SESSION_COOKIE
from idp.storage.postgres.tables import LOGOUT_DELIVERY
from tests.idp_pages.conftest import Provider, Visitor, fields_of, step_of
from tests.idp_pages.test_sign_in import LAN, LAN_PASSWORD, asked

HOA, HOA_PASSWORD = "099170000103", "Demo-hoa-2026!"
NewVisitor = Callable[..., Visitor]


async def entered(browser: Visitor, number: str = LAN, password: str = LAN_PASSWORD) -> str:
    """Sign in to the portal, consent, and come back with a code; gives where the browser ends."""
    page = await asked(browser, prompt="login")
    answer = await browser.sign_in(number, password, page)
    location = (await browser.get(answer.headers["location"])).headers["location"]
    if step_of(location) == "/consent":
        answer = await browser.answer("/consent", location, answer="allow")
        location = (await browser.get(answer.headers["location"])).headers["location"]
    assert "code=" in location
    return location


async def notices(provider: Provider) -> int:
    """How many back-channel notices wait or were given up."""
    async with provider.app.state.storage.engine.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(LOGOUT_DELIVERY))).scalar_one())


@pytest.mark.parametrize("path", ["/account", "/account/services", "/account/history"])
async def test_only_signed_in(visitor: NewVisitor, path: str) -> None:
    """Nobody sees an account centre without a session."""
    assert (await visitor().get(path)).headers["location"] == "/sign-in"


async def test_services_and_history(visitor: NewVisitor) -> None:
    """A person sees which portal they agreed with, and every event about them."""
    browser = visitor()
    await entered(browser)
    services = (await browser.get("/account/services")).text
    assert "Cổng mẫu" in services
    assert "Họ tên, ngày sinh, giới tính" in services
    history = (await browser.get("/account/history")).text
    for event in ("Đăng nhập", "Cho phép chia sẻ", "Vào dịch vụ"):
        assert event in history


async def test_withdrawing(visitor: NewVisitor, provider: Provider) -> None:
    """After withdrawing, the portal hears that its session ended, and the person is asked anew."""
    browser = visitor()
    await entered(browser)
    before = await notices(provider)
    form = fields_of((await browser.get("/account/services")).text)
    assert form["client_id"] == "portal"
    answer = await browser.post("/account/services/withdraw", data=form)
    assert answer.headers["location"] == "/account/services?done=withdrawn"
    assert await notices(provider) == before + 1
    assert step_of(await asked(browser)) == "/consent"


@pytest.mark.attack
async def test_nobody_elses_history(visitor: NewVisitor) -> None:
    """What others do at their accounts is not to be seen, whatever is asked for (Zitadel CVE-2024-39683)."""
    one, two = visitor(), visitor("192.0.2.9")
    await entered(one)
    await two.sign_in(HOA, HOA_PASSWORD)
    text = (await two.get("/account/history?account_id=acc-lan")).text
    assert "Cho phép chia sẻ" not in text
    assert (await two.get("/account?session=acc-lan")).text.count("Trình duyệt khác") == 0


async def test_sign_out_everywhere_is_heard(visitor: NewVisitor, provider: Provider) -> None:
    """Every session of mine ends, in other browsers too, and the portals of each hear of it."""
    one, two = visitor(), visitor("192.0.2.9")
    await entered(one)
    await entered(two)
    before = await notices(provider)
    form = fields_of((await one.get("/account")).text)
    answer = await one.post("/account/sign-out-everywhere", data=form)
    assert step_of(answer.headers["location"]) == "/signed-out"
    assert (await two.get("/account")).headers["location"] == "/sign-in"
    assert await notices(provider) == before + 2


@pytest.mark.attack
async def test_the_next_person_at_a_shared_computer(visitor: NewVisitor, provider: Provider) -> None:
    """When somebody else signs in here, the former person's portals hear of their end (attack 48)."""
    browser = visitor()
    await entered(browser)
    before, old = await notices(provider), browser.cookies[SESSION_COOKIE]
    await browser.sign_in(HOA, HOA_PASSWORD, await asked(browser, prompt="login"))
    assert browser.cookies[SESSION_COOKIE] != old
    assert await notices(provider) == before + 1


async def test_signing_in_again_tells_nobody(visitor: NewVisitor, provider: Provider) -> None:
    """The same person proving themselves anew keeps their place at the portals."""
    browser = visitor()
    await entered(browser)
    before = await notices(provider)
    await entered(browser)
    assert await notices(provider) == before

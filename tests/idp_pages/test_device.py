"""RFC 8628 over HTTP: connect a television on our pages, and what strangers try (attacks 43, 45)."""

from __future__ import annotations

import asyncio

import pytest

from tests.idp_pages.conftest import Provider, fields_of, step_of
from tests.idp_pages.decoupled_acts import (
    HOA,
    HOA_PASSWORD,
    NewVisitor,
    begun,
    clients,
    error_of,
    kinds,
    polled,
    reviewed,
)
from tests.idp_pages.test_sign_in import LAN, LAN_PASSWORD

__all__ = ["clients"]
pytestmark = pytest.mark.usefixtures("clients")


async def test_a_television_is_connected(visitor: NewVisitor) -> None:
    """RFC 8628 from end to end: code, sign-in, comparison, yes, tokens once, userinfo."""
    television, browser = visitor("198.51.100.4"), visitor()
    codes = await begun(television)
    assert error_of(await polled(television, codes["device_code"])) == (400, "authorization_pending")
    assert error_of(await polled(television, codes["device_code"])) == (400, "slow_down")
    # Not signed in: the code is kept on our side while the person signs in.
    sent = await reviewed(browser, codes["user_code"].lower().replace("-", " "))
    assert step_of(sent.headers["location"]) == "/sign-in"
    back = await browser.sign_in(LAN, LAN_PASSWORD, sent.headers["location"])
    assert back.headers["location"] == f"/device?user_code={codes['user_code']}"
    page = await browser.answer("/device", back.headers["location"], user_code=codes["user_code"])
    assert page.status_code == 200
    for text in ("Dịch vụ tv", codes["user_code"], "198.51.100.4", "lừa đảo", "Họ tên, ngày sinh"):
        assert text in page.text
    done = await browser.post("/device/answer", data=fields_of(page.text) | {"answer": "approve"})
    assert done.headers["location"] == "/device/done?answer=approve"
    assert "đã được kết nối" in (await browser.get(done.headers["location"])).text
    issued = await polled(television, codes["device_code"])
    assert issued.status_code == 200, issued.text
    tokens = issued.json()
    assert tokens["scope"] == "openid profile"
    claims = await television.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert claims.json()["name"] == "Nguyễn Thị Lan"
    # The consent that the page listed is in the account centre, and withdrawing it ends the connection.
    services = (await browser.get("/account/services")).text
    assert "Dịch vụ tv" in services
    form = fields_of(services) | {"client_id": "tv"}
    await browser.post("/account/services/withdraw", data=form)
    dead = await television.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert dead.status_code == 401


async def test_parallel_redemptions_give_tokens_once(visitor: NewVisitor) -> None:
    """One of twenty simultaneous polls wins; the replay kills what it gave (RFC 6749 4.1.2)."""
    television, browser = visitor(), visitor()
    codes = await begun(television)
    await browser.sign_in(LAN, LAN_PASSWORD)
    page = await reviewed(browser, codes["user_code"])
    await browser.post("/device/answer", data=fields_of(page.text) | {"answer": "approve"})
    answers = await asyncio.gather(*(polled(television, codes["device_code"]) for _ in range(20)))
    won = [each for each in answers if each.status_code == 200]
    assert len(won) == 1
    token = won[0].json()["access_token"]
    after = await television.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert after.status_code == 401


async def test_a_refused_device_hears_it(visitor: NewVisitor, provider: Provider) -> None:
    """3.5: access_denied; a reported one is a fraud in the log."""
    television, browser = visitor(), visitor()
    await browser.sign_in(LAN, LAN_PASSWORD)
    for answer, kind in (
        ("deny", "approval_refused"),
        ("not_me", "approval_reported"),
        ("", "approval_refused"),
    ):
        codes = await begun(television)
        page = await reviewed(browser, codes["user_code"])
        form = fields_of(page.text) | {"answer": answer}
        assert (await browser.post("/device/answer", data=form)).status_code == 303
        assert error_of(await polled(television, codes["device_code"])) == (400, "access_denied")
        assert (await kinds(provider))[-1] == kind
        again = await browser.post("/device/answer", data=form | {"answer": "approve"})
        assert again.status_code == 410


@pytest.mark.attack
async def test_no_link_approves_anything(visitor: NewVisitor) -> None:
    """Attack 45: verification_uri_complete only fills the field; visiting and reloading it changes nothing."""
    television, browser = visitor(), visitor()
    codes = await begun(television)
    await browser.sign_in(LAN, LAN_PASSWORD)
    path = codes["verification_uri_complete"].removeprefix("http://localhost:8000")
    for address in (path, f"{path}&answer=approve", "/device/answer?answer=approve"):
        page = await browser.get(address)
        assert "answer" not in page.text or page.status_code != 200
    assert error_of(await polled(television, codes["device_code"])) == (400, "authorization_pending")


@pytest.mark.attack
@pytest.mark.parametrize("place", ["/device", "/device/answer", "/account/approvals"])
async def test_no_foreign_form_counts(visitor: NewVisitor, place: str) -> None:
    """Attack 43, idenplane#454: without our token, with another session's, or from another origin nothing happens."""
    television, browser, other = visitor(), visitor(), visitor("192.0.2.9")
    codes = await begun(television)
    await browser.sign_in(LAN, LAN_PASSWORD)
    await other.sign_in(HOA, HOA_PASSWORD)
    page = await reviewed(browser, codes["user_code"])
    good = fields_of(page.text) | {"answer": "approve"}
    bare = {name: value for name, value in good.items() if name in {"request", "user_code", "answer"}}
    stolen = fields_of((await other.get("/device")).text) | bare
    for form, headers in ((bare, {}), (stolen, {}), (good, {"Origin": "https://evil.example"})):
        answer = await browser.post(place, data=form, headers=headers)
        assert answer.status_code == 403
    twice = await browser.post(place, content="answer=deny&answer=approve", headers={
        "content-type": "application/x-www-form-urlencoded"
    })  # a table, read by rows  # fmt: skip
    assert twice.status_code == 400
    assert error_of(await polled(television, codes["device_code"])) == (400, "authorization_pending")


@pytest.mark.attack
async def test_guessing_codes_ends(visitor: NewVisitor) -> None:
    """RFC 8628 5.1: a person may look up twenty codes in a quarter of an hour; parallel guesses do not outrun it."""
    television, browser = visitor(), visitor()
    codes = await begun(television)
    await browser.sign_in(LAN, LAN_PASSWORD)
    form = await browser.form("/device")
    guesses = ["BCDF-GHJ" + letter for letter in "BCDFGHJKLMNPQRSTVWXZ"] * 2
    answers = await asyncio.gather(
        *(browser.post("/device", data=form | {"user_code": guess}) for guess in guesses)
    )
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(422) <= 20
    assert set(statuses) <= {422, 429, 503}
    late = await reviewed(browser, codes["user_code"])
    assert late.status_code == 429
    assert late.headers["retry-after"] == "900"

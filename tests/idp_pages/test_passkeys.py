"""Passkeys through HTTP, with an authenticator that needs no browser: races, replays, wrong order, one refusal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlencode

import httpx2 as httpx
import pytest

from idp.authentication import totp
from tests.authenticator import Authenticator
from tests.idp_pages.conftest import (
    CALLBACK,
    ISSUER,
    TOTP,
    Provider,
    Visitor,
    fields_of,
    interaction_of,
    step_of,
)

pytestmark = pytest.mark.engine
NewVisitor = Callable[..., Visitor]
LAN, PASSWORD = "099194000101", "Demo-lan-2026!"
SESSION_COOKIE = "dinhdanh_idp_session"
ADD = "/account/passkeys/add"
PASSKEY_FORM = '<form method="post" action="/sign-in/passkey"'
ASK = {
    "client_id": "portal", "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid", "nonce": "n",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
    "acr_values": "urn:example:vn:acr:l2-a2",
}  # a table, read by rows  # fmt: skip


@pytest.fixture
async def phone(provider: Provider) -> AsyncIterator[Authenticator]:
    """A device; nobody has a passkey yet."""
    storage = provider.app.state.storage
    async with storage.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM passkey")
    await storage.accounts.move_epoch("acc-lan")
    return Authenticator(ISSUER, "localhost")


async def two_factors(browser: Visitor, start: str) -> httpx.Response:
    """Sign in with password and app code from a page that asks for it."""
    page = (await browser.get(start)).headers["location"]
    answer = await browser.sign_in(LAN, PASSWORD, page)
    form = await browser.main_form(answer.headers["location"])
    code = totp.code_at(TOTP, int(time.time()))
    return await browser.post("/sign-in/second-factor", data=form | {"code": code, "act": "code"})


async def enrolled(browser: Visitor, phone: Authenticator, name: str = "Điện thoại") -> httpx.Response:
    """Add a passkey; the answer to the last form."""
    return await browser.post(ADD, data=await begun(browser, phone, name))


async def begun(browser: Visitor, phone: Authenticator, name: str = "Điện thoại") -> dict[str, str]:
    """The form that a script would send after the device made a passkey."""
    text = (await browser.get(ADD)).text
    form = fields_of(text[text.index('<form method="post" action="/account/passkeys/add"') :])
    told = (await browser.post("/account/passkeys/options", data=form)).json()
    return form | {"i": told["i"], "name": name, "credential": phone.create(told["options"])}


async def asked(browser: Visitor, page: str) -> tuple[dict[str, str], dict[str, object]]:
    """The passkey form of a page, and the options that its script is given."""
    text = (await browser.get(page)).text
    form = fields_of(text[text.index(PASSKEY_FORM) :])
    reply = await browser.post("/sign-in/passkey/options", data=form)
    assert reply.headers["content-type"] == "application/json"
    return form, reply.json()["options"]


async def sign_in_page(browser: Visitor) -> str:
    """A fresh interaction."""
    return (await browser.get("/sign-in")).headers["location"]


async def test_made_and_used(visitor: NewVisitor, phone: Authenticator) -> None:
    """Two factors, a passkey, and another browser that signs in with nothing else."""
    first = visitor()
    assert step_of((await two_factors(first, ADD)).headers["location"]) == ADD
    assert (await enrolled(first, phone)).headers["location"].endswith("?done=added")
    other = visitor("203.0.113.8")
    form, options = await asked(other, await sign_in_page(other))
    assert options["allowCredentials"] == []
    answer = await other.post("/sign-in/passkey", data=form | {"credential": phone.get(options)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "Điện thoại" in (await other.get("/account/passkeys")).text


@pytest.mark.attack
async def test_one_signature_opens_one_session(visitor: NewVisitor, phone: Authenticator) -> None:
    """Replay and race: of parallel posts of one signature one is let in, and afterwards none."""
    first = visitor()
    await two_factors(first, ADD)
    await enrolled(first, phone)
    other = visitor("203.0.113.8")
    form, options = await asked(other, await sign_in_page(other))
    signed = form | {"credential": phone.get(options)}
    answers = await asyncio.gather(*(other.post("/sign-in/passkey", data=signed) for _ in range(12)))
    opened = [
        each for each in answers if any(SESSION_COOKIE in x for x in each.headers.get_list("set-cookie"))
    ]
    assert len(opened) == 1
    late = await other.post("/sign-in/passkey", data=signed)
    assert SESSION_COOKIE not in " ".join(late.headers.get_list("set-cookie"))


@pytest.mark.attack
async def test_an_enrolment_counts_once(visitor: NewVisitor, phone: Authenticator) -> None:
    """CVE-2026-37982: a replayed enrolment enrols nobody; nor does one in another browser or after signing out."""
    first = visitor()
    await two_factors(first, ADD)
    form = await begun(first, phone)
    stranger = visitor("203.0.113.9")
    assert (await stranger.post(ADD, data=form)).status_code in {401, 403}
    answers = await asyncio.gather(*(first.post(ADD, data=form) for _ in range(6)))
    assert sum(each.headers.get("location", "").endswith("done=added") for each in answers) == 1
    phone.credential_id = b"n" * 32
    again = await first.post(ADD, data=form | {"credential": (await begun(first, phone))["credential"]})
    assert again.status_code == 410
    assert (await first.get("/account/passkeys")).text.count("Điện thoại</h2>") == 1


@pytest.mark.attack
async def test_every_refusal_is_the_same(
    visitor: NewVisitor, phone: Authenticator, provider: Provider
) -> None:
    """Unknown, garbage, a copied key, a locked account: one status, one sentence, no cookie (CVE-2026-4633)."""
    first = visitor()
    await two_factors(first, ADD)
    await enrolled(first, phone)
    storage = provider.app.state.storage
    said = set()
    for case in ("unknown", "garbage", "copied", "locked"):
        browser = visitor(f"203.0.113.{20 + len(said)}")
        form, options = await asked(browser, await sign_in_page(browser))
        if case == "copied":
            phone.count = 0
        if case == "locked":
            phone.count = 50
            async with storage.accounts.change("acc-lan"), storage.engine.begin() as connection:
                await connection.exec_driver_sql(
                    "UPDATE account SET status='locked' WHERE account_id='acc-lan'"
                )
        device = Authenticator(ISSUER, "localhost", user_handle=b"h" * 32) if case == "unknown" else phone
        device.count = max(device.count, 0)
        brought = "{}" if case == "garbage" else device.get(options)
        answer = await browser.post("/sign-in/passkey", data=form | {"credential": brought})
        said.add(
            (
                answer.status_code,
                "không dùng được để đăng nhập" in answer.text,
                SESSION_COOKIE in browser.cookies,
            )
        )
        assert options["allowCredentials"] == []
    assert said == {(422, True, False)}


@pytest.mark.attack
async def test_no_order_of_posts_skips_a_step(visitor: NewVisitor, phone: Authenticator) -> None:
    """CVE-2026-49443, CVE-2026-18963: a challenge of one step is worth nothing in the next."""
    first = visitor()
    await two_factors(first, ADD)
    await enrolled(first, phone)
    browser = visitor("203.0.113.8")
    page = (await browser.get(f"/authorize?{urlencode(ASK)}")).headers["location"]
    form, options = await asked(browser, page)
    early = phone.get(options)
    assert (await browser.post("/sign-in/passkey", data=form)).status_code == 422
    stepped = await browser.sign_in(LAN, PASSWORD, page)
    second = stepped.headers["location"]
    assert step_of(second) == "/sign-in/second-factor"
    refused = await browser.post("/sign-in/passkey", data=form | {"credential": early})
    assert refused.status_code == 422
    assert SESSION_COOKIE not in browser.cookies
    form, options = await asked(browser, second)
    assert len(options["allowCredentials"]) == 1
    answer = await browser.post("/sign-in/passkey", data=form | {"credential": phone.get(options)})
    assert step_of(answer.headers["location"]) == "/continue"
    late = await browser.post("/sign-in/passkey/options", data=form)
    assert late.status_code == 303, "the step is over: the browser is sent where it should be"
    assert interaction_of(answer.headers["location"])


@pytest.mark.attack
async def test_removing_asks_who_it_is(visitor: NewVisitor, phone: Authenticator) -> None:
    """CVE-2026-3429: a session with one factor neither adds nor removes; it is led to prove itself first."""
    first = visitor()
    await two_factors(first, ADD)
    await enrolled(first, phone)
    listed = (await first.get("/account/passkeys")).text
    remove = listed[listed.index("/account/passkeys/remove?id=") :].split('"')[0]
    weak = visitor("203.0.113.8")
    await weak.sign_in(LAN, PASSWORD)
    for path in (ADD, remove):
        assert step_of((await weak.get(path)).headers["location"]) == "/sign-in"
    text = (await weak.get("/account/passkeys")).text
    form = fields_of(text[text.index('action="/account/passkeys/rename"') - 30 :])
    answer = await weak.post("/account/passkeys/remove", data=form)
    assert step_of(answer.headers["location"]) == "/sign-in"
    assert (await weak.post("/account/passkeys/options", data=form)).status_code == 403
    assert "Điện thoại" in (await weak.get("/account/passkeys")).text
    confirm = (await first.get(remove)).text
    form = fields_of(confirm[confirm.index('<form method="post" action="/account/passkeys/remove"') :])
    assert (
        (await first.post("/account/passkeys/remove", data=form)).headers["location"].endswith("done=removed")
    )
    assert "Điện thoại" not in (await first.get("/account/passkeys")).text

"""A device and a counter over HTTP: ask, answer on our pages, get tokens; and what strangers try (attacks 43, 45)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import delete, select

from idp.authentication.totp import code_at
from idp.domain.client import Client, PartyKind
from idp.domain.decoupled_writes import RememberSubject
from idp.protocol.decoupled_grant import CIBA, DEVICE_CODE
from idp.protocol.oidc_pairwise import subject
from idp.storage import Storage
from idp.storage.ping_delivery import PingDelivery
from idp.storage.postgres.tables import AUDIT_EVENT, PING_OUTBOX
from tests.idp_pages.conftest import TOTP, Provider, Visitor, fields_of, step_of
from tests.idp_pages.test_sign_in import LAN, LAN_PASSWORD
from tests.idp_storage.samples import commit

HOA, HOA_PASSWORD = "099170000103", "Demo-hoa-2026!"
SECRET = "a secret of the counter"
BASIC = {
    "Authorization": "Basic " + base64.b64encode(b"desk:" + SECRET.replace(" ", "%20").encode()).decode()
}
PING = "http://localhost:9/ping"
NewVisitor = Callable[..., Visitor]


def client(client_id: str, grant_type: str, **changes: Any) -> Client:
    """A client of the decoupled flows."""
    values: dict[str, Any] = {
        "party_kind": PartyKind.STATE,
        "redirect_uris": (),
        "grant_types": frozenset({grant_type, "refresh_token"}),
        "scopes": frozenset({"openid", "profile", "pid"}),
        "sector_identifier": f"{client_id}.example",
        "token_endpoint_auth_method": "client_secret_basic",
        "secret_hash": hashlib.sha256(SECRET.encode()).digest(),
        "require_consent": False,
    }
    return Client(client_id, f"Dịch vụ {client_id}", f"Service {client_id}", **values | changes)


@pytest.fixture(autouse=True)
async def clients(provider: Provider) -> AsyncIterator[None]:
    """A television of a private firm, a counter of the State, and one that is rung."""
    storage = provider.app.state.storage
    television = client("tv", DEVICE_CODE, party_kind=PartyKind.PRIVATE, token_endpoint_auth_method="none")
    counter = client("desk", CIBA, backchannel_token_delivery_mode="poll")
    for each in (television, counter):
        await storage.clients.save(each)
    yield
    async with storage.engine.begin() as connection:
        await connection.execute(delete(PING_OUTBOX))


async def begun(visitor: Visitor, **values: str) -> dict[str, Any]:
    """A television asks."""
    form = {"client_id": "tv", "scope": "openid profile"} | values
    answer = await visitor.post("/device_authorization", data=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


async def polled(visitor: Visitor, device_code: str) -> httpx.Response:
    """The television polls."""
    form = {"grant_type": DEVICE_CODE, "device_code": device_code, "client_id": "tv"}
    return await visitor.post("/token", data=form)


async def called(visitor: Visitor, **values: str) -> httpx.Response:
    """The counter asks."""
    form = {"scope": "openid profile", "login_hint": LAN, "binding_message": "Quầy 3, mã 4821"} | values
    return await visitor.post("/bc-authorize", data=form, headers=BASIC)


async def asked(visitor: Visitor, auth_req_id: str) -> httpx.Response:
    """The counter polls."""
    form = {"grant_type": CIBA, "auth_req_id": auth_req_id}
    return await visitor.post("/token", data=form, headers=BASIC)


async def reviewed(browser: Visitor, code: str) -> httpx.Response:
    """Type a code on the page."""
    return await browser.answer("/device", "/device", user_code=code)


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return response.status_code, response.json()["error"]


async def kinds(provider: Provider) -> list[str]:
    """What the audit log says of the decoupled flows."""
    async with provider.app.state.storage.engine.connect() as connection:
        rows = await connection.execute(select(AUDIT_EVENT.c.kind).order_by(AUDIT_EVENT.c.seq))
    return [row.kind for row in rows if row.kind.startswith("approval_")]


async def first_attempt(storage: Storage) -> None:
    """Wait until the provider's own worker met nobody at the address and put the ping back."""
    for _ in range(500):
        async with storage.engine.connect() as connection:
            if (await connection.execute(select(PING_OUTBOX.c.last_error))).scalar():
                return
        await asyncio.sleep(0.02)
    raise AssertionError("the worker did not try")


# ---------------------------------------------------------------- devices


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
    })  # fmt: skip
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


# ---------------------------------------------------------------- back-channel requests


async def test_a_counter_asks_and_the_person_answers(visitor: NewVisitor, provider: Provider) -> None:
    """CIBA poll from end to end, by the personal number that a State authority may use."""
    counter, browser = visitor("198.51.100.5"), visitor()
    said = (await called(counter)).json()
    assert set(said) == {"auth_req_id", "expires_in", "interval"}
    assert error_of(await asked(counter, said["auth_req_id"])) == (400, "authorization_pending")
    sent = await browser.get("/account/approvals")
    back = await browser.sign_in(LAN, LAN_PASSWORD, sent.headers["location"])
    assert back.headers["location"] == "/account/approvals"
    page = (await browser.get("/account/approvals")).text
    for text in ("Dịch vụ desk", "Quầy 3, mã 4821", "Không phải tôi"):
        assert text in page
    done = await browser.post("/account/approvals", data=fields_of(page) | {"answer": "approve"})
    assert done.headers["location"] == "/account/approvals?done=approve"
    assert "Bạn đã cho phép" in (await browser.get(done.headers["location"])).text
    issued = await asked(counter, said["auth_req_id"])
    assert issued.status_code == 200, issued.text
    assert "id_token" in issued.json()
    assert (await kinds(provider))[-2:] == ["approval_asked", "approval_given"]
    # From now on the client's own pseudonym, or the ID token, is a hint too.
    again = await called(counter, login_hint="", id_token_hint=issued.json()["id_token"])
    assert again.status_code == 200
    assert "Quầy 3" in (await browser.get("/account/approvals")).text


async def test_a_strong_level_asks_for_the_second_factor(visitor: NewVisitor) -> None:
    """acr_values that the person can reach must be reached: password and code before the yes counts."""
    counter, browser = visitor(), visitor()
    said = (await called(counter, acr_values="urn:example:vn:acr:l2-a2")).json()
    await browser.sign_in(LAN, LAN_PASSWORD)
    page = (await browser.get("/account/approvals")).text
    sent = await browser.post("/account/approvals", data=fields_of(page) | {"answer": "approve"})
    assert step_of(sent.headers["location"]) == "/sign-in"
    assert error_of(await asked(counter, said["auth_req_id"])) == (400, "authorization_pending")
    second = await browser.sign_in(LAN, LAN_PASSWORD, sent.headers["location"])
    assert step_of(second.headers["location"]) == "/sign-in/second-factor"
    back = await browser.answer(
        "/sign-in/second-factor", second.headers["location"], code=code_at(TOTP, int(time.time()))
    )
    assert back.headers["location"] == "/account/approvals"
    page = (await browser.get("/account/approvals")).text
    done = await browser.post("/account/approvals", data=fields_of(page) | {"answer": "approve"})
    assert "done=approve" in done.headers["location"]
    assert (await asked(counter, said["auth_req_id"])).status_code == 200


@pytest.mark.attack
async def test_not_me_silences_a_client(visitor: NewVisitor) -> None:
    """Attack 45: one click refuses all that this client asked and keeps it away; others still reach the person."""
    counter, browser = visitor(), visitor()
    first = (await called(counter)).json()["auth_req_id"]
    second = (await called(counter)).json()["auth_req_id"]
    await browser.sign_in(LAN, LAN_PASSWORD)
    page = (await browser.get("/account/approvals")).text
    await browser.post("/account/approvals", data=fields_of(page) | {"answer": "not_me"})
    for each in (first, second):
        assert error_of(await asked(counter, each)) == (400, "access_denied")
    assert error_of(await called(counter)) == (403, "access_denied")
    assert "Không có gì đang chờ" in (await browser.get("/account/approvals")).text


@pytest.mark.attack
async def test_at_most_three_wait(visitor: NewVisitor) -> None:
    """Attack 45: the fourth request at once is refused, twenty at once make three."""
    counter = visitor()
    answers = await asyncio.gather(*(called(counter) for _ in range(10)))
    assert sum(answer.status_code == 200 for answer in answers) == 3
    assert {error_of(each) for each in answers if each.status_code != 200} <= {
        (403, "access_denied"),
        (429, "slow_down"),
        (503, "temporarily_unavailable"),
    }


@pytest.mark.attack
async def test_only_ones_own_requests(visitor: NewVisitor) -> None:
    """Attack 43: another person sees nothing of it and cannot answer it, though they know its name."""
    counter, mine, other = visitor(), visitor(), visitor("192.0.2.9")
    said = (await called(counter)).json()
    await mine.sign_in(LAN, LAN_PASSWORD)
    await other.sign_in(HOA, HOA_PASSWORD)
    form = fields_of((await mine.get("/account/approvals")).text)
    theirs = (await other.get("/account/approvals")).text
    assert "Quầy 3" not in theirs
    for answer in ("approve", "deny", "not_me"):
        own = fields_of((await other.get("/account")).text)
        sent = await other.post(
            "/account/approvals", data=own | {"request": form["request"], "answer": answer}
        )
        assert sent.status_code == 410
    assert error_of(await asked(counter, said["auth_req_id"])) == (400, "authorization_pending")


@pytest.mark.attack
@pytest.mark.parametrize("flow", ["device", "ciba"])
async def test_locked_between_yes_and_tokens(visitor: NewVisitor, provider: Provider, flow: str) -> None:
    """Attack 38, CVE-2026-9798, CVE-2026-16103: no tokens after the lock, nor after the account is free again."""
    machine, browser = visitor(), visitor()
    await browser.sign_in(LAN, LAN_PASSWORD)
    locks = provider.app.state.storage.locks
    if flow == "device":
        codes = await begun(machine)
        page = await reviewed(browser, codes["user_code"])
        await browser.post("/device/answer", data=fields_of(page.text) | {"answer": "approve"})
    else:
        codes = (await called(machine)).json()
        page = await browser.get("/account/approvals")
        await browser.post("/account/approvals", data=fields_of(page.text) | {"answer": "approve"})

    async def poll() -> httpx.Response:
        if flow == "device":
            return await polled(machine, codes["device_code"])
        return await asked(machine, codes["auth_req_id"])

    await locks.lock("acc-lan", "own_request")
    try:
        assert error_of(await poll()) == (400, "invalid_grant")
        if flow == "ciba":
            assert error_of(await called(machine)) == (400, "unknown_user_id")
    finally:
        await locks.unlock("acc-lan", "own_request")
    assert error_of(await poll()) == (400, "invalid_grant")


@pytest.mark.attack
async def test_an_ordinary_client_cannot_tell_who_exists(visitor: NewVisitor, provider: Provider) -> None:
    """Attack 40: for a client without the right to numbers, known, unknown and locked people answer alike."""
    storage = provider.app.state.storage
    await storage.clients.save(
        client("desk", CIBA, backchannel_token_delivery_mode="poll", scopes=frozenset({"openid", "profile"}))
    )
    known = subject((await storage.records.clients())["desk"], "acc-lan", provider.app.state.services.policy)
    await commit(storage, RememberSubject(known, "acc-lan"))
    counter = visitor()
    shapes = []
    for hint in (known, "u" * 43, LAN, "099194999999", "nobody"):
        answer = await called(counter, login_hint=hint)
        assert answer.status_code == 200, answer.text
        poll = await asked(counter, answer.json()["auth_req_id"])
        shapes.append((sorted(answer.json()), len(answer.json()["auth_req_id"]), error_of(poll)))
    assert len({str(shape) for shape in shapes}) == 1
    browser = visitor()
    await browser.sign_in(LAN, LAN_PASSWORD)
    assert (await browser.get("/account/approvals")).text.count("Quầy 3, mã 4821") == 1


async def test_a_ping_rings_once_the_answer_is_there(visitor: NewVisitor, provider: Provider) -> None:
    """CIBA 10.2: POST of auth_req_id with the client's bearer token; redirects and errors are tried again."""
    storage = provider.app.state.storage
    rung = client(
        "desk", CIBA, backchannel_token_delivery_mode="ping", backchannel_client_notification_endpoint=PING
    )
    await storage.clients.save(rung)
    counter, browser = visitor(), visitor()
    said = (await called(counter, client_notification_token="ring-ring")).json()
    await browser.sign_in(LAN, LAN_PASSWORD)
    page = await browser.get("/account/approvals")
    await browser.post("/account/approvals", data=fields_of(page.text) | {"answer": "approve"})
    await first_attempt(storage)
    sent: list[tuple[str, object, str | None]] = []
    statuses = iter([302, 500, 204])

    async def post(url: str, value: object, *, bearer: str | None = None) -> int:
        sent.append((url, value, bearer))
        return next(statuses)

    clock = time.time() + 100
    worker = PingDelivery(storage.engine, storage.ping_bell, storage.vault, post, now=lambda: clock)
    for _ in range(5):
        await worker.deliver_due()
        clock += 70
    assert sent == [(PING, {"auth_req_id": said["auth_req_id"]}, "ring-ring")] * 3
    assert (await asked(counter, said["auth_req_id"])).status_code == 200

"""CIBA over HTTP: a counter asks, the person answers in the account centre (attacks 38, 40, 43, 45)."""

from __future__ import annotations

import asyncio
import time

import httpx2 as httpx
import pytest

from idp.authentication.totp import code_at
from idp.domain.writes import RememberSubject
from idp.protocol.decoupled_grant import CIBA
from idp.protocol.oidc_pairwise import subject
from idp.storage.ping_delivery import PingDelivery
from tests.idp_pages.conftest import TOTP, Provider, fields_of, step_of
from tests.idp_pages.decoupled_acts import (
    HOA,
    HOA_PASSWORD,
    PING,
    NewVisitor,
    asked,
    begun,
    called,
    client,
    clients,
    error_of,
    first_attempt,
    kinds,
    polled,
    reviewed,
)
from tests.idp_pages.test_sign_in import LAN, LAN_PASSWORD
from tests.idp_storage.samples import commit

__all__ = ["clients"]
pytestmark = pytest.mark.usefixtures("clients")


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
    locks = provider.app.state.storage.lives
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

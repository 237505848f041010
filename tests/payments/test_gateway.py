"""The payment gateway over HTTP: signed requests, the page, the receipt, notifications until they arrive."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import select, update

from clients.payment_gateway.notifications import Notifications, wait_after
from clients.payment_gateway.storage.tables import payment_order
from clients.payment_messages import (
    NOTIFICATIONS_PATH,
    OPEN_PATH,
    REFUND_PATH,
    STATEMENT,
    TELL_PATH,
    PaymentState,
    Question,
    RefundRequest,
)
from keys import KeyPurpose
from tests.payments.conftest import BODY, GATEWAY, OTHER, AtGateway, order


async def code_of(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


async def test_from_the_order_to_the_receipt(at_gateway: AtGateway) -> None:
    """The page shows body, matter, dossier and sum; paying leads back; the receipt says the sum in words too."""
    request = order()
    opened = await at_gateway.ask(OPEN_PATH, request)
    assert (opened.state, opened.sequence) == (PaymentState.OPEN, 1)
    page = (await at_gateway.http.get(opened.page)).text
    for shown in ("1.366.200", "Cổng Bảo hiểm xã hội", request.dossier_code, "mô phỏng"):
        assert shown in page
    back = await at_gateway.at_page(opened.page, wish="pay", bank="hoa-sen")
    assert (back.status_code, back.headers["location"]) == (303, request.back_to)
    said = await at_gateway.ask(TELL_PATH, Question(request.key))
    assert (said.state, said.amount) == (PaymentState.PAID, request.amount)
    receipt = (await at_gateway.http.get(f"{opened.page}/receipt")).text
    assert str(said.reference) in receipt
    assert "Một triệu ba trăm sáu mươi sáu nghìn hai trăm đồng" in receipt


async def test_nobody_pays_twice(at_gateway: AtGateway) -> None:
    """Two windows, both sent: one payment, one reference; the body can open no second order beside a paid one."""
    request = order()
    opened = await at_gateway.ask(OPEN_PATH, request)
    windows = [(await at_gateway.window(opened.page), bank) for bank in ("hoa-sen", "chim-lac")]
    both = await asyncio.gather(
        *(at_gateway.send_form(window, wish="pay", bank=bank) for window, bank in windows)
    )
    assert sorted(each.headers["location"] == request.back_to for each in both) == [False, True]
    first = await at_gateway.ask(TELL_PATH, Question(request.key))
    again = order(dossier_code=request.dossier_code)
    refused = await at_gateway.send(OPEN_PATH, at_gateway.signed(again))
    assert await code_of(refused) == (409, "already-paid")
    assert await at_gateway.ask(OPEN_PATH, request) == first
    assert first.sequence == 2


async def test_another_sum_closes_the_first_order(at_gateway: AtGateway) -> None:
    """When the fee changes, the open order ends with the new one: no old page can be paid."""
    first = order()
    opened = await at_gateway.ask(OPEN_PATH, first)
    second = await at_gateway.ask(OPEN_PATH, order(7_000, dossier_code=first.dossier_code))
    await at_gateway.at_page(opened.page, wish="pay", bank="hoa-sen")
    assert (await at_gateway.ask(TELL_PATH, Question(first.key))).state is PaymentState.CANCELLED
    assert (await at_gateway.ask(TELL_PATH, Question(second.key))).state is PaymentState.OPEN


async def test_refusals_of_the_page(at_gateway: AtGateway) -> None:
    """No bank chosen, the bank refuses, not now, too late: nothing is collected and the page says so."""
    request = order()
    opened = await at_gateway.ask(OPEN_PATH, request)
    missing = await at_gateway.at_page(opened.page, wish="pay")
    assert (missing.status_code, "Chọn một ngân hàng" in missing.text) == (422, True)
    failed = await at_gateway.at_page(opened.page, wish="fail", bank="hoa-sen")
    shown = await at_gateway.http.get(failed.headers["location"])
    assert "Ngân hàng đã từ chối" in shown.text
    assert (await at_gateway.ask(TELL_PATH, Question(request.key))).state is PaymentState.OPEN
    assert (await at_gateway.at_page(opened.page, wish="something")).status_code == 400
    assert (await at_gateway.at_page(opened.page, wish="cancel")).headers["location"] == request.back_to
    assert (await at_gateway.ask(TELL_PATH, Question(request.key))).state is PaymentState.CANCELLED
    late = await at_gateway.ask(OPEN_PATH, order())
    at_gateway.ahead = timedelta(hours=2)
    await at_gateway.at_page(late.page, wish="pay", bank="hoa-sen")
    assert (await at_gateway.ask(TELL_PATH, Question(late.key))).state is PaymentState.EXPIRED
    assert (await at_gateway.http.get(f"{late.page}/receipt")).status_code == 404


async def test_a_refund_once(at_gateway: AtGateway) -> None:
    """The same refund asked twice gives the money once; more than was paid is refused; the receipt shows it."""
    request = order(15_000)
    opened = await at_gateway.ask(OPEN_PATH, request)
    back = RefundRequest(request.key, "refund-of-the-whole", 15_000)
    unpaid = await at_gateway.send(REFUND_PATH, at_gateway.signed(back))
    assert await code_of(unpaid) == (409, "not-paid")
    await at_gateway.at_page(opened.page, wish="pay", bank="song-huong")
    said = [await at_gateway.ask(REFUND_PATH, back) for _ in range(2)]
    assert said[0] == said[1]
    assert (said[0].state, said[0].refunded) == (PaymentState.REFUNDED, 15_000)
    more = await at_gateway.send(
        REFUND_PATH, at_gateway.signed(RefundRequest(request.key, "refund-of-still-more", 1))
    )
    assert await code_of(more) == (409, "more-than-paid")
    assert str(said[0].refund_reference) in (await at_gateway.http.get(f"{opened.page}/receipt")).text


@pytest.mark.attack
async def test_what_no_body_signed_is_refused(at_gateway: AtGateway) -> None:
    """Strangers, other types, receivers, keys and times; a signed question opens nothing (RFC 8725 section 3.11)."""
    request = order()
    signed = at_gateway.signed
    refused = [
        signed(request, aud="http://localhost:9999"),
        signed(request, iss="http://evil.example"),
        signed(request, ring=at_gateway.rings[OTHER]),
        signed(request, typ=STATEMENT),
        signed(request, purpose=KeyPurpose.CLIENT_ASSERTION, typ="JWT"),
        signed(request, exp=1),
        signed(request, exp=None),
        "noise",
        "e" * 20_000,
    ]
    for message in refused:
        assert await code_of(await at_gateway.send(OPEN_PATH, message)) == (401, "payment-request-refused")
    assert (await at_gateway.send(OPEN_PATH, signed(request), "text/plain")).status_code == 415
    for wrong in (Question(request.key), RefundRequest(request.key, "x" * 20, 5)):
        answer = await at_gateway.send(OPEN_PATH, signed(wrong))
        assert await code_of(answer) == (400, "payment-request-invalid")
    lost = await at_gateway.send(TELL_PATH, signed(Question(request.key)))
    assert await code_of(lost) == (404, "order-unknown")


@pytest.mark.attack
async def test_an_order_is_its_bodys_alone(at_gateway: AtGateway) -> None:
    """Another body learns nothing of it and gets none of its money; guessed pages and forged forms reach nothing."""
    request = order()
    opened = await at_gateway.ask(OPEN_PATH, request)
    await at_gateway.at_page(opened.page, wish="pay", bank="hoa-sen")
    for path, asked in (
        (TELL_PATH, Question(request.key)),
        (REFUND_PATH, RefundRequest(request.key, "r" * 20, 5)),
    ):
        answer = await at_gateway.send(path, at_gateway.signed(asked, OTHER))
        assert await code_of(answer) == (404, "order-unknown")
    assert (await at_gateway.http.get(f"/pay/{request.key}")).status_code == 404
    assert (await at_gateway.http.get(f"/pay/{'x' * 500}")).status_code == 404
    forged = await at_gateway.http.post(opened.page, data={"wish": "cancel", "csrf_token": "x"})
    assert forged.status_code in {400, 403}


async def only(at: AtGateway, key: str) -> None:
    """Make every other test's order wait, so that this one is told next."""
    async with at.gateway.database.transaction() as connection:
        await connection.execute(
            update(payment_order).where(payment_order.c.key != key).values(told=payment_order.c.sequence)
        )


async def test_a_body_is_told_until_it_heard(at_gateway: AtGateway) -> None:
    """Away, then refusing, then there: the newest state arrives, once confirmed it is not told again."""
    request = order()
    opened = await at_gateway.ask(OPEN_PATH, request)
    heard: list[httpx2.Request] = []
    answers = [503, 500, 204]

    def body(asked: httpx2.Request) -> httpx2.Response:
        heard.append(asked)
        return httpx2.Response(answers[len(heard) - 1])

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(body))
    telling = Notifications(at_gateway.gateway, client)
    await only(at_gateway, request.key)
    assert not await telling.tell_one()
    assert not await telling.tell_one(), "it waits before it tries again"
    await at_gateway.at_page(opened.page, wish="pay", bank="hoa-sen")
    assert not await telling.tell_one(), "a new state goes at once"
    async with at_gateway.gateway.database.transaction() as connection:
        mine = payment_order.c.key == request.key
        row = (
            await connection.execute(select(payment_order.c.tries, payment_order.c.last_error).where(mine))
        ).one()
        assert tuple(row) == (1, "status 500")
        await connection.execute(update(payment_order).where(mine).values(next_at=payment_order.c.opened_at))
    assert await telling.tell_one()
    assert not await telling.tell_one()
    assert [str(each.url) for each in heard] == [f"{BODY}{NOTIFICATIONS_PATH}"] * 3
    said = [at_gateway.read(each.content.decode()).state for each in heard]
    assert said == [PaymentState.OPEN, PaymentState.PAID, PaymentState.PAID]
    await telling.close()


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    """A body that is away is left in peace; it is never given up, since money hangs on it."""
    assert wait_after(0) == timedelta(seconds=2)
    assert wait_after(3) == timedelta(seconds=16)
    assert wait_after(50) == timedelta(minutes=15)


async def test_pages_and_keys_are_there(at_gateway: AtGateway) -> None:
    """The front page in both languages, readiness, and keys with which anybody can check a statement."""
    assert "Cổng thanh toán mô phỏng" in (await at_gateway.http.get("/")).text
    assert "Simulated payment gateway" in (await at_gateway.http.get("/?lang=en")).text
    assert (await at_gateway.http.get(f"{GATEWAY}/health/ready")).status_code == 200
    published = (await at_gateway.http.get("/.well-known/jwks.json")).json()["keys"]
    assert [each["kty"] for each in published] == ["EC"]

"""A payment as its portal knows it: whatever the order and number of statements, the end is the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.payment_gateway.orders import Order, OrderRefused, cancel, fail, opened, pay, refund
from clients.payment_messages import (
    Named,
    NotUnderstood,
    OrderRequest,
    PaymentState,
    RefundRequest,
    Statement,
    read_order,
    read_refund,
    read_statement,
)
from clients.portal_kit.payments.payment import Payment, Report, StatementRefused, Step, accept, next_step

BODY = "https://bhxh.example"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
REQUEST = OrderRequest(
    "k" * 20,
    "G34.899.01-261123-340001",
    1_366_200,
    Named("Cổng", "Portal"),
    Named("Phí", "Fee"),
    f"{BODY}/payments/k/back",
)
OURS = Payment(REQUEST.key, REQUEST.dossier_code, "somebody", REQUEST.amount)


def after(order: Order, what: str, number: int) -> Order:
    """The order after one act of somebody; where it is refused, as it was."""
    half, rest = (RefundRequest(REQUEST.key, letter * 16, 683_100) for letter in "hr")
    acts = {
        "pay": lambda: pay(order, "hoa-sen", f"TT-261123-{number:012d}", NOW + timedelta(minutes=number)),
        "fail": lambda: fail(order, "hoa-sen", NOW),
        "cancel": lambda: cancel(order),
        "half": lambda: refund(order, half, "HT-261123-HALF", NOW),
        "rest": lambda: refund(order, rest, "HT-261123-REST", NOW),
    }
    try:
        return acts[what]()
    except OrderRefused:
        return order


@st.composite
def lives(draw: st.DrawFn) -> list[Statement]:
    """The statements of an order's life, in the order of their making."""
    order = opened(REQUEST, BODY, NOW)
    said = [order.statement(f"{BODY}/p")]
    wishes = st.lists(st.sampled_from(["pay", "fail", "cancel", "half", "rest"]), max_size=8)
    for number, what in enumerate(draw(wishes)):
        order = after(order, what, number)
        if order.sequence > said[-1].sequence:
            said.append(order.statement(f"{BODY}/p"))
    return said


@given(lives(), st.data())
def test_any_order_and_repetition_gives_the_same_end(said: list[Statement], data: st.DataObject) -> None:
    """Statements that are lost (but the last), late, doubled or overtaken change nothing of where it ends."""
    heard = data.draw(st.permutations([*said, *data.draw(st.lists(st.sampled_from(said), max_size=5))]))
    payment = OURS
    for each in heard:
        before, payment = payment, accept(payment, each)
        assert payment.sequence >= before.sequence
    assert payment == accept(OURS, said[-1])


@given(lives())
def test_what_is_said_reads_back(said: list[Statement]) -> None:
    """A statement is the same after its journey as claims."""
    for each in said:
        assert read_statement(each.claims()) == each


@pytest.mark.attack
@pytest.mark.parametrize(
    "changed", [{"amount": 1}, {"dossier_code": "G34.899.01-261123-340002"}, {"refunded": 9_999_999}]
)
def test_a_statement_of_another_order_is_not_believed(changed: dict[str, object]) -> None:
    """Another amount or dossier than we asked for never becomes ours, however well it is signed."""
    paid = pay(opened(REQUEST, BODY, NOW), "hoa-sen", "TT-261123-AAAAAAAAAAAA", NOW).statement(f"{BODY}/p")
    with pytest.raises(StatementRefused):
        accept(OURS, replace(paid, **changed))  # type: ignore[arg-type]  # one field each


@pytest.mark.parametrize(
    ("state", "report", "due", "step"),
    [
        (None, Report.NONE, False, Step.ASK),
        (PaymentState.OPEN, Report.NONE, False, Step.ASK),
        (PaymentState.PAID, Report.NONE, False, Step.REPORT_PAYMENT),
        (PaymentState.PAID, Report.PAID, False, None),
        (PaymentState.PAID, Report.PAID, True, Step.ASK_REFUND),
        (PaymentState.PAID, Report.UNWANTED, False, Step.ASK_REFUND),
        (PaymentState.REFUNDED, Report.PAID, True, Step.REPORT_REFUND),
        (PaymentState.REFUNDED, Report.UNWANTED, False, None),
        (PaymentState.REFUNDED, Report.REFUNDED, True, None),
        (PaymentState.CANCELLED, Report.NONE, True, None),
        (PaymentState.EXPIRED, Report.NONE, True, None),
    ],
)
def test_the_next_step_follows_from_the_payment_alone(
    state: PaymentState | None, report: Report, due: bool, step: Step | None
) -> None:
    """The registry hears of money only when money came, and money goes back only when it is owed or unwanted."""
    assert next_step(replace(OURS, state=state, report=report), refund_due=due) is step


@pytest.mark.attack
@given(
    st.dictionaries(
        st.text(max_size=12), st.none() | st.integers() | st.text(max_size=30) | st.lists(st.none())
    )
)
def test_reading_never_raises_anything_else(claims: dict[str, object]) -> None:
    """Whatever a known sender signs is read or named as not understood."""
    for read in (read_statement, read_refund, lambda said: read_order(said, BODY)):
        with pytest.raises(NotUnderstood):
            read(claims)


@pytest.mark.attack
@pytest.mark.parametrize(
    "changed",
    [
        {"amount": 0},
        {"amount": True},
        {"amount": 10**12},
        {"dossier_code": "no code"},
        {"dossier_code": None},
        {"back_to": "https://evil.example/"},
        {"back_to": "https://bhxh.example.evil/"},
        {"currency": "USD"},
        {"act": "refund"},
        {"key": "short"},
        {"payee": {"vi": "x"}},
    ],
)
def test_an_order_names_a_dossier_a_sum_and_a_way_back(changed: dict[str, object]) -> None:
    """No order without a dossier's code or a sum; the way back leads to the body itself (no open redirect)."""
    assert read_order(REQUEST.claims(), BODY) == REQUEST
    with pytest.raises(NotUnderstood):
        read_order({**REQUEST.claims(), **changed}, BODY)

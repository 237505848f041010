"""The life of an order at the payment gateway: nobody pays twice, no more goes back than came, every end is final."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from clients.payment_gateway.amounts import in_words
from clients.payment_gateway.orders import (
    MOST_ATTEMPTS,
    OPEN_FOR,
    Order,
    OrderRefused,
    cancel,
    expire,
    fail,
    make_way,
    opened,
    pay,
    refund,
    same,
)
from clients.payment_messages import Named, OrderRequest, PaymentState, RefundRequest

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
BODY = "https://bhxh.example"
REQUEST = OrderRequest(
    "k" * 20,
    "G34.899.01-261123-340001",
    1_366_200,
    Named("Cổng BHXH", "Insurance portal"),
    Named("Phí", "Fee"),
    f"{BODY}/payments/x/back",
)
ENDS = {PaymentState.CANCELLED, PaymentState.EXPIRED, PaymentState.REFUNDED}


def fresh() -> Order:
    """An order that waits for its citizen."""
    return opened(REQUEST, BODY, START)


def test_a_paid_order_is_paid_once() -> None:
    """Nobody pays twice, in whatever window: the second payment is refused and the first reference stays."""
    paid = pay(fresh(), "hoa-sen", "TT-261123-AAAAAAAAAAAA", START)
    with pytest.raises(OrderRefused, match="already-paid"):
        pay(paid, "hoa-sen", "TT-261123-BBBBBBBBBBBB", START)
    with pytest.raises(OrderRefused, match="already-paid"):
        cancel(paid)
    with pytest.raises(OrderRefused, match="already-paid"):
        make_way(paid, START)


def test_an_order_that_nobody_paid_ends_by_itself() -> None:
    """After its time an open order is closed: paying it is refused, another may be opened."""
    late = START + OPEN_FOR
    assert expire(fresh(), late).state is PaymentState.EXPIRED
    assert expire(fresh(), late - timedelta(seconds=1)).state is PaymentState.OPEN
    with pytest.raises(OrderRefused, match="closed"):
        pay(fresh(), "hoa-sen", "TT-1", late)
    assert make_way(fresh(), late).state is PaymentState.EXPIRED
    assert make_way(fresh(), START).state is PaymentState.CANCELLED


def test_a_bank_may_refuse_so_many_times() -> None:
    """A refusal leaves the order open for another try; the page is no place to try out cards without end."""
    order = fresh()
    for _ in range(MOST_ATTEMPTS - 1):
        order = fail(order, "hoa-sen", START)
    assert order.state is PaymentState.OPEN
    assert fail(order, "hoa-sen", START).state is PaymentState.CANCELLED


def test_the_same_key_is_the_same_order() -> None:
    """The request may be repeated; under its key no other dossier or sum is ever opened."""
    assert same(fresh(), REQUEST) == fresh()
    for other in (replace(REQUEST, amount=1), replace(REQUEST, dossier_code="G34.899.01-261123-340002")):
        with pytest.raises(OrderRefused, match="key-in-use"):
            same(fresh(), other)


def test_only_what_was_paid_goes_back() -> None:
    """An unpaid order gives nothing back; parts add up to the whole and no đồng more."""
    with pytest.raises(OrderRefused, match="not-paid"):
        refund(fresh(), RefundRequest(REQUEST.key, "r" * 20, 1), "HT-1", START)
    paid = pay(fresh(), "chim-lac", "TT-1", START)
    part = refund(paid, RefundRequest(REQUEST.key, "r" * 20, 366_200), "HT-1", START)
    assert (part.state, part.refunded) == (PaymentState.PAID, 366_200)
    with pytest.raises(OrderRefused, match="key-in-use"):
        refund(part, RefundRequest(REQUEST.key, "r" * 20, 1), "HT-2", START)
    with pytest.raises(OrderRefused, match="more-than-paid"):
        refund(part, RefundRequest(REQUEST.key, "s" * 20, 1_000_001), "HT-2", START)
    whole = refund(part, RefundRequest(REQUEST.key, "s" * 20, 1_000_000), "HT-2", START)
    assert (whole.state, whole.refunded) == (PaymentState.REFUNDED, REQUEST.amount)
    assert refund(whole, RefundRequest(REQUEST.key, "s" * 20, 1_000_000), "HT-3", START) == whole


class OrderLife(RuleBasedStateMachine):
    """Citizens, banks, bodies and time act on one order in any sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.order = fresh()
        self.now = START
        self.before = [self.order]

    def take(self, after: Order) -> None:
        """Remember what became of the order."""
        self.order = after
        self.before.append(after)

    @rule(what=st.sampled_from(["pay", "fail", "cancel"]), number=st.integers(0, 10**6))
    def somebody_acts(self, what: str, number: int) -> None:
        """At the page, in any window."""
        acts = {
            "pay": lambda: pay(self.order, "hoa-sen", f"TT-{number}", self.now),
            "fail": lambda: fail(self.order, "hoa-sen", self.now),
            "cancel": lambda: cancel(self.order),
        }
        try:
            self.take(acts[what]())
        except OrderRefused:
            assert self.order.state is not PaymentState.OPEN or self.now >= self.order.expires_at

    @rule(key=st.sampled_from(["a" * 16, "b" * 16, "c" * 16]), amount=st.integers(1, 2 * REQUEST.amount))
    def money_goes_back(self, key: str, amount: int) -> None:
        """Refunds under few keys, of any sum."""
        with contextlib.suppress(OrderRefused):
            self.take(refund(self.order, RefundRequest(REQUEST.key, key, amount), f"HT-{key[0]}", self.now))

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        """And the order is looked at."""
        self.now += timedelta(minutes=minutes)
        self.take(expire(self.order, self.now))

    @invariant()
    def money_adds_up(self) -> None:
        """A reference exactly when something was paid; never more back than came; one sum for each key."""
        assert 0 <= self.order.refunded <= self.order.amount
        paid = self.order.state in {PaymentState.PAID, PaymentState.REFUNDED}
        assert (self.order.reference is not None) is paid
        assert (self.order.refunded == self.order.amount) is (self.order.state is PaymentState.REFUNDED)
        assert len({each.key for each in self.order.refunds}) == len(self.order.refunds)

    @precondition(lambda self: len(self.before) > 1)
    @invariant()
    def nothing_goes_back_in_time(self) -> None:
        """Every change raises the sequence; who was paid stays paid under one reference; an end is an end."""
        earlier, later = self.before[-2:]
        assert (later.sequence > earlier.sequence) is (later != earlier)
        if earlier.reference is not None:
            assert later.reference == earlier.reference
        if earlier.state in ENDS:
            assert later == earlier


TestOrderLife = OrderLife.TestCase
TestOrderLife.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (7_000, "Bảy nghìn đồng"),
        (15_000, "Mười lăm nghìn đồng"),
        (1_366_200, "Một triệu ba trăm sáu mươi sáu nghìn hai trăm đồng"),
        (4_371_840, "Bốn triệu ba trăm bảy mươi mốt nghìn tám trăm bốn mươi đồng"),
        (1_000_001, "Một triệu không trăm linh một đồng"),
        (21, "Hai mươi mốt đồng"),
        (1_000_000_000, "Một tỷ đồng"),
    ],
)
def test_a_receipt_says_the_sum_in_words(amount: int, words: str) -> None:
    """A receipt names the sum in words (bằng chữ): mốt, lăm and linh where a Vietnamese reader says them."""
    assert in_words(amount) == words


@given(st.integers(0, 10**12 - 1))
def test_different_sums_sound_different(amount: int) -> None:
    """The words alone decide the sum: no neighbour sounds alike, no digit is lost."""
    others = {amount + 1, amount * 10, amount // 10} - {amount}
    assert all(in_words(each) != in_words(amount) for each in others if 0 <= each < 10**12)

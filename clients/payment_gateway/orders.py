"""An order as a frozen value and what may happen to it: pure functions to the order after, or `OrderRefused`.

open → paid, cancelled, expired; paid → paid with a part given back, or refunded when all of it went back. A change
raises `sequence` by one; what is asked again and already so is answered with the order as it stands.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from clients.payment_messages import Named, OrderRequest, PaymentState, RefundRequest, Statement

OPEN_FOR: Final = timedelta(hours=1)
"""So long an order waits for its citizen; the fee stays due and a new one can be opened."""
MOST_ATTEMPTS: Final = 20
"""Refusals of a bank before an order is closed: a page is no place to try out cards."""
BANKS: Final = ("song-huong", "hoa-sen", "chim-lac")
"""The invented banks and wallet; their names are texts (`bank.<code>`)."""


class OrderRefused(Exception):
    """`code` is language-free."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that went back once."""

    key: str
    amount: int
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """What one body collects from whoever pays for one dossier. `payee_url` is the body that signed the request."""

    payee_url: str
    key: str
    dossier_code: str
    amount: int
    payee: Named
    subject: Named
    back_to: str
    opened_at: datetime
    state: PaymentState = PaymentState.OPEN
    sequence: int = 1
    attempts: int = 0
    bank: str | None = None
    reference: str | None = None
    paid_at: datetime | None = None
    refunds: tuple[Refund, ...] = ()

    @property
    def refunded(self) -> int:
        """Đồng that went back."""
        return sum(each.amount for each in self.refunds)

    @property
    def expires_at(self) -> datetime:
        """When an open order ends by itself."""
        return self.opened_at + OPEN_FOR

    def statement(self, page: str) -> Statement:
        """What its body is told."""
        return Statement(
            self.key,
            self.dossier_code,
            self.amount,
            self.state,
            self.sequence,
            page,
            self.reference,
            self.paid_at,
            self.refunded,
            self.refunds[-1].reference if self.refunds else None,
        )


def opened(request: OrderRequest, payee_url: str, now: datetime) -> Order:
    """A new order."""
    return Order(
        payee_url,
        request.key,
        request.dossier_code,
        request.amount,
        request.payee,
        request.subject,
        request.back_to,
        now,
    )


def same(order: Order, request: OrderRequest) -> Order:
    """The order that this very request opened before.

    Raises:
        OrderRefused: `key-in-use`, the key names another dossier or amount.
    """
    if (order.dossier_code, order.amount) != (request.dossier_code, request.amount):
        raise OrderRefused("key-in-use")
    return order


def make_way(order: Order, now: datetime) -> Order:
    """What becomes of a dossier's live order when its body opens another: an unpaid one is closed.

    Raises:
        OrderRefused: `already-paid`: nobody pays twice for one dossier.
    """
    if order.state is PaymentState.PAID:
        raise OrderRefused("already-paid")
    return cancel(expire(order, now))


def expire(order: Order, now: datetime) -> Order:
    """The order at that moment: an open one whose time is over has ended."""
    if order.state is PaymentState.OPEN and now >= order.expires_at:
        return _changed(order, state=PaymentState.EXPIRED)
    return order


def pay(order: Order, bank: str, reference: str, now: datetime) -> Order:
    """The bank has paid.

    Raises:
        OrderRefused: `already-paid`; `closed`, it was cancelled, has expired, or the money went back.
    """
    order = _payable(order, now)
    return _changed(order, state=PaymentState.PAID, bank=bank, reference=reference, paid_at=now)


def fail(order: Order, bank: str, now: datetime) -> Order:
    """The bank has refused: the order stays open for another try, up to a bound.

    Raises:
        OrderRefused: as `pay`.
    """
    order = _payable(order, now)
    attempts = order.attempts + 1
    state = PaymentState.CANCELLED if attempts >= MOST_ATTEMPTS else order.state
    return _changed(order, state=state, bank=bank, attempts=attempts)


def cancel(order: Order) -> Order:
    """The citizen does not want to pay now; one that ended already stays as it ended.

    Raises:
        OrderRefused: `already-paid`.
    """
    if order.state is PaymentState.PAID:
        raise OrderRefused("already-paid")
    return _changed(order, state=PaymentState.CANCELLED) if order.state is PaymentState.OPEN else order


def refund(order: Order, request: RefundRequest, reference: str, now: datetime) -> Order:
    """Money goes back, never more than was paid; the same key again gives nothing more.

    Raises:
        OrderRefused: `not-paid`; `more-than-paid`; `key-in-use`, that refund was of another amount.
    """
    before = next((each for each in order.refunds if each.key == request.refund_key), None)
    if before is not None:
        if before.amount != request.amount:
            raise OrderRefused("key-in-use")
        return order
    if order.state not in {PaymentState.PAID, PaymentState.REFUNDED}:
        raise OrderRefused("not-paid")
    if order.refunded + request.amount > order.amount:
        raise OrderRefused("more-than-paid")
    refunds = (*order.refunds, Refund(request.refund_key, request.amount, reference, now))
    whole = order.refunded + request.amount == order.amount
    return _changed(order, state=PaymentState.REFUNDED if whole else PaymentState.PAID, refunds=refunds)


def _payable(order: Order, now: datetime) -> Order:
    order = expire(order, now)
    if order.state is PaymentState.PAID:
        raise OrderRefused("already-paid")
    if order.state is not PaymentState.OPEN:
        raise OrderRefused("closed")
    return order


def _changed(order: Order, **what: object) -> Order:
    return replace(order, sequence=order.sequence + 1, **what)  # type: ignore[arg-type]  # fields of the value itself

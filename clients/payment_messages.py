"""What a body (portal, registry) and the payment gateway say to each other, each message signed by its sender.

A body asks: *open* an order for the fee of a dossier, give money *back*, *tell* me how an order stands. The gateway
answers every question, and tells every change without being asked, with a *statement*: the whole of the order as it
stands, under a `sequence` that only grows. So a statement may be lost, late or come twice: the highest number holds.
An order is named by the body's own `key`; the same key again is the same order. Amounts are whole đồng.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

REQUEST: Final = "payment-request+jwt"
STATEMENT: Final = "payment-statement+jwt"
OPEN_PATH: Final = "/v1/orders"
REFUND_PATH: Final = "/v1/refunds"
TELL_PATH: Final = "/v1/statements"
NOTIFICATIONS_PATH: Final = "/payments/notifications"
"""Where every body takes statements."""
MOST: Final = 1_000_000_000
"""Đồng that one order may ask for, as the registry's own limit of a fee."""
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_REFERENCE: Final = re.compile(r"[A-Za-z0-9._:-]{6,64}", re.ASCII)
"""As the registry takes references of payments."""
_CODE: Final = re.compile(r"[A-Z]?\d{2,3}(\.[A-Z]?\d{2,3}){0,4}-\d{6}(\d{2})?-\d{4,8}", re.ASCII)
_LONGEST: Final = {"code": 40, "text": 200, "address": 500}


class PaymentState(StrEnum):
    """How an order stands. Only `open` and `paid` are alive: a dossier has at most one such order."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUNDED = "refunded"


LIVE: Final = frozenset({PaymentState.OPEN, PaymentState.PAID})


class NotUnderstood(Exception):
    """A message without what it must have; the argument names the member."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """Open an order: `payee` collects `amount` for `subject`; the browser goes back to `back_to`."""

    key: str
    dossier_code: str
    amount: int
    payee: Named
    subject: Named
    back_to: str

    def claims(self) -> dict[str, object]:
        """As it is signed."""
        return {
            "act": "open",
            "key": self.key,
            "dossier_code": self.dossier_code,
            "amount": self.amount,
            "currency": "VND",
            "payee": {"vi": self.payee.vi, "en": self.payee.en},
            "subject": {"vi": self.subject.vi, "en": self.subject.en},
            "back_to": self.back_to,
        }


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Give `amount` of an order back; the same `refund_key` again gives nothing more."""

    key: str
    refund_key: str
    amount: int

    def claims(self) -> dict[str, object]:
        """As it is signed."""
        return {"act": "refund", "key": self.key, "refund_key": self.refund_key, "amount": self.amount}


@dataclass(frozen=True, slots=True)
class Question:
    """How does this order stand?"""

    key: str

    def claims(self) -> dict[str, object]:
        """As it is signed."""
        return {"act": "tell", "key": self.key}


@dataclass(frozen=True, slots=True)
class Statement:
    """An order as it stands. `page` is where the citizen pays or finds the receipt; `refunded` đồng went back."""

    key: str
    dossier_code: str
    amount: int
    state: PaymentState
    sequence: int
    page: str
    reference: str | None = None
    paid_at: datetime | None = None
    refunded: int = 0
    refund_reference: str | None = None

    def claims(self) -> dict[str, object]:
        """As it is signed."""
        return {
            "key": self.key,
            "dossier_code": self.dossier_code,
            "amount": self.amount,
            "currency": "VND",
            "state": self.state.value,
            "sequence": self.sequence,
            "page": self.page,
            "reference": self.reference,
            "paid_at": None if self.paid_at is None else self.paid_at.isoformat(),
            "refunded": self.refunded,
            "refund_reference": self.refund_reference,
        }


Request = OrderRequest | RefundRequest | Question


def read_order(claims: Mapping[str, Any], sender: str) -> OrderRequest:
    """Raises :class:`NotUnderstood`; the way back must lead to the sender itself."""
    _act(claims, "open")
    back_to = _text(claims, "back_to", _LONGEST["address"])
    if not back_to.startswith(f"{sender}/") or not back_to.isascii():
        raise NotUnderstood("back_to")
    if claims.get("currency") != "VND":
        raise NotUnderstood("currency")
    return OrderRequest(
        _key(claims, "key"),
        _code(claims),
        _amount(claims),
        _named(claims, "payee"),
        _named(claims, "subject"),
        back_to,
    )


def read_refund(claims: Mapping[str, Any]) -> RefundRequest:
    """Raises :class:`NotUnderstood`."""
    _act(claims, "refund")
    return RefundRequest(_key(claims, "key"), _key(claims, "refund_key"), _amount(claims))


def read_question(claims: Mapping[str, Any]) -> Question:
    """Raises :class:`NotUnderstood`."""
    _act(claims, "tell")
    return Question(_key(claims, "key"))


def read_statement(claims: Mapping[str, Any]) -> Statement:
    """Raises :class:`NotUnderstood`."""
    try:
        state = PaymentState(str(claims.get("state")))
        paid_at = None if claims.get("paid_at") is None else datetime.fromisoformat(claims["paid_at"])
    except (ValueError, TypeError) as error:
        raise NotUnderstood("state") from error
    sequence, refunded = claims.get("sequence"), claims.get("refunded")
    if type(sequence) is not int or type(refunded) is not int or sequence < 1 or refunded < 0:
        raise NotUnderstood("sequence")
    if claims.get("currency") != "VND":
        raise NotUnderstood("currency")
    if state in {PaymentState.PAID, PaymentState.REFUNDED} and claims.get("reference") is None:
        raise NotUnderstood("reference")
    return Statement(
        _key(claims, "key"),
        _code(claims),
        _amount(claims),
        state,
        sequence,
        _text(claims, "page", _LONGEST["address"]),
        _optional(claims, "reference"),
        paid_at,
        refunded,
        _optional(claims, "refund_reference"),
    )


def _act(claims: Mapping[str, Any], wanted: str) -> None:
    if claims.get("act") != wanted:
        raise NotUnderstood("act")


def _text(claims: Mapping[str, Any], name: str, longest: int) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise NotUnderstood(name)
    return value


def _optional(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not (isinstance(value, str) and _REFERENCE.fullmatch(value)):
        raise NotUnderstood(name)
    return value


def _key(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise NotUnderstood(name)
    return value


def _code(claims: Mapping[str, Any]) -> str:
    value = claims.get("dossier_code")
    if not isinstance(value, str) or len(value) > _LONGEST["code"] or not _CODE.fullmatch(value):
        raise NotUnderstood("dossier_code")
    return value


def _amount(claims: Mapping[str, Any]) -> int:
    value = claims.get("amount")
    if type(value) is not int or not 0 < value <= MOST:
        raise NotUnderstood("amount")
    return value


def _named(claims: Mapping[str, Any], name: str) -> Named:
    value = claims.get(name)
    if not isinstance(value, dict):
        raise NotUnderstood(name)
    return Named(_text(value, "vi", _LONGEST["text"]), _text(value, "en", _LONGEST["text"]))

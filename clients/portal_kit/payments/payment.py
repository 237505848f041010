"""One payment as this portal knows it, and the next thing to do about it: pure functions.

The gateway's statements may come late, twice or in any order: only a higher `sequence` changes anything. What the
registry must hear follows from the payment alone, so that a portal that died anywhere goes on where it stood.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from clients.payment_messages import PaymentState, Statement


class Report(StrEnum):
    """What the registry knows of the payment."""

    NONE = "none"
    PAID = "paid"
    UNWANTED = "unwanted"
    """The registry will not have it (the dossier ended, another fee is due): the money goes back."""
    REFUNDED = "refunded"


class Step(StrEnum):
    """What to do next."""

    ASK = "ask"
    REPORT_PAYMENT = "report_payment"
    ASK_REFUND = "ask_refund"
    REPORT_REFUND = "report_refund"


class StatementRefused(Exception):
    """A statement that is not about this payment as we opened it; nothing of it is believed."""


@dataclass(frozen=True, slots=True)
class Payment:
    """An order of ours at the gateway; ``subject`` is the applicant's ``sub`` here. `state` None: never answered."""

    key: str
    dossier_code: str
    subject: str
    amount: int
    state: PaymentState | None = None
    sequence: int = 0
    page: str | None = None
    reference: str | None = None
    paid_at: datetime | None = None
    refunded: int = 0
    refund_reference: str | None = None
    report: Report = Report.NONE


def accept(payment: Payment, said: Statement) -> Payment:
    """The payment after a statement; an older one changes nothing.

    Raises:
        StatementRefused: another dossier or amount than we asked for.
    """
    if (said.key, said.dossier_code, said.amount) != (payment.key, payment.dossier_code, payment.amount):
        raise StatementRefused("of another order")
    if said.refunded > said.amount:
        raise StatementRefused("more went back than was paid")
    if said.sequence <= payment.sequence:
        return payment
    return replace(
        payment,
        state=said.state,
        sequence=said.sequence,
        page=said.page,
        reference=said.reference,
        paid_at=said.paid_at,
        refunded=said.refunded,
        refund_reference=said.refund_reference,
    )


def next_step(payment: Payment, *, refund_due: bool) -> Step | None:
    """What is to be done now; ``refund_due``: the registry owes this fee back. None: nothing, perhaps for ever."""
    match payment.state, payment.report:
        case ((None | PaymentState.OPEN), _):
            return Step.ASK
        case PaymentState.PAID, Report.NONE:
            return Step.REPORT_PAYMENT
        case PaymentState.PAID, Report.UNWANTED:
            return Step.ASK_REFUND
        case PaymentState.PAID, Report.PAID:
            return Step.ASK_REFUND if refund_due else None
        case PaymentState.REFUNDED, Report.PAID:
            return Step.REPORT_REFUND
    return None

"""Payments in PostgreSQL: a row for each order, locked while a statement is applied, leased while a step is done."""

from dataclasses import replace
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import RowMapping, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from clients.payment_messages import LIVE, PaymentState, Statement
from clients.portal_kit.payments.payment import Payment, Report, accept
from clients.portal_kit.storage.database import Database
from clients.portal_kit.storage.tables import payment, registry_dossier

LEASE: Final = timedelta(seconds=30)
LOOK_AGAIN: Final = timedelta(seconds=60)
"""So long after an order was opened its notification may be on its way before the gateway is asked."""
_FEE: Final = registry_dossier.c.said["fee"]
_REFUND_DUE: Final = and_(
    _FEE["state"].astext == "refund_due", _FEE["reference"].astext == payment.c.reference
)


class Payments:
    """The payments of one portal."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, dossier_code: str, subject: str, amount: int) -> Payment:
        """The payment to go on with: the live one of this sum, or a new one beside which no other is alive."""
        async with self._database.transaction() as connection:
            await connection.execute(
                select(func.pg_advisory_xact_lock(func.hashtextextended(dossier_code, 0)))
            )
            live = await self._live(connection, dossier_code)
            if live is not None and (live.amount == amount or live.state is PaymentState.PAID):
                return live
            if live is not None:
                await self._write(connection, replace(live, state=PaymentState.CANCELLED))
            fresh = Payment(token_urlsafe(24), dossier_code, subject, amount)
            await connection.execute(
                insert(payment).values(**columns_of(fresh), key=fresh.key, next_at=func.now() + LOOK_AGAIN)
            )
            return fresh

    async def of_dossier(self, dossier_code: str, subject: str) -> Payment | None:
        """The latest payment of somebody's dossier."""
        async with self._database.reading() as connection:
            found = await connection.execute(
                select(payment)
                .where(payment.c.dossier_code == dossier_code, payment.c.subject == subject)
                .order_by(payment.c.opened_at.desc())
                .limit(1)
            )
            row = found.mappings().one_or_none()
        return None if row is None else payment_of(row)

    async def one(self, key: str) -> Payment | None:
        """A payment by its key."""
        async with self._database.transaction() as connection:
            return await self._read(connection, key)

    async def accept(self, said: Statement) -> Payment | None:
        """Apply a statement; None for an order that is none of ours.

        Raises:
            StatementRefused: it is not about the payment as we opened it.
        """
        async with self._database.transaction() as connection:
            before = await self._read(connection, said.key)
            if before is None:
                return None
            after = accept(before, said)
            if after is not before:
                await self._write(connection, after)
            return after

    async def reported(self, key: str, report: Report) -> None:
        """The registry knows it now, or has refused it; no step back."""
        earlier = {Report.PAID: [Report.NONE], Report.UNWANTED: [Report.NONE], Report.REFUNDED: [Report.PAID]}
        async with self._database.transaction() as connection:
            await connection.execute(
                update(payment)
                .where(payment.c.key == key, payment.c.report.in_(earlier[report]))
                .values(report=report.value, tries=0, next_at=func.now(), last_error=None)
            )

    async def given_up(self, key: str) -> None:
        """An order that the gateway never heard of can no longer be paid."""
        async with self._database.transaction() as connection:
            await connection.execute(
                update(payment)
                .where(payment.c.key == key, payment.c.state.is_(None))
                .values(state=PaymentState.CANCELLED.value)
            )

    async def next_due(self, key: str | None = None) -> tuple[Payment, bool, int] | None:
        """A payment with something to do, for `LEASE` the caller's; whether its refund is due; the tries so far.

        With ``key`` that payment, however long it would wait.
        """
        due = _FEE["state"].astext == "refund_due"
        waiting = or_(
            payment.c.state.is_(None),
            payment.c.state == PaymentState.OPEN,
            and_(payment.c.state == PaymentState.PAID, payment.c.report.in_([Report.NONE, Report.UNWANTED])),
            and_(payment.c.state == PaymentState.PAID, payment.c.report == Report.PAID, due),
            and_(payment.c.state == PaymentState.REFUNDED, payment.c.report == Report.PAID),
        )
        which = payment.c.next_at <= func.now() if key is None else payment.c.key == key
        async with self._database.transaction() as connection:
            found = await connection.execute(
                select(payment, func.coalesce(_REFUND_DUE, False).label("refund_due"))
                .outerjoin(registry_dossier, registry_dossier.c.code == payment.c.dossier_code)
                .where(waiting, which)
                .order_by(payment.c.next_at)
                .limit(1)
                .with_for_update(of=payment, skip_locked=True)
            )
            row = found.mappings().one_or_none()
            if row is None:
                return None
            await connection.execute(
                update(payment).where(payment.c.key == row["key"]).values(next_at=func.now() + LEASE)
            )
        return payment_of(row), bool(row["refund_due"]), row["tries"]

    async def again(self, key: str, wait: timedelta, why: str | None) -> None:
        """Look at it again after ``wait``."""
        async with self._database.transaction() as connection:
            await connection.execute(
                update(payment)
                .where(payment.c.key == key)
                .values(tries=payment.c.tries + 1, next_at=func.now() + wait, last_error=why)
            )

    async def _live(self, connection: AsyncConnection, dossier_code: str) -> Payment | None:
        found = await connection.execute(
            select(payment)
            .where(
                payment.c.dossier_code == dossier_code,
                or_(payment.c.state.is_(None), payment.c.state.in_(LIVE)),
            )
            .order_by((payment.c.state == PaymentState.PAID).desc().nulls_last())
            .limit(1)
            .with_for_update()
        )
        row = found.mappings().one_or_none()
        return None if row is None else payment_of(row)

    async def _read(self, connection: AsyncConnection, key: str) -> Payment | None:
        found = await connection.execute(select(payment).where(payment.c.key == key).with_for_update())
        row = found.mappings().one_or_none()
        return None if row is None else payment_of(row)

    async def _write(self, connection: AsyncConnection, after: Payment) -> None:
        soon = func.now() + LOOK_AGAIN if after.state is PaymentState.OPEN else func.now()
        await connection.execute(
            update(payment)
            .where(payment.c.key == after.key)
            .values(**columns_of(after), tries=0, next_at=soon, last_error=None)
        )


def columns_of(value: Payment) -> dict[str, Any]:
    """The columns of a payment's value, without its key."""
    return {
        "dossier_code": value.dossier_code,
        "subject": value.subject,
        "amount": value.amount,
        "state": None if value.state is None else value.state.value,
        "sequence": value.sequence,
        "page": value.page,
        "reference": value.reference,
        "paid_at": value.paid_at,
        "refunded": value.refunded,
        "refund_reference": value.refund_reference,
        "report": value.report.value,
    }


def payment_of(row: RowMapping) -> Payment:
    """The value of a row."""
    return Payment(
        row["key"],
        row["dossier_code"],
        row["subject"],
        row["amount"],
        None if row["state"] is None else PaymentState(row["state"]),
        row["sequence"],
        row["page"],
        row["reference"],
        row["paid_at"],
        row["refunded"],
        row["refund_reference"],
        Report(row["report"]),
    )

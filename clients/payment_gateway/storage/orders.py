"""Orders in PostgreSQL: one row each, locked while something happens to it; every change waits to be told."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from clients.payment_gateway.orders import Order, Refund, expire, make_way, opened, same
from clients.payment_gateway.storage.tables import payment_order
from clients.payment_messages import LIVE, Named, OrderRequest, PaymentState
from clients.portal_kit.storage.database import Database

Act = Callable[[Order], Order]
LEASE = timedelta(seconds=30)
"""So long a statement on its way is nobody else's to send."""


class UnknownOrder(Exception):
    """There is no such order, or it is another body's: the same answer."""


class Orders:
    """The orders of all bodies. ``page_token`` gives the secret end of the address of an order's page."""

    def __init__(
        self, database: Database, page_token: Callable[[str, str], str], clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._page_token = page_token
        self._clock = clock

    async def open(self, request: OrderRequest, payee_url: str) -> Order:
        """The order of this request; of the same request before, the order as it stands.

        Raises:
            OrderRefused: `key-in-use`; `already-paid`, this body was paid for this dossier under another key.
        """
        async with self._database.transaction() as connection:
            # Openings for one dossier follow each other; the unique index is the last word.
            lock = f"{payee_url} {request.dossier_code}"
            await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(lock, 0))))
            known = await self._read(connection, payee_url, request.key)
            if known is not None:
                return same(known, request)
            mine = and_(
                payment_order.c.payee_url == payee_url, payment_order.c.dossier_code == request.dossier_code
            )
            live = await connection.execute(
                select(payment_order).where(mine, payment_order.c.state.in_(LIVE)).with_for_update()
            )
            for row in live.mappings():
                await self._write(connection, make_way(order_of(row), self._clock()))
            order = opened(request, payee_url, self._clock())
            digest = digest_of(self._page_token(payee_url, request.key))
            await connection.execute(
                insert(payment_order).values(
                    **columns_of(order), payee_url=payee_url, key=order.key, page_digest=digest
                )
            )
            return order

    async def one(self, payee_url: str, key: str) -> Order:
        """An order of that body as it stands now. Raises `UnknownOrder`."""
        return await self.act(payee_url, key, lambda order: order)

    async def at_page(self, token: str) -> Order:
        """The order that a page is about. Raises `UnknownOrder`."""
        async with self._database.reading() as connection:
            found = await connection.execute(
                select(payment_order).where(payment_order.c.page_digest == digest_of(token))
            )
            row = found.mappings().one_or_none()
        if row is None:
            raise UnknownOrder
        return await self.one(row["payee_url"], row["key"])

    async def act(self, payee_url: str, key: str, act: Act) -> Order:
        """Do something to an order while nobody else does; that its time was over is kept also when `act` refuses.

        Raises:
            UnknownOrder; OrderRefused: by `act`.
        """
        async with self._database.transaction() as connection:
            order = await self._read(connection, payee_url, key)
            if order is None:
                raise UnknownOrder
            now_standing = expire(order, self._clock())
            if now_standing is not order:
                await self._write(connection, now_standing)
        async with self._database.transaction() as connection:
            order = await self._read(connection, payee_url, key)
            assert order is not None
            after = act(order)
            if after is not order:
                await self._write(connection, after)
            return after

    async def next_untold(self) -> tuple[Order, int] | None:
        """An order whose body does not know how it stands, for `LEASE` the caller's alone; with the tries so far."""
        async with self._database.transaction() as connection:
            found = await connection.execute(
                select(payment_order)
                .where(payment_order.c.told < payment_order.c.sequence, payment_order.c.next_at <= func.now())
                .order_by(payment_order.c.next_at)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            row = found.mappings().one_or_none()
            if row is None:
                return None
            order = order_of(row)
            await connection.execute(
                update(payment_order).where(_is(order)).values(next_at=func.now() + LEASE)
            )
            return order, row["tries"]

    async def told(self, order: Order) -> None:
        """The body has confirmed this state of the order; a newer one waits still, and may go at once."""
        async with self._database.transaction() as connection:
            await connection.execute(
                update(payment_order)
                .where(_is(order))
                .values(
                    told=func.greatest(payment_order.c.told, order.sequence),
                    tries=0,
                    next_at=func.now(),
                    last_error=None,
                )
            )

    async def not_told(self, order: Order, wait: timedelta, why: str) -> None:
        """The statement did not arrive: again after `wait`."""
        async with self._database.transaction() as connection:
            await connection.execute(
                update(payment_order)
                .where(_is(order), payment_order.c.told < payment_order.c.sequence)
                .values(tries=payment_order.c.tries + 1, next_at=func.now() + wait, last_error=why)
            )

    async def _read(self, connection: AsyncConnection, payee_url: str, key: str) -> Order | None:
        found = await connection.execute(
            select(payment_order)
            .where(payment_order.c.payee_url == payee_url, payment_order.c.key == key)
            .with_for_update()
        )
        row = found.mappings().one_or_none()
        return None if row is None else order_of(row)

    async def _write(self, connection: AsyncConnection, order: Order) -> None:
        await connection.execute(
            update(payment_order)
            .where(_is(order))
            .values(**columns_of(order), tries=0, next_at=func.now(), last_error=None)
        )


def digest_of(token: str) -> bytes:
    """What is stored of a page's secret."""
    return hashlib.sha256(token.encode()).digest()


def _is(order: Order) -> Any:
    return and_(payment_order.c.payee_url == order.payee_url, payment_order.c.key == order.key)


def columns_of(order: Order) -> dict[str, Any]:
    """The columns that an order's value fills, without its name."""
    return {
        "dossier_code": order.dossier_code,
        "amount": order.amount,
        "payee": {"vi": order.payee.vi, "en": order.payee.en},
        "subject": {"vi": order.subject.vi, "en": order.subject.en},
        "back_to": order.back_to,
        "opened_at": order.opened_at,
        "state": order.state.value,
        "sequence": order.sequence,
        "attempts": order.attempts,
        "bank": order.bank,
        "reference": order.reference,
        "paid_at": order.paid_at,
        "refunds": [
            {"key": e.key, "amount": e.amount, "reference": e.reference, "at": e.at.isoformat()}
            for e in order.refunds
        ],
        "refunded": order.refunded,
    }


def order_of(row: RowMapping) -> Order:
    """The value of a row."""
    return Order(
        row["payee_url"],
        row["key"],
        row["dossier_code"],
        row["amount"],
        Named(**row["payee"]),
        Named(**row["subject"]),
        row["back_to"],
        row["opened_at"],
        PaymentState(row["state"]),
        row["sequence"],
        row["attempts"],
        row["bank"],
        row["reference"],
        row["paid_at"],
        tuple(
            Refund(e["key"], e["amount"], e["reference"], datetime.fromisoformat(e["at"]))
            for e in row["refunds"]
        ),
    )

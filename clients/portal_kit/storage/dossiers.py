"""Dossiers in PostgreSQL: filed once, moved only as the catalogue allows, with their whole history."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime

import orjson
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from clients.portal_kit.dossiers import Dossier, DossierEvent, DossierState, MoveRefused, dossier_code, move
from clients.portal_kit.storage.database import Database
from clients.portal_kit.storage.tables import dossier, dossier_counter, dossier_event, outgoing_news
from keys import Sealer

News = Callable[[Dossier], bytes]
"""Turns a changed dossier into the sealed message for the national portal."""


class Dossiers:
    """The dossiers of one portal. Every change writes history and news in the same transaction."""

    def __init__(
        self, database: Database, sealer: Sealer, clock: Callable[[], datetime], news: News | None
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._news = news

    async def reserve_code(self, agency_code: str, system_code: str) -> str:
        """The next code of the day. Numbers are never given twice; a number may stay unused."""
        today = self._clock().date()
        async with self._database.transaction() as connection:
            number = (
                await connection.execute(
                    insert_or(dossier_counter)
                    .values(day=today, value=1)
                    .on_conflict_do_update(
                        index_elements=[dossier_counter.c.day], set_={"value": dossier_counter.c.value + 1}
                    )
                    .returning(dossier_counter.c.value)
                )
            ).scalar_one()
        return dossier_code(agency_code, today, system_code, number)

    async def file(
        self,
        *,
        code: str,
        procedure_code: str,
        subject: str,
        submission_key: str,
        details: Mapping[str, object],
        checks: Mapping[str, object],
        receipts: tuple[str, ...],
        due_on: date | None,
        fee: int,
    ) -> Dossier:
        """File a dossier in state 1. Sending the same form twice gives the first dossier again."""
        now = self._clock()
        async with self._database.transaction() as connection:
            filed = await connection.execute(
                insert_or(dossier)
                .values(
                    code=code,
                    procedure_code=procedure_code,
                    subject=subject,
                    submission_key=submission_key,
                    state=DossierState.SUBMITTED.value,
                    submitted_at=now,
                    due_on=due_on,
                    fee=fee,
                    sealed_details=self._sealer.seal(orjson.dumps(details), code),
                    checks=checks,
                    receipts=list(receipts),
                )
                .on_conflict_do_nothing(index_elements=[dossier.c.subject, dossier.c.submission_key])
            )
            if filed.rowcount == 0:
                code = (
                    await connection.execute(
                        select(dossier.c.code).where(
                            dossier.c.subject == subject, dossier.c.submission_key == submission_key
                        )
                    )
                ).scalar_one()
            else:
                await self._note(connection, code, DossierState.SUBMITTED, now, "")
            return await self._read(connection, code)

    async def of(self, subject: str) -> tuple[Dossier, ...]:
        """A person's dossiers, newest first."""
        async with self._database.transaction() as connection:
            rows = await connection.execute(
                select(dossier)
                .where(dossier.c.subject == subject)
                .order_by(dossier.c.submitted_at.desc(), dossier.c.code.desc())
                .limit(200)
            )
            return tuple(self._value(row, ()) for row in rows)

    async def one(self, code: str, subject: str) -> Dossier | None:
        """One dossier with its history; None when it does not exist or belongs to somebody else."""
        async with self._database.transaction() as connection:
            owner = (
                await connection.execute(select(dossier.c.subject).where(dossier.c.code == code))
            ).scalar_one_or_none()
            return await self._read(connection, code) if owner == subject else None

    async def move(self, code: str, wanted: DossierState, note: str = "") -> Dossier:
        """Move a dossier, or raise :class:`~clients.portal_kit.dossiers.MoveRefused`; races are serialised."""
        now = self._clock()
        async with self._database.transaction() as connection:
            state = (
                await connection.execute(
                    select(dossier.c.state).where(dossier.c.code == code).with_for_update()
                )
            ).scalar_one()
            reached = move(DossierState(state), wanted)
            await connection.execute(
                update(dossier).where(dossier.c.code == code).values(state=reached.value)
            )
            await self._note(connection, code, reached, now, note)
            return await self._read(connection, code)

    async def receive(self, code: str) -> None:
        """Receive a submitted dossier (1 to 2); one that went on meanwhile stays where it is."""
        with suppress(MoveRefused):
            await self.move(code, DossierState.RECEIVED)

    async def _note(
        self, connection: AsyncConnection, code: str, state: DossierState, at: datetime, note: str
    ) -> None:
        following = select(func.coalesce(func.max(dossier_event.c.sequence), 0) + 1).where(
            dossier_event.c.code == code
        )
        await connection.execute(
            insert(dossier_event).values(
                code=code,
                sequence=following.scalar_subquery(),
                state=state.value,
                occurred_at=at,
                entered_at=at,
                note=note,
            )
        )
        if self._news is not None:
            message = self._news(await self._read(connection, code))
            await connection.execute(insert(outgoing_news).values(dossier_code=code, sealed_message=message))

    async def _read(self, connection: AsyncConnection, code: str) -> Dossier:
        row = (await connection.execute(select(dossier).where(dossier.c.code == code))).one()
        events = await connection.execute(
            select(dossier_event).where(dossier_event.c.code == code).order_by(dossier_event.c.sequence)
        )
        return self._value(
            row,
            tuple(
                DossierEvent(DossierState(each.state), each.occurred_at, each.entered_at, each.note)
                for each in events
            ),
        )

    def _value(self, row: Row[tuple[object, ...]], history: tuple[DossierEvent, ...]) -> Dossier:
        columns = row._mapping  # noqa: SLF001 - SQLAlchemy's public way to read a row by name
        return Dossier(
            code=columns["code"],
            procedure_code=columns["procedure_code"],
            subject=columns["subject"],
            state=DossierState(columns["state"]),
            submitted_at=columns["submitted_at"],
            details=orjson.loads(self._sealer.open(columns["sealed_details"], columns["code"])),
            checks=columns["checks"],
            receipts=tuple(columns["receipts"]),
            due_on=columns["due_on"],
            fee=columns["fee"],
            history=history,
        )

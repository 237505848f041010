"""Dossiers as other bodies tell them: the same end whatever the order, the repetitions and the gaps of the telling.

Lines are a set, keyed by dossier and number; the dossier itself is what its highest number says; both only grow. So
taking a message twice changes nothing, and any order of the same messages ends in the same rows. ``lines < number``
is a gap, which `reconciling` asks the registry to close.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Row, exists, func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from clients.national_portal.message import Line, Message, SyncedDossier
from clients.national_portal.notices import ENDED, kind_of
from clients.national_portal.storage.notices import note
from clients.national_portal.storage.tables import sync_mark, synced_dossier, synced_line
from clients.portal_kit.dossiers import DossierState
from clients.portal_kit.paging import PAGE, Cursor, Page, page_of
from clients.portal_kit.storage.database import Database
from keys import SealBroken, Sealer

MOST: Final = 200
RECONCILED: Final = "reconciled"


class SyncedDossiers:
    """``person_key`` hashes a personal number with the portal's own key; ``sealer`` seals officers' words."""

    def __init__(self, database: Database, sealer: Sealer, person_key: Callable[[str], bytes]) -> None:
        self._database = database
        self._sealer = sealer
        self._person_key = person_key

    async def merge(self, connection: AsyncConnection, message: Message) -> bool:
        """Take one message; False when its line was known. The dossier's row is the lock of its lines."""
        person = self._person_key(message.personal_number)
        said = message.dossier
        values = asdict(said) | {
            "person_key": person,
            "sealed": self._sealer.seal(orjson.dumps(said.said), said.code),
            "changed_at": message.line.occurred_at,
            "waits_for": list(said.waits_for),
        }
        values.pop("said")
        await connection.execute(
            insert(synced_dossier)
            .values(**values)
            .on_conflict_do_update(
                index_elements=[synced_dossier.c.code],
                set_={**values, "heard_at": func.now()},
                where=synced_dossier.c.number < said.number,
            )
        )
        line = asdict(message.line)
        new = await connection.execute(
            insert(synced_line).values(code=said.code, **line).on_conflict_do_nothing()
        )
        if new.rowcount == 0:
            return False
        mine = synced_dossier.c.code == said.code
        count = select(func.count()).where(synced_line.c.code == said.code).scalar_subquery()
        await connection.execute(update(synced_dossier).where(mine).values(lines=count))
        kind = kind_of(message.line.act, message.line.state)
        if kind is not None:
            await note(connection, person, message, kind)
        return True

    async def of(self, personal_number: str) -> tuple[SyncedDossier, ...]:
        """A person's latest dossiers at all bodies, the latest change first; parts of a linked one are not listed."""
        whole = synced_dossier.alias("whole")
        part = exists().where(whole.c.code == synced_dossier.c.linked_to)
        async with self._database.reading() as connection:
            rows = await connection.execute(
                select(synced_dossier)
                .where(synced_dossier.c.person_key == self._person_key(personal_number), ~part)
                .order_by(synced_dossier.c.changed_at.desc(), synced_dossier.c.code)
                .limit(MOST)
            )
            return tuple(self._value(row) for row in rows)

    async def page(
        self, personal_number: str, *, ended: bool | None, after: Cursor | None
    ) -> Page[SyncedDossier]:
        """One page of them, those that ended or that go on, or (None) both; the latest change first."""
        whole = synced_dossier.alias("whole")
        part = exists().where(whole.c.code == synced_dossier.c.linked_to)
        wanted = [synced_dossier.c.person_key == self._person_key(personal_number), ~part]
        if ended is not None:
            over = synced_dossier.c.state.in_([state.value for state in ENDED])
            wanted.append(over if ended else ~over)
        place = tuple_(synced_dossier.c.changed_at, synced_dossier.c.code)
        if after is not None:
            wanted.append(place < tuple_(literal(after.at), literal(after.key)))
        async with self._database.reading() as connection:
            rows = (
                await connection.execute(
                    select(synced_dossier)
                    .where(*wanted)
                    .order_by(synced_dossier.c.changed_at.desc(), synced_dossier.c.code.desc())
                    .limit(PAGE + 1)
                )
            ).all()
        found = [self._value(row) for row in rows]
        return page_of(found, [Cursor(row.changed_at, row.code) for row in rows])

    async def one(
        self, personal_number: str, code: str
    ) -> tuple[SyncedDossier, tuple[Line, ...], tuple[SyncedDossier, ...]] | None:
        """One dossier of that person with its lines and parts; None for somebody else's and an unknown one alike."""
        person = self._person_key(personal_number)
        async with self._database.reading() as connection:
            row = (
                await connection.execute(
                    select(synced_dossier).where(
                        synced_dossier.c.code == code, synced_dossier.c.person_key == person
                    )
                )
            ).one_or_none()
            if row is None:
                return None
            lines = await connection.execute(
                select(synced_line).where(synced_line.c.code == code).order_by(synced_line.c.number)
            )
            found = tuple(_line(each) for each in lines)
            parts = await connection.execute(
                select(synced_dossier)
                .where(synced_dossier.c.linked_to == code, synced_dossier.c.person_key == person)
                .order_by(synced_dossier.c.filed_at, synced_dossier.c.code)
            )
            return self._value(row), found, tuple(self._value(each) for each in parts)

    async def gaps(self, most: int) -> tuple[tuple[str, int], ...]:
        """Dossiers with lines missing, each with the last line before its first gap."""
        known = select(synced_line.c.number).where(synced_line.c.code == synced_dossier.c.code)
        row_number = func.row_number().over(order_by=synced_line.c.number)
        ranked = (
            select(synced_line.c.number.label("number"), row_number.label("place"))
            .where(synced_line.c.code == synced_dossier.c.code)
            .correlate(synced_dossier)
            .lateral()
        )
        unbroken = (
            select(func.count())
            .select_from(ranked)
            .where(ranked.c.number == ranked.c.place)
            .scalar_subquery()
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(
                select(synced_dossier.c.code, unbroken)
                .where(synced_dossier.c.lines < synced_dossier.c.number, exists(known))
                .order_by(func.random())
                .limit(most)
            )
            return tuple((str(code), int(after)) for code, after in rows)

    async def numbers(self, codes: Sequence[str]) -> dict[str, int]:
        """How far each of these dossiers is known."""
        async with self._database.reading() as connection:
            rows = await connection.execute(
                select(synced_dossier.c.code, synced_dossier.c.number).where(synced_dossier.c.code.in_(codes))
            )
            return {str(code): int(number) for code, number in rows}

    async def reconciled_to(self) -> datetime | None:
        """Up to when everything was compared with the registry; None when it never was."""
        async with self._database.reading() as connection:
            found = await connection.execute(
                select(sync_mark.c.reached).where(sync_mark.c.name == RECONCILED)
            )
            reached: datetime | None = found.scalar_one_or_none()
            return reached

    async def reconcile_to(self, moment: datetime) -> None:
        """Everything entered before that moment was compared."""
        async with self._database.transaction() as connection:
            await connection.execute(
                insert(sync_mark)
                .values(name=RECONCILED, reached=moment)
                .on_conflict_do_update(index_elements=[sync_mark.c.name], set_={"reached": moment})
            )

    def _value(self, row: Row[tuple[Any, ...]]) -> SyncedDossier:
        columns = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public way to read a row by name
        sealed = columns["sealed"]
        dossier = SyncedDossier(
            **{name: columns[name] for name in SyncedDossier.__slots__ if name in columns}
            | {"state": DossierState(columns["state"]), "waits_for": tuple(columns["waits_for"])}
        )
        try:
            said = orjson.loads(self._sealer.open(sealed, dossier.code)) if sealed else {}
        except SealBroken:  # sealed with a key that was retired: the state still shows
            said = {}
        return replace(dossier, said=said)


def _line(row: Row[tuple[Any, ...]]) -> Line:
    return Line(row.number, row.act, DossierState(row.state), row.occurred_at, row.entered_at, row.by)

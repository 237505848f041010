"""What a portal keeps of the dossiers it filed: its reference, the signed receipts, what was typed; never a state.

Where a dossier stands is the registry's to say. Its last word, as an answer or as an event, is kept beside
(`registry_dossier`) for the hour in which the registry cannot be asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from clients.portal_kit.dossiers import Dossier, DossierState, dossier_code
from clients.portal_kit.storage.database import Database
from clients.portal_kit.storage.tables import dossier_counter, filed_dossier, registry_dossier
from keys import Sealer


@dataclass(frozen=True, slots=True)
class Standing:
    """The registry's last word on where a dossier stands; ``number`` counts its history, ``said`` is all it said."""

    state: DossierState
    number: int
    occurred_at: datetime
    due_on: date | None = None
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FiledDossier:
    """One dossier filed here: ``details`` hold the personal number, the answers as typed, and what was shown."""

    code: str
    procedure_code: str
    filed_at: datetime
    details: Mapping[str, Any] = field(repr=False)
    receipts: tuple[str, ...] = field(default=(), repr=False)
    standing: Standing | None = None


class FiledDossiers:
    """The dossiers that one portal filed."""

    def __init__(self, database: Database, sealer: Sealer, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

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

    async def keep(
        self, dossier: Dossier, subject: str, *, details: Mapping[str, object], receipts: tuple[str, ...]
    ) -> None:
        """Keep what was filed or supplemented: receipts are added, a second press changes nothing."""
        sealed = self._sealer.seal(orjson.dumps(details), dossier.code)
        async with self._database.transaction() as connection:
            filed = await connection.execute(
                insert_or(filed_dossier)
                .values(
                    code=dossier.code,
                    procedure_code=dossier.procedure_code,
                    subject=subject,
                    filed_at=dossier.submitted_at,
                    sealed_details=sealed,
                    receipts=list(receipts),
                )
                .on_conflict_do_nothing(index_elements=[filed_dossier.c.code])
            )
            if filed.rowcount == 0:
                row = (
                    await connection.execute(
                        select(filed_dossier)
                        .where(filed_dossier.c.code == dossier.code, filed_dossier.c.subject == subject)
                        .with_for_update()
                    )
                ).one()
                every = list(dict.fromkeys((*row.receipts, *receipts)))
                await connection.execute(
                    update(filed_dossier)
                    .where(filed_dossier.c.code == dossier.code)
                    .values(sealed_details=sealed, receipts=every)
                )
            last = dossier.history[-1]
            said = Standing(
                dossier.state, dossier.version, last.occurred_at, dossier.due_on, {"fee": asdict(dossier.fee)}
            )
            await self.hear(connection, dossier.code, said)

    async def hear(self, connection: AsyncConnection, code: str, said: Standing) -> None:
        """Keep the registry's word where it is newer than what is known."""
        content = {
            "number": said.number,
            "state": str(said.state.value),
            "said": {
                **said.said,
                "occurred_at": said.occurred_at.isoformat(),
                "due_on": None if said.due_on is None else said.due_on.isoformat(),
            },
        }
        await connection.execute(
            insert_or(registry_dossier)
            .values(code=code, **content)
            .on_conflict_do_update(
                index_elements=[registry_dossier.c.code],
                set_=content,
                where=registry_dossier.c.number < said.number,
            )
        )

    async def of(self, subject: str) -> tuple[FiledDossier, ...]:
        """What a person filed here, newest first, with the registry's last word."""
        async with self._database.reading() as connection:
            rows = await connection.execute(
                self._select()
                .where(filed_dossier.c.subject == subject)
                .order_by(filed_dossier.c.filed_at.desc(), filed_dossier.c.code.desc())
                .limit(200)
            )
            return tuple(self._value(row, row) for row in rows)

    async def one(self, code: str, subject: str) -> FiledDossier | None:
        """One dossier filed here; None when it was not, or by somebody else."""
        async with self._database.reading() as connection:
            row = (
                await connection.execute(
                    self._select().where(filed_dossier.c.code == code, filed_dossier.c.subject == subject)
                )
            ).one_or_none()
            return None if row is None else self._value(row, row)

    def _select(self) -> Any:
        known = (registry_dossier.c.number, registry_dossier.c.state, registry_dossier.c.said)
        return select(filed_dossier, *known).outerjoin(
            registry_dossier, registry_dossier.c.code == filed_dossier.c.code
        )

    def _value(self, row: Row[Any], known: Row[Any] | None) -> FiledDossier:
        standing = None
        if known is not None and known.number is not None:
            standing = standing_of(known.number, known.state, known.said)
        return FiledDossier(
            code=row.code,
            procedure_code=row.procedure_code,
            filed_at=row.filed_at,
            details=orjson.loads(self._sealer.open(row.sealed_details, row.code)),
            receipts=tuple(row.receipts),
            standing=standing,
        )


def standing_of(number: object, state: object, said: Mapping[str, Any]) -> Standing | None:
    """The registry's word as kept or as an event brings it; None for what says nothing of a dossier's state."""
    due = said.get("due_on")
    try:
        return Standing(
            DossierState(int(str(state))),
            int(str(number)),
            datetime.fromisoformat(said["occurred_at"]),
            None if due is None else date.fromisoformat(due),
            said,
        )
    except (KeyError, TypeError, ValueError):
        return None

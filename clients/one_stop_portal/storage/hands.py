"""Whose hands a case is in: who received it, and each colleague of the same office who took it over, and when.

A case stays sealed for whoever holds it; taking over moves that right and adds a line, in one transaction. Lines stay
as long as the portal does: who held a dossier of a citizen can be answered later.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, insert, select, update

from clients.one_stop_portal.storage.papers import Clerk
from clients.one_stop_portal.storage.tables import case_hand
from clients.portal_kit.storage.database import Database
from clients.portal_kit.storage.tables import draft
from keys import Sealer

MOST: Final = 100
"""Lines of a list: an office has no more open cases in two weeks that somebody else would look for by code."""


@dataclass(frozen=True, slots=True)
class Hand:
    """One colleague and the moment from which the case was theirs."""

    code: str
    procedure_code: str
    subject: str
    name: str = field(repr=False)
    since: datetime
    holds: bool


class Hands:
    """The hands of one counter's cases; names in them are sealed."""

    def __init__(self, database: Database, sealer: Sealer, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def received(self, code: str, clerk: Clerk, name: str) -> None:
        """The first line: who received the citizen."""
        async with self._database.transaction() as connection:
            await connection.execute(insert(case_hand).values(**self._line(code, clerk, name)))

    async def taken_over(self, code: str, before: str, clerk: Clerk, name: str) -> bool:
        """The case is the colleague's. False: not of this office, or no longer in the hands of ``before``."""
        async with self._database.transaction() as connection:
            let_go = await connection.execute(
                update(case_hand)
                .where(
                    case_hand.c.code == code,
                    case_hand.c.office == clerk.office,
                    case_hand.c.subject == before,
                    case_hand.c.subject != clerk.subject,
                    case_hand.c.holds,
                )
                .values(holds=False)
            )
            if let_go.rowcount != 1:
                return False
            await connection.execute(insert(case_hand).values(**self._line(code, clerk, name)))
            await connection.execute(update(draft).where(draft.c.code == code).values(subject=clerk.subject))
        return True

    async def of(self, code: str, office: str) -> tuple[Hand, ...]:
        """Everybody who held a case of this office, the first one first."""
        query = self._joined().where(case_hand.c.code == code, case_hand.c.office == office)
        return await self._found(query.order_by(case_hand.c.hand_id))

    async def of_colleagues(self, clerk: Clerk, after: datetime) -> tuple[Hand, ...]:
        """Who of the office holds which case begun ``after``, the newest first; not one's own."""
        query = self._joined().where(
            case_hand.c.office == clerk.office,
            case_hand.c.subject != clerk.subject,
            case_hand.c.holds,
            draft.c.created_at > after,
        )
        return await self._found(query.order_by(case_hand.c.since.desc(), case_hand.c.hand_id.desc()))

    async def let_go_by(self, clerk: Clerk) -> frozenset[str]:
        """The codes of cases that a colleague took over from the clerk; a few weeks' worth."""
        query = select(case_hand.c.code).where(
            case_hand.c.subject == clerk.subject, case_hand.c.office == clerk.office, ~case_hand.c.holds
        )
        async with self._database.transaction() as connection:
            return frozenset(await connection.scalars(query.order_by(case_hand.c.hand_id.desc()).limit(MOST)))

    async def _found(self, query: Select[Any]) -> tuple[Hand, ...]:
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query.limit(MOST))).all()
        return tuple(self._opened(row) for row in rows)

    def _joined(self) -> Select[Any]:
        return select(case_hand, draft.c.procedure_code).join(draft, draft.c.code == case_hand.c.code)

    def _line(self, code: str, clerk: Clerk, name: str) -> dict[str, Any]:
        return {
            "code": code,
            "office": clerk.office,
            "subject": clerk.subject,
            "sealed_name": self._sealer.seal(name.encode(), code),
            "since": self._clock(),
            "holds": True,
        }

    def _opened(self, row: Row[Any]) -> Hand:
        name = self._sealer.open(row.sealed_name, row.code).decode()
        return Hand(row.code, row.procedure_code, row.subject, name, row.since, row.holds)

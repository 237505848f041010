"""Dossiers of other portals as their news told them; found again by a keyed hash of the personal number."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from clients.portal_kit.dossiers import DossierState
from clients.portal_kit.news import DossierNews
from clients.portal_kit.storage.database import Database
from clients.portal_kit.storage.tables import received_dossier


@dataclass(frozen=True, slots=True)
class ReceivedDossier:
    """One dossier elsewhere; ``link`` leads to it at its own portal."""

    portal: str
    code: str
    procedure_code: str
    state: DossierState
    submitted_at: datetime
    changed_at: datetime
    due_on: date | None
    link: str


class ReceivedDossiers:
    """What the national portal knows. ``person_key`` hashes a personal number with the portal's own key."""

    def __init__(self, database: Database, person_key: Callable[[str], bytes]) -> None:
        self._database = database
        self._person_key = person_key

    async def accept(self, news: DossierNews) -> bool:
        """Keep what is newer than what is known; False for a repeated or overtaken message."""
        values = {
            "person_key": self._person_key(news.personal_number),
            "procedure_code": news.procedure_code,
            "state": news.state.value,
            "sequence": news.sequence,
            "submitted_at": news.submitted_at,
            "changed_at": news.changed_at,
            "due_on": news.due_on,
            "link": news.link,
        }
        async with self._database.transaction() as connection:
            kept = await connection.execute(
                insert(received_dossier)
                .values(portal=news.portal, code=news.code, **values)
                .on_conflict_do_update(
                    index_elements=[received_dossier.c.portal, received_dossier.c.code],
                    set_=values,
                    where=received_dossier.c.sequence < news.sequence,
                )
            )
            return kept.rowcount == 1

    async def of(self, personal_number: str) -> tuple[ReceivedDossier, ...]:
        """A person's dossiers at all portals, the latest change first."""
        async with self._database.transaction() as connection:
            rows = await connection.execute(
                select(received_dossier)
                .where(received_dossier.c.person_key == self._person_key(personal_number))
                .order_by(received_dossier.c.changed_at.desc())
                .limit(200)
            )
            return tuple(
                ReceivedDossier(
                    portal=row.portal,
                    code=row.code,
                    procedure_code=row.procedure_code,
                    state=DossierState(row.state),
                    submitted_at=row.submitted_at,
                    changed_at=row.changed_at,
                    due_on=row.due_on,
                    link=row.link,
                )
                for row in rows
            )

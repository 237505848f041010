"""Notices for people: made once, with the line that they tell of; a mail beside it where somebody agreed to mail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from clients.national_portal.message import Message
from clients.national_portal.notices import BY_MAIL
from clients.national_portal.storage.tables import mail_due, mail_wish, notice, synced_dossier
from clients.portal_kit.paging import PAGE, Cursor, Page, page_of
from clients.portal_kit.storage.database import Database

LARGEST: Final = 2**63 - 1
STILL_NEWS: Final = timedelta(days=3)
"""A line that is heard of later (a gap that was closed) makes a notice, and no mail any more."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice as the inbox shows it."""

    notice_id: int
    code: str
    kind: str
    at: datetime
    unread: bool
    name_vi: str
    name_en: str


async def note(connection: AsyncConnection, person: bytes, message: Message, kind: str) -> None:
    """One notice for that line, and one mail where it was agreed to and is still news."""
    line = message.line
    mine = {"person_key": person, "code": message.dossier.code, "number": line.number, "kind": kind}
    new = await connection.execute(insert(notice).values(**mine, at=line.entered_at).on_conflict_do_nothing())
    if new.rowcount == 0 or kind not in BY_MAIL or line.entered_at < datetime.now(UTC) - STILL_NEWS:
        return
    wish = select(mail_wish.c.person_key).where(
        mail_wish.c.person_key == person, mail_wish.c.agreed_at.is_not(None)
    )
    if (await connection.execute(wish)).one_or_none() is not None:
        await connection.execute(insert(mail_due).values(**mine).on_conflict_do_nothing())


class Notices:
    """The inboxes. Everything asks for the person whose inbox it is."""

    def __init__(self, database: Database, person_key: Callable[[str], bytes]) -> None:
        self._database = database
        self._person_key = person_key

    async def page(self, personal_number: str, after: Cursor | None) -> Page[Notice]:
        """One page of a person's notices, the newest first."""
        wanted = [notice.c.person_key == self._person_key(personal_number)]
        if after is not None and after.key.isdecimal():
            place = tuple_(notice.c.at, notice.c.notice_id)
            wanted.append(place < tuple_(literal(after.at), literal(min(int(after.key), LARGEST))))
        async with self._database.reading() as connection:
            rows = (
                await connection.execute(
                    select(notice, synced_dossier.c.name_vi, synced_dossier.c.name_en)
                    .join(synced_dossier, synced_dossier.c.code == notice.c.code)
                    .where(*wanted)
                    .order_by(notice.c.at.desc(), notice.c.notice_id.desc())
                    .limit(PAGE + 1)
                )
            ).all()
        found = [
            Notice(row.notice_id, row.code, row.kind, row.at, row.read_at is None, row.name_vi, row.name_en)
            for row in rows
        ]
        return page_of(found, [Cursor(row.at, str(row.notice_id)) for row in rows])

    async def unread(self, personal_number: str) -> int:
        """How many notices wait."""
        mine = notice.c.person_key == self._person_key(personal_number)
        async with self._database.reading() as connection:
            found = await connection.execute(
                select(func.count()).select_from(notice).where(mine, notice.c.read_at.is_(None))
            )
            return int(found.scalar_one())

    async def read(self, personal_number: str, *, code: str | None = None) -> None:
        """All of them were seen, or those of one dossier."""
        mine = notice.c.person_key == self._person_key(personal_number)
        wanted = mine if code is None else mine & (notice.c.code == code)
        async with self._database.transaction() as connection:
            await connection.execute(
                update(notice).where(wanted, notice.c.read_at.is_(None)).values(read_at=func.now())
            )

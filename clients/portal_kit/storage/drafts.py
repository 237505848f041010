"""Dossiers in the making: what the person typed and what the registry said, sealed, kept for a day by default."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Row, delete, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from clients.portal_kit.paging import PAGE, Cursor, Page, page_of
from clients.portal_kit.storage.database import Database
from clients.portal_kit.storage.tables import draft
from keys import SealBroken, Sealer

LIFETIME: Final = timedelta(days=1)
LONGEST_KEY: Final = 1024


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known so far.

    ``own`` is the person's own record as released, ``answers`` the form as typed, ``assessment`` the registry's
    judgement of those answers (empty until asked). ``supplements`` is the number of the request (CT05) that a draft
    answers; 0 for a new dossier.
    """

    code: str
    procedure_code: str
    created_at: datetime | None = None
    own: Mapping[str, Any] = field(default_factory=dict, repr=False)
    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    assessment: Mapping[str, Any] = field(default_factory=dict, repr=False)
    supplements: int = 0


class Drafts:
    """Drafts of one portal; a draft belongs to one subject and is invisible to everybody else."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        clock: Callable[[], datetime],
        lifetime: timedelta = LIFETIME,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self.lifetime = lifetime

    async def start(self, subject: str, started: Draft) -> None:
        """Keep a new draft; older drafts than the portal keeps are forgotten on the way."""
        async with self._database.transaction() as connection:
            await connection.execute(delete(draft).where(draft.c.created_at < self._clock() - self.lifetime))
            values = {"sealed": self._sealed(started), "created_at": self._clock()}
            await connection.execute(
                insert_or(draft)
                .values(
                    code=started.code,
                    subject=subject,
                    procedure_code=started.procedure_code,
                    **values,
                )
                .on_conflict_do_update(
                    index_elements=[draft.c.code], set_=values, where=draft.c.subject == subject
                )
            )

    async def find(self, subject: str, code: str) -> Draft | None:
        """The subject's draft, or None."""
        async with self._database.reading() as connection:
            row = (
                await connection.execute(
                    select(draft).where(
                        draft.c.code == code,
                        draft.c.subject == subject,
                        draft.c.created_at > self._clock() - self.lifetime,
                    )
                )
            ).one_or_none()
        return None if row is None else self._opened(row)

    def _opened(self, row: Row[Any]) -> Draft | None:
        try:
            content = orjson.loads(self._sealer.open(row.sealed, row.code))
        except SealBroken:  # sealed with a key that was retired: the form begins anew
            return None
        return Draft(row.code, row.procedure_code, row.created_at, **content)

    async def of(self, subject: str) -> tuple[Draft, ...]:
        """The subject's drafts without their content, the newest first."""
        async with self._database.reading() as connection:
            rows = await connection.execute(
                select(draft.c.code, draft.c.procedure_code, draft.c.created_at)
                .where(draft.c.subject == subject, draft.c.created_at > self._clock() - self.lifetime)
                .order_by(draft.c.created_at.desc(), draft.c.code.desc())
                .limit(20)
            )
            return tuple(Draft(row.code, row.procedure_code, row.created_at) for row in rows)

    async def page(self, subject: str, procedures: Sequence[str], after: Cursor | None) -> Page[Draft]:
        """A page of the subject's drafts of some procedures with their content, the newest first."""
        wanted = [
            draft.c.subject == subject,
            draft.c.created_at > self._clock() - self.lifetime,
            draft.c.procedure_code.in_(procedures),
        ]
        if after is not None:
            place = tuple_(draft.c.created_at, draft.c.code)
            wanted.append(place < tuple_(literal(after.at), literal(after.key)))
        async with self._database.transaction() as connection:
            rows = (
                await connection.execute(
                    select(draft)
                    .where(*wanted)
                    .order_by(draft.c.created_at.desc(), draft.c.code.desc())
                    .limit(PAGE + 1)
                )
            ).all()
        cut = page_of(rows, [Cursor(row.created_at, row.code) for row in rows])
        opened = (self._opened(row) for row in cut.rows)
        return Page(tuple(each for each in opened if each is not None), cut.following)

    async def keep(self, changed: Draft) -> None:
        """Replace a draft's content."""
        async with self._database.transaction() as connection:
            await connection.execute(
                update(draft).where(draft.c.code == changed.code).values(sealed=self._sealed(changed))
            )

    async def amend(self, code: str, amended: Callable[[Draft], Draft]) -> Draft | None:
        """Replace the content by what becomes of it as it is at this moment; what others kept meanwhile stays.

        None: there is no such draft any more.
        """
        async with self._database.transaction() as connection:
            query = select(draft).where(draft.c.code == code).with_for_update()
            row = (await connection.execute(query)).one_or_none()
            found = None if row is None else self._opened(row)
            if found is None:
                return None
            changed = amended(found)
            await connection.execute(
                update(draft).where(draft.c.code == code).values(sealed=self._sealed(changed))
            )
        return changed

    def key_of(self, code: str, subject: str) -> str:
        """What a form carries, so that it can be kept although its session ended while somebody was typing."""
        return urlsafe_b64encode(self._sealer.seal(subject.encode(), f"key:{code}")).decode()

    async def rescue(self, code: str, key: str, answers: Mapping[str, Any]) -> bool:
        """Keep the answers of a form without a session; its key says whose draft it is. False: no such draft."""
        try:
            subject = self._sealer.open(urlsafe_b64decode(key[:LONGEST_KEY]), f"key:{code}").decode()
        except (ValueError, SealBroken):
            return False
        found = await self.find(subject, code)
        if found is None:
            return False
        await self.keep(replace(found, answers=answers, assessment={}))
        return True

    async def forget(self, code: str) -> None:
        """The draft became a dossier."""
        async with self._database.transaction() as connection:
            await connection.execute(delete(draft).where(draft.c.code == code))

    def _sealed(self, value: Draft) -> bytes:
        content = {
            "own": value.own,
            "answers": value.answers,
            "assessment": value.assessment,
            "supplements": value.supplements,
        }
        return self._sealer.seal(orjson.dumps(content), value.code)

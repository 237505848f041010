"""Paper consents as recorded at the counter: who agreed to what, by which clerk, when, and the scan's digest.

The paper itself stays in the office's file, its scan nowhere; the provider keeps the same facts in the person's
history. A colleague of the same office, who holds the paper, says once whether it agrees: never the clerk who
recorded it. Of other offices' papers nobody reads anything; whoever recorded or reviewed one still does later on.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Row, insert, literal, or_, select, tuple_, update

from clients.one_stop_portal.storage.tables import paper_consent
from clients.portal_kit.paging import PAGE, Cursor, Page, page_of
from clients.portal_kit.storage.database import Database
from keys import Sealer

AGREES, DIFFERS = "agrees", "differs"
FINDINGS: Final = (AGREES, DIFFERS)
LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who records, reads or reviews, and for which office."""

    subject: str
    office: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What the paper says, and who recorded it."""

    name: str = field(repr=False)
    number: str = field(repr=False)
    clerk: str = field(repr=False)
    paper_number: str
    scan: str
    witness: str


@dataclass(frozen=True, slots=True)
class RecordedPaper:
    """One recorded paper, and its review if there was one."""

    paper_id: int
    recorded_at: datetime
    code: str
    procedure_code: str
    recorded_by: str
    paper: Paper
    finding: str | None
    reviewed_at: datetime | None
    reviewer: str = field(repr=False)


def _read_by(reader: Clerk) -> ColumnElement[bool]:
    """Those of the reader's office, and whatever the reader wrote."""
    return or_(
        paper_consent.c.office == reader.office,
        paper_consent.c.recorded_by == reader.subject,
        paper_consent.c.reviewed_by == reader.subject,
    )


class Papers:
    """The papers of one counter; personal data in them is sealed."""

    def __init__(self, database: Database, sealer: Sealer, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def record(self, code: str, procedure_code: str, clerk: Clerk, paper: Paper) -> None:
        """Keep one paper; nothing changes or removes it."""
        values = {
            "code": code,
            "procedure_code": procedure_code,
            "recorded_by": clerk.subject,
            "office": clerk.office,
            "sealed": self._sealer.seal(orjson.dumps(asdict(paper)), code),
        }
        async with self._database.transaction() as connection:
            await connection.execute(insert(paper_consent).values(recorded_at=self._clock(), **values))

    async def page(self, reader: Clerk, after: Cursor | None) -> Page[RecordedPaper]:
        """A page of the papers of the reader's office, and of their own elsewhere, the newest first."""
        query = select(paper_consent).where(_read_by(reader))
        if after is not None and after.key.isdecimal():
            place = tuple_(paper_consent.c.recorded_at, paper_consent.c.paper_id)
            query = query.where(place < tuple_(literal(after.at), literal(min(int(after.key), LARGEST))))
        query = query.order_by(paper_consent.c.recorded_at.desc(), paper_consent.c.paper_id.desc())
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query.limit(PAGE + 1))).all()
        found = [self._opened(row) for row in rows]
        return page_of(found, [Cursor(row.recorded_at, str(row.paper_id)) for row in rows])

    async def review(self, paper_id: int, finding: str, reviewer: Clerk, name: str) -> bool:
        """What a colleague found. False: not a paper of the office, reviewed already, or recorded by the reviewer."""
        values = {
            "finding": finding,
            "reviewed_at": self._clock(),
            "reviewed_by": reviewer.subject,
            "sealed_reviewer": self._sealer.seal(name.encode(), f"reviewer:{paper_id}"),
        }
        async with self._database.transaction() as connection:
            done = await connection.execute(
                update(paper_consent)
                .where(
                    paper_consent.c.paper_id == paper_id,
                    paper_consent.c.office == reviewer.office,
                    paper_consent.c.finding.is_(None),
                    paper_consent.c.recorded_by != reviewer.subject,
                )
                .values(values)
            )
        return done.rowcount == 1

    def _opened(self, row: Row[Any]) -> RecordedPaper:
        reviewer = row.sealed_reviewer
        return RecordedPaper(
            paper_id=row.paper_id,
            recorded_at=row.recorded_at,
            code=row.code,
            procedure_code=row.procedure_code,
            recorded_by=row.recorded_by,
            paper=Paper(**orjson.loads(self._sealer.open(row.sealed, row.code))),
            finding=row.finding,
            reviewed_at=row.reviewed_at,
            reviewer=""
            if reviewer is None
            else self._sealer.open(reviewer, f"reviewer:{row.paper_id}").decode(),
        )

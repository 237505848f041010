"""How content people were: one mark for a dossier, without whose it was; told only where enough people spoke."""

import random
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert

from clients.national_portal.message import SyncedDossier
from clients.national_portal.storage.tables import rating, synced_dossier
from clients.portal_kit.storage.database import Database

MARKS: Final = (1, 2, 3, 4, 5)
SAMPLE: Final = "mau-synthetic"
SAMPLE_WEIGHTS: Final = (2, 4, 11, 38, 45)
SAMPLE_PROCEDURES: Final = ("1.004194", "1.004222", "1.002755", "1.010041", "bhyt.household")
SAMPLE_PROVINCES: Final = ("01", "31", "38", "48", "56", "75", "79", "92")
LEAST: Final = 10
"""Fewer marks than this are not told (as the registry's statistics of dossiers)."""


class Ratings:
    """The dossier's code is the key, so the second mark of a dossier changes nothing; no person is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rate(self, dossier: SyncedDossier, mark: int, month: date) -> bool:
        """Keep a mark; False when the dossier has one."""
        async with self._database.transaction() as connection:
            kept = await connection.execute(
                insert(rating)
                .values(
                    code=dossier.code,
                    stars=mark,
                    procedure_code=dossier.procedure_code,
                    province=dossier.province,
                    month=month.replace(day=1),
                )
                .on_conflict_do_nothing()
            )
            return kept.rowcount == 1

    async def of(self, code: str) -> int | None:
        """The mark of a dossier."""
        async with self._database.reading() as connection:
            found = await connection.execute(select(rating.c.stars).where(rating.c.code == code))
            mark: int | None = found.scalar_one_or_none()
            return mark

    async def counts(
        self, first: date, last: date, procedure: str | None, province: str | None
    ) -> dict[int, int]:
        """How often each mark was given in those months; nothing at all below `LEAST`."""
        wanted: list[ColumnElement[bool]] = [rating.c.month.between(first, last)]
        if procedure is not None:
            wanted.append(rating.c.procedure_code == procedure)
        if province is not None:
            wanted.append(rating.c.province == province)
        async with self._database.reading() as connection:
            rows = await connection.execute(
                select(rating.c.stars, func.count()).where(*wanted).group_by(rating.c.stars)
            )
            found = {int(mark): int(count) for mark, count in rows}
        return found if sum(found.values()) >= LEAST else {}

    async def sample(self, *, seed: int, count: int, today: date) -> int:
        """Made-up marks of the past year for a demo, their keys marked as such; how many are new."""
        chance = random.Random(f"marks {seed}")  # noqa: S311 - synthetic, and the same for the same seed
        months = [(today.year * 12 + today.month - 1 - back) for back in range(12)]
        rows = []
        for number in range(count):
            month = chance.choice(months)
            rows.append(
                {
                    "code": f"{SAMPLE}-{number:05d}",
                    "stars": chance.choices(MARKS, SAMPLE_WEIGHTS)[0],
                    "procedure_code": chance.choice(SAMPLE_PROCEDURES),
                    "province": chance.choice(SAMPLE_PROVINCES),
                    "month": date(month // 12, month % 12 + 1, 1),
                }
            )
        async with self._database.transaction() as connection:
            kept = await connection.execute(insert(rating).values(rows).on_conflict_do_nothing())
            return kept.rowcount

    async def reuse(self) -> tuple[int, int]:
        """Dossiers known here, and those that used the population data (index 1.4 and 4.5)."""
        async with self._database.reading() as connection:
            row = (
                await connection.execute(select(func.count(), func.count().filter(synced_dossier.c.reused)))
            ).one()
            return int(row[0]), int(row[1])

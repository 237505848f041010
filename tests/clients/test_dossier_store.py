"""Dossiers and drafts on real PostgreSQL: filed once, moved lawfully under races, seen by their owner alone."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from clients.__main__ import database_url
from clients.portal_kit.dossiers import Dossier, DossierState, MoveRefused
from clients.portal_kit.storage.database import Database
from clients.portal_kit.storage.dossiers import Dossiers
from clients.portal_kit.storage.drafts import Draft, Drafts
from clients.portal_kit.storage.migrating import migrate
from clients.portal_kit.storage.tables import dossier_event, metadata, outgoing_news
from keys import KeyRing
from tests.clock import MovingClock


def news(dossier: Dossier) -> bytes:
    """A message that shows what it was made of."""
    return json.dumps([dossier.code, dossier.state, len(dossier.history)]).encode()


@pytest.fixture
def dossiers(database: Database, rings: dict[str, KeyRing], moving_clock: MovingClock) -> Dossiers:
    """The dossiers of the residence portal, with news."""
    return Dossiers(database, rings["residence_portal"].sealer("portal.dossier"), moving_clock, news)


@pytest.fixture
def drafts(database: Database, rings: dict[str, KeyRing], moving_clock: MovingClock) -> Drafts:
    """The drafts of the residence portal."""
    return Drafts(database, rings["residence_portal"].sealer("portal.draft"), moving_clock)


async def filed(dossiers: Dossiers, subject: str = "lan", key: str | None = None, **changed: Any) -> Dossier:
    """File a dossier with a fresh code."""
    code = await dossiers.reserve_code("G01.899.05", "01")
    values: dict[str, Any] = {
        "code": code,
        "subject": subject,
        "submission_key": key or code,
        "procedure_code": "1.004194",
        "details": {"personal_number": "099194000101"},
        "checks": {"checks": []},
        "receipts": ("a.b.c",),
        "due_on": date(2026, 10, 8),
        "fee": 7000,
    }
    return await dossiers.file(**values | changed)


async def test_codes_are_given_once(dossiers: Dossiers, moving_clock: MovingClock) -> None:
    """Fifty people at once get fifty codes of the day, numbered without gap; the next day begins at one."""
    codes = await asyncio.gather(*(dossiers.reserve_code("G01.899.05", "01") for _ in range(50)))
    assert sorted(codes) == [f"G01.899.05-261005-01{number:04d}" for number in range(1, 51)]
    moving_clock.advance(hours=24)
    assert await dossiers.reserve_code("G01.899.05", "01") == "G01.899.05-261006-010001"


async def test_sent_twice_filed_once(dossiers: Dossiers, database: Database) -> None:
    """The same form pressed ten times at once is one dossier with one first event and one message."""
    found = await asyncio.gather(*(filed(dossiers, key="form-1") for _ in range(10)))
    assert len({each.code for each in found}) == 1
    async with database.transaction() as connection:
        for table in (dossier_event, outgoing_news):
            assert (await connection.execute(select(func.count()).select_from(table))).scalar_one() == 1


async def test_moves_race_and_the_history_stays_lawful(dossiers: Dossiers) -> None:
    """Of two withdrawals at once one wins; the other is refused as the catalogue refuses it."""
    code = (await filed(dossiers)).code
    await dossiers.receive(code)
    tried = await asyncio.gather(
        *(dossiers.move(code, DossierState.WITHDRAWAL_ASKED) for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(each, Dossier) for each in tried) == 1
    assert sum(isinstance(each, MoveRefused) for each in tried) == 5
    kept = await dossiers.one(code, "lan")
    assert kept is not None
    assert [event.state.value for event in kept.history] == [1, 2, 7]
    await dossiers.receive(code)  # too late to receive: nothing happens
    assert (await dossiers.one(code, "lan")) == kept


async def test_every_change_tells_its_news(dossiers: Dossiers, database: Database) -> None:
    """History and message are written together, numbered by the dossier's events."""
    code = (await filed(dossiers)).code
    await dossiers.receive(code)
    async with database.transaction() as connection:
        rows = await connection.execute(
            select(outgoing_news.c.sealed_message).order_by(outgoing_news.c.news_id)
        )
        assert [json.loads(row[0]) for row in rows] == [[code, 1, 1], [code, 2, 2]]


async def test_without_news_nothing_changes(
    database: Database, rings: dict[str, KeyRing], moving_clock: MovingClock
) -> None:
    """A message that cannot be made takes the move back: both or neither."""

    def broken(_: Dossier) -> bytes:
        raise RuntimeError

    sealer = rings["residence_portal"].sealer("portal.dossier")
    with pytest.raises(RuntimeError):
        await filed(Dossiers(database, sealer, moving_clock, broken))
    assert await Dossiers(database, sealer, moving_clock, None).of("lan") == ()


@pytest.mark.attack
async def test_somebody_elses_dossier_does_not_exist(dossiers: Dossiers) -> None:
    """Reading by code needs the owner's subject (attack 49)."""
    code = (await filed(dossiers)).code
    assert await dossiers.one(code, "attacker") is None
    assert await dossiers.of("attacker") == ()
    with pytest.raises(IntegrityError):  # a code belongs to one dossier
        await filed(dossiers, subject="attacker", code=code)


async def test_details_are_sealed(dossiers: Dossiers, database: Database) -> None:
    """No personal number in clear anywhere in the database."""
    found = await filed(dossiers)
    assert found.details["personal_number"] == "099194000101"
    async with database.transaction() as connection:
        dump = (
            await connection.exec_driver_sql("SELECT string_agg(d::text, '') FROM dossier d")
        ).scalar_one()
    assert "099194000101" not in dump


async def test_drafts_are_kept_for_a_day_and_for_their_owner(
    drafts: Drafts, moving_clock: MovingClock
) -> None:
    """Found by its owner until a day has passed; nobody else sees it; forgotten when filed."""
    code = "G01.899.05-261005-010001"
    await drafts.start("lan", Draft(code, "1.004194", own={"number": "099194000101"}))
    await drafts.keep(Draft(code, "1.004194", own={}, answers={"address": ["Số 5"]}))
    found = await drafts.find("lan", code)
    assert found is not None
    assert found.answers == {"address": ["Số 5"]}
    assert [each.code for each in await drafts.of("lan")] == [code]
    assert await drafts.find("attacker", code) is None
    assert await drafts.of("attacker") == ()
    moving_clock.advance(hours=24, seconds=1)
    assert await drafts.find("lan", code) is None
    assert await drafts.of("lan") == ()
    moving_clock.advance(hours=-2)
    await drafts.forget(code)
    assert await drafts.find("lan", code) is None


async def test_migrations_make_the_tables(database: Database, portal_url: str) -> None:
    """What Alembic builds is exactly what the code declares; a second run changes nothing."""
    await migrate(portal_url)

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return [each for each in compare_metadata(context, metadata) if "alembic_version" not in str(each)]

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_the_command_reads_the_address_from_a_file(tmp_path: Any) -> None:
    """In containers the address is a secret file; both names work."""
    file = tmp_path / "url"
    file.write_text("postgresql://x\n", encoding="utf-8")
    assert database_url({"DATABASE_URL_FILE": str(file)}) == "postgresql://x"
    assert database_url({"DATABASE_URL": "postgresql://y"}) == "postgresql://y"
    assert database_url({}) == ""

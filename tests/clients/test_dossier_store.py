"""What a portal keeps, on real PostgreSQL: codes given once, what was filed and its receipts, drafts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import NoResultFound

from clients.__main__ import database_url
from clients.portal_kit.dossiers import DossierState
from clients.portal_kit.storage.database import Database
from clients.portal_kit.storage.drafts import Draft, Drafts
from clients.portal_kit.storage.filed import FiledDossiers, Standing
from clients.portal_kit.storage.migrating import migrate
from clients.portal_kit.storage.tables import metadata
from keys import KeyRing
from tests.clients.test_dossier_rules import dossier
from tests.clock import MovingClock

LAN = "099194000101"


@pytest.fixture
def filed(database: Database, rings: dict[str, KeyRing], moving_clock: MovingClock) -> FiledDossiers:
    """What the residence portal filed."""
    return FiledDossiers(database, rings["residence_portal"].sealer("portal.dossier"), moving_clock)


@pytest.fixture
def drafts(database: Database, rings: dict[str, KeyRing], moving_clock: MovingClock) -> Drafts:
    """The drafts of the residence portal."""
    return Drafts(database, rings["residence_portal"].sealer("portal.draft"), moving_clock)


async def keep(filed: FiledDossiers, subject: str = "lan", code: str | None = None, **changed: Any) -> str:
    """Keep a dossier that the registry took, under a fresh code."""
    code = code or await filed.reserve_code("G01.899.05", "01")
    values: dict[str, Any] = {"details": {"personal_number": LAN}, "receipts": ("a.b.c",)} | changed
    await filed.keep(replace(dossier(1), code=code), subject, **values)
    return code


async def hear(filed: FiledDossiers, database: Database, code: str, state: int, number: int) -> None:
    """The registry says that a dossier moved on."""
    said = Standing(DossierState(state), number, dossier(1).submitted_at + timedelta(hours=number))
    async with database.transaction() as connection:
        await filed.hear(connection, code, said)


async def test_codes_are_given_once(filed: FiledDossiers, moving_clock: MovingClock) -> None:
    """Fifty people at once get fifty codes of the day, numbered without gap; the next day begins at one."""
    moving_clock.advance(hours=24 * 500)  # a day of its own: the tests of a session share the counter
    codes = await asyncio.gather(*(filed.reserve_code("G01.899.05", "01") for _ in range(50)))
    assert sorted(codes) == [f"G01.899.05-280217-01{number:04d}" for number in range(1, 51)]
    moving_clock.advance(hours=24)
    assert await filed.reserve_code("G01.899.05", "01") == "G01.899.05-280218-010001"


async def test_kept_twice_is_kept_once(filed: FiledDossiers) -> None:
    """Pressed ten times at once it is one dossier; a supplement adds its receipt to the first."""
    code = await filed.reserve_code("G01.899.05", "01")
    await asyncio.gather(*(keep(filed, code=code) for _ in range(10)))
    await keep(filed, code=code, receipts=("d.e.f",))
    (found,) = await filed.of("lan")
    assert (found.code, found.receipts) == (code, ("a.b.c", "d.e.f"))


async def test_the_registrys_word_is_kept_in_order(filed: FiledDossiers, database: Database) -> None:
    """What is overtaken changes nothing (the registry pushes in order, a dead letter may come again)."""
    code = await keep(filed)
    for state, number in ((5, 4), (2, 2)):
        await hear(filed, database, code, state, number)
    await hear(filed, database, "H01-261120-0001", 2, 2)
    kept = await filed.one(code, "lan")
    assert kept is not None
    assert kept.standing is not None
    assert (kept.standing.state, kept.standing.number) == (DossierState.SUPPLEMENT_WANTED, 4)


async def test_an_event_that_comes_before_the_answer_counts(filed: FiledDossiers, database: Database) -> None:
    """The registry's push may be faster than its answer: the newer word stays."""
    code = await filed.reserve_code("G01.899.05", "01")
    await hear(filed, database, code, 2, 2)
    await keep(filed, code=code)
    kept = await filed.one(code, "lan")
    assert kept is not None
    assert kept.standing is not None
    assert (kept.standing.state, kept.standing.number) == (DossierState.RECEIVED, 2)


@pytest.mark.attack
async def test_somebody_elses_dossier_does_not_exist(filed: FiledDossiers) -> None:
    """Reading by code needs the owner's subject, and nobody adds to what another filed (attack 49)."""
    code = await keep(filed)
    assert await filed.one(code, "attacker") is None
    assert await filed.of("attacker") == ()
    with pytest.raises(NoResultFound):
        await keep(filed, subject="attacker", code=code)


async def test_details_are_sealed(filed: FiledDossiers, database: Database) -> None:
    """No personal number in clear anywhere in the database."""
    found = await filed.one(await keep(filed), "lan")
    assert found is not None
    assert found.details["personal_number"] == LAN
    async with database.transaction() as connection:
        query = "SELECT string_agg(d::text, '') FROM filed_dossier d"
        dump = (await connection.exec_driver_sql(query)).scalar_one()
    assert LAN not in dump


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

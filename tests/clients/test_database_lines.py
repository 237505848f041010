"""How often a portal's question goes to PostgreSQL and back, and what becomes of connections that broke."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from clients.portal_kit.storage.database import Database
from web import engines

pytestmark = pytest.mark.engine


async def driver_of(connection: AsyncConnection) -> Any:
    """The driver's own connection."""
    return (await connection.get_raw_connection()).driver_connection


async def around(database: Database, *, changing: bool = False) -> tuple[int, list[str]]:
    """Which server process answers a question, and what is said to it around the question."""
    said: list[str] = []
    async with database.reading() as connection:
        driver = await driver_of(connection)
    driver.add_query_logger(lambda query: said.append(query.query))  # prepared statements are not told
    async with database.transaction() if changing else database.reading() as connection:
        pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    await asyncio.sleep(0)  # the driver tells its loggers one turn of the loop later
    return pid, said


async def test_a_question_is_one_round_trip(database: Database) -> None:
    """What only reads needs no transaction, and a connection that was just in use is not asked whether it lives."""
    assert (await around(database))[1] == []
    begun, ended = (await around(database, changing=True))[1]
    assert (begun.split()[0], ended) == ("BEGIN", "COMMIT;")


async def test_a_connection_that_the_server_ended_is_replaced_unseen(database: Database) -> None:
    """After a restart of PostgreSQL, or `pg_terminate_backend`, the next page is answered on another connection."""
    async with database.reading() as connection:
        ended = await driver_of(connection)
    async with asyncio.timeout(300):
        async with database.engine.connect() as other, database.engine.connect() as another:
            mine = other if await driver_of(other) is not ended else another
            await mine.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": ended.get_server_pid()})
            while not ended.is_closed():  # noqa: ASYNC110 - the driver has no event for it
                await asyncio.sleep(0.01)
    assert (await around(database))[0] != ended.get_server_pid()


async def test_a_connection_after_a_long_rest_is_asked_first(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a firewall forgot while nobody asked is found before a page depends on it."""
    monkeypatch.setattr(engines, "RESTED", -1.0)
    assert ";" in (await around(database))[1]

"""Cards of the year go on by the insurer's lists (Law 25/2008 Art. 16(3); decision 0026)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest

from population_registry.api.database import Database
from population_registry.storage import migrate
from population_registry.storage.connections import CopyConnection, connect
from population_registry.synthesis import populate
from population_registry.upkeep import renew_by_lists
from tests.engines import MakeDatabase
from tests.registry_storage.conftest import PERSONAS, SEED, SIZE

pytestmark = pytest.mark.engine
TEXT = PERSONAS.read_text(encoding="utf-8")
YEAR_2026, YEAR_2027 = date(2026, 12, 31), date(2027, 12, 31)
LAST_EVENING = datetime(2026, 12, 31, 10, tzinfo=UTC)
LAN = "099194000101"
NEWEST = """
SELECT p.personal_number, p.status, left(p.birth_date, 4)::int, h.group_code, h.state, h.valid_from, h.valid_until,
       h.card_code, h.five_year_from
  FROM person p CROSS JOIN LATERAL (SELECT * FROM health_insurance h WHERE h.person_id = p.person_id
                                     ORDER BY valid_until DESC, insurance_no DESC LIMIT 1) AS h
"""


@pytest.fixture
async def url(make_database: MakeDatabase, pristine: str) -> str:
    """A database of the test's own with the personas and 300 people, as they were made."""
    return await make_database("lists", like=pristine)


@pytest.fixture(scope="module")
async def pristine(make_database: MakeDatabase) -> str:
    """The one to copy: nobody works on it."""
    url = await make_database("lists_pristine")
    await migrate(url)
    await populate(url, seed=SEED, size=SIZE, personas=TEXT)
    return url


@pytest.fixture
async def own(url: str) -> AsyncIterator[CopyConnection]:
    """A connection to it."""
    connection = await connect(url)
    yield connection
    await connection.close()


async def renew(url: str, now: datetime) -> None:
    """What the upkeep of one process does at that moment."""
    database = Database(url, largest=2)
    try:
        await renew_by_lists(database, now)
    finally:
        await database.close()


async def newest(own: CopyConnection) -> dict[str, tuple[object, ...]]:
    """Each person's last card, by number."""
    return {str(row[0]): tuple(row[1:]) for row in await own.fetch(NEWEST)}


async def test_a_list_renews_who_is_on_it_and_nobody_else(url: str, own: CopyConnection) -> None:
    """On 31 December everybody whose card ends then and who is on a list has one for 2027; the rest is as it was."""
    await own.execute(
        "UPDATE health_insurance SET state = 'stopped', state_since = '2026-06-01' WHERE (person_id, valid_until) = "
        "(SELECT max(person_id), $1::date FROM health_insurance WHERE valid_until = $1 AND state = 'in_force')",
        YEAR_2026,
    )
    await own.execute(
        "UPDATE person SET status = 'deceased', status_since = '2026-12-01' WHERE person_id = "
        "(SELECT max(person_id) FROM health_insurance "
        "WHERE valid_until = $1 AND state = 'in_force' AND group_code = 'DN')",
        YEAR_2026,
    )
    before = await newest(own)
    await renew(url, LAST_EVENING)
    after = await newest(own)
    listed = {
        number
        for number, (status, born, group, state, _, until, *_) in before.items()
        if (status, state, until) == ("active", "in_force", YEAR_2026)
        and group not in {"GD", "TE"}
        and not (group == "SV" and 2027 - born >= 26)
    }
    assert {number for number in after if after[number] != before[number]} == listed
    for number in listed:
        *same, begins, ends, code, five = after[number]
        assert (begins, ends) == (date(2027, 1, 1), YEAR_2027)
        assert (same, code, five) == (list(before[number][:4]), *before[number][6:])
    assert LAN in listed
    assert len(listed) > SIZE / 10
    left = [card for number, card in before.items() if number not in listed and card[5] == YEAR_2026]
    assert any(card[3] == "stopped" for card in left)
    assert any((card[0], card[3]) == ("deceased", "in_force") for card in left), "a death not reported yet"


async def test_several_processes_give_nobody_a_card_twice(
    url: str, own: CopyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three at once, seven people at a time; what a process that ended left is done by the next; again is nothing."""
    monkeypatch.setattr(
        "population_registry.storage.yearly_lists.take_in_some.__kwdefaults__", {"at_once": 7}
    )
    first = asyncio.create_task(renew(url, LAST_EVENING))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await asyncio.gather(*(renew(url, LAST_EVENING) for _ in range(3)))
    await renew(url, LAST_EVENING)
    held = await own.fetch("SELECT ended, finished_at IS NULL, renewed FROM insurance_list")
    given = await own.fetchval("SELECT count(*) FROM health_insurance WHERE valid_until = $1", YEAR_2027)
    assert [tuple(row) for row in held] == [(YEAR_2026, False, given)]
    assert (
        await own.fetchval(
            "SELECT count(DISTINCT person_id) FROM health_insurance WHERE valid_until = $1", YEAR_2027
        )
        == given
    )


async def test_years_that_were_missed_are_made_up(url: str, own: CopyConnection) -> None:
    """A demo started years later has a card for every year between; pupils leave their list at eighteen."""
    await renew(url, datetime(2029, 7, 1, tzinfo=UTC))
    rows = await own.fetch(
        "SELECT valid_from, valid_until FROM health_insurance JOIN person USING (person_id) "
        "WHERE personal_number = $1 ORDER BY valid_from",
        LAN,
    )
    assert [tuple(row) for row in rows] == [
        (date(year, 1, 1), date(year, 12, 31)) for year in (2026, 2027, 2028, 2029)
    ]
    pupils = [card for card in (await newest(own)).values() if card[2] == "HS" and card[0] == "active"]
    assert {card[5] == date(2029, 9, 30) for card in pupils if 2028 - int(str(card[1])) < 18} == {True}
    assert all(card[5] < date(2029, 9, 30) for card in pupils if 2028 - int(str(card[1])) >= 18)


async def test_exchanged_personas_are_on_the_lists_too(url: str, own: CopyConnection) -> None:
    """Personas that came after a list was taken in are renewed by it, and those who were are not again."""
    await renew(url, LAST_EVENING)
    given = "SELECT count(*) FROM health_insurance WHERE valid_until = $1"
    once = await own.fetchval(given, YEAR_2027)
    await populate(url, seed=SEED, size=SIZE, personas=TEXT + "# changed in one place\n" + "x = 1\n")
    await renew(url, LAST_EVENING)
    assert await own.fetchval(given, YEAR_2027) == once

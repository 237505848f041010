"""What officers search by is in step with the record, and is found through indexes."""

from __future__ import annotations

import unicodedata

import asyncpg
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from population_registry.matching.folding import fold
from population_registry.operators.criteria import Criteria, read_criteria
from population_registry.operators.planning import Plan, plan_search
from population_registry.storage import Pool
from population_registry.storage.searching import (
    _CAREFUL,
    _FOUND,
    _by_tokens,
    find_people,
    read_shown,
    read_vocabulary,
)
from population_registry.storage.transactions import transaction

pytestmark = pytest.mark.engine
LAN, HUNG, CMND_HOLDER = "099194000101", "099079000104", "099065000115"
LATIN = [chr(c) for c in (*range(0x20, 0x250), *range(0x1E00, 0x1F00)) if chr(c).isprintable()]


class Undo(Exception):
    """Leave a transaction without committing it."""


def undo() -> None:
    """Leave the transaction."""
    raise Undo


async def found(pool: Pool, body: dict[str, object], territory: str | None = None) -> set[str]:
    """The personal numbers of whoever is found."""
    criteria = read_criteria(body)
    plan = None
    if not criteria.exact:
        places = (criteria.place.code,) if criteria.place else None
        plan = plan_search(criteria, territory, places, await read_vocabulary(pool))
        if plan is None:
            return set()
    people = await find_people(pool, criteria, plan)
    shown = await read_shown(pool, [each.person_id for each in people])
    return {each.number for each in shown.values()}


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Nguyễn Thị Lan", "birth": "1994-05-17"},
        {"name": "nguyen thi lan", "birth": "1994"},
        {"name": "LAN nguyen", "birth": {"from": 1990, "to": 1995}},
        {"name": "ngu* l*", "birth": "1994-05"},
        {"name": "lan", "birth": "1994", "place": {"commune": "16744"}},
        {"birth": "1994-05-17", "place": {"commune": "00166"}},
        {"number": LAN},
    ],
)
async def test_fragments_in_any_order_find_the_person(pool: Pool, body: dict[str, object]) -> None:
    """With or without diacritics, whole words or beginnings, at the permanent and at the current residence."""
    assert LAN in await found(pool, body)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Nguyễn Thị Lan", "birth": "1993"},
        {"name": "Nguyễn Thị Lan", "birth": "1994-06"},
        {"name": "lan nguyen thi hoa", "birth": "1994"},
        {"name": "lan", "place": {"commune": "00004"}, "birth": "1994"},
        {"name": "xyzzy", "birth": "1994"},
    ],
)
async def test_what_does_not_agree_is_not_found(pool: Pool, body: dict[str, object]) -> None:
    """Every criterion must hold."""
    assert LAN not in await found(pool, body)


async def test_heads_of_households_only(pool: Pool) -> None:
    """Of everybody in the household's commune born in these years, those who head a household today."""
    everybody: dict[str, object] = {"birth": {"from": 1970, "to": 1989}}
    heads = await found(pool, everybody | {"head_of_household": True})
    assert HUNG in heads < await found(pool, everybody)
    assert "099182000141" not in heads


async def test_a_territory_cuts_the_search(pool: Pool) -> None:
    """The same fragments, asked by a commune: only who is registered there."""
    body: dict[str, object] = {"name": "lan", "birth": "1994"}
    assert LAN in await found(pool, body, "00166")
    assert LAN in await found(pool, body, "01")
    assert LAN not in await found(pool, body, "00004")


async def test_old_numbers_lead_to_their_person(pool: Pool) -> None:
    """Both nine-digit numbers of one man, and a cancelled personal number (Decree 58/2026 Art. 5(7))."""
    assert await found(pool, {"number": "099000115"}) == {CMND_HOLDER}
    assert await found(pool, {"number": "099000116"}) == {CMND_HOLDER}
    assert await found(pool, {"number": "099191000123"}) == {"099192000123"}
    assert await found(pool, {"number": "099199999999"}) == set()


async def test_households_are_found_by_file_and_by_head(pool: Pool) -> None:
    """All five members of the household in Huế; by somebody who heads none, nobody."""
    file_number = await pool.fetchval(
        "SELECT h.file_number FROM household h JOIN membership m USING (household_id) "
        "JOIN person p USING (person_id) WHERE p.personal_number = $1 AND m.until IS NULL",
        HUNG,
    )
    by_file = await found(pool, {"household": {"file_number": file_number}})
    assert len(by_file) == 5
    assert HUNG in by_file
    assert await found(pool, {"household": {"head": HUNG}}) == by_file
    assert await found(pool, {"household": {"head": "099182000141"}}) == set()


async def test_changes_of_the_record_are_found_at_once(pool: Pool) -> None:
    """A corrected name, another birth date and a move are searched by from that moment, and the old ones no more."""

    async def tokens(connection: object) -> set[str]:
        row = await connection.fetchval(  # type: ignore[attr-defined]  # asyncpg's own connection
            "SELECT tokens FROM search_entry e JOIN person p USING (person_id) WHERE p.personal_number = $1",
            LAN,
        )
        return set(row)

    try:
        async with transaction(pool) as connection:
            before = await tokens(connection)
            await connection.execute(
                "UPDATE person SET middle_name = 'Ngọc', birth_date = '1995' WHERE personal_number = $1", LAN
            )
            await connection.execute(
                "UPDATE residence SET ended = '2026-11-21' WHERE commune_code = '00166' AND person_id = "
                "(SELECT person_id FROM person WHERE personal_number = $1)",
                LAN,
            )
            after = await tokens(connection)
            undo()
    except Undo:
        pass
    assert before - after == {"thi", "=1994", "=1994-05-17", "@00166", "@01"}
    assert after - before == {"ngoc", "=1995"}
    assert await found(pool, {"name": "lan", "birth": "1994-05-17"}) >= {LAN}


async def test_everybody_can_be_searched_for(pool: Pool) -> None:
    """People loaded with triggers off are entered by the load itself, as the triggers would have done."""
    assert await pool.fetchval("SELECT count(*) FROM person") == await pool.fetchval(
        "SELECT count(*) FROM search_entry"
    )
    wanted, kept = (
        {(person, name, birth, frozenset(tokens)) for person, name, birth, tokens in rows}
        for rows in [
            await pool.fetch(f"SELECT * FROM {table}") for table in ("search_source", "search_entry")
        ]
    )
    assert wanted == kept
    words = await read_vocabulary(pool)
    assert words.everybody >= 300
    assert words.people(["nguyen"]) > words.people(["lan"]) > 0


@pytest.mark.parametrize(
    "plan",
    [
        Plan((("lan",), ("=1994",)), (("nguyen",),)),
        Plan((("lan",), ("=1993", "=1994"), ("@00166", "@00004"))),
        Plan((("@00166",),), (("nguyen",),)),
    ],
)
async def test_searches_go_by_their_index(pool: Pool, plan: Plan) -> None:
    """No plan reads the whole table: the GIN index over the tokens answers, then keys (docs/search.md)."""
    condition, values = _by_tokens(Criteria(), plan)
    async with transaction(pool) as connection:
        await connection.fetch(_CAREFUL)
        text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {_FOUND}{condition} LIMIT 501", *values)
    shown = orjson.dumps(orjson.loads(str(text))).decode()
    assert "search_entry_tokens_idx" in shown
    assert "Seq Scan" not in shown


async def test_the_database_folds_every_letter_as_we_do(pool: Pool) -> None:
    """Function `folded` and `matching.folding` agree on all Latin letters, composed and decomposed."""
    letters = [letter for letter in LATIN if fold(letter) == "" or fold(letter).isascii()]
    texts = [*letters, *(unicodedata.normalize("NFD", letter) for letter in letters)]
    rows = await pool.fetch("SELECT t, folded(t) FROM unnest($1::text[]) AS t", texts)
    assert [(t, f, fold(str(t))) for t, f in map(tuple, rows) if f != fold(str(t))] == []


@settings(max_examples=40, deadline=None)
@given(
    names=st.lists(
        st.text(st.sampled_from([*LATIN[:200], " ", "'", "-", "ễ", "ơ", "Đ", "ư"]), max_size=30), max_size=20
    )
)
def test_folding_is_a_key(names: list[str]) -> None:
    """Folding twice changes nothing, and leaves no doubled or outer space."""
    for name in names:
        once = fold(name)
        assert fold(once) == once
        assert once == " ".join(once.split())


async def test_a_search_that_takes_too_long_is_stopped(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds are the most that a search may take of the database; afterwards the connection serves on."""
    from population_registry.storage import searching

    monkeypatch.setattr(
        searching, "_FOUND", "SELECT pg_sleep(5), '', '', '', '' FROM search_entry e WHERE true OR "
    )
    monkeypatch.setattr(searching, "_CAREFUL", "SELECT set_config('statement_timeout', '30', true)")
    with pytest.raises(asyncpg.QueryCanceledError):
        await find_people(pool, Criteria(number=LAN), None)
    assert await pool.fetchval("SHOW statement_timeout") == "0"

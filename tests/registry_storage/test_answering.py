"""Answers that leave at the same time share one statement; what stops one stops no other (decision 0017)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import asyncpg

from population_registry.domain import AccessEntry, AccessRecord, Spend
from population_registry.storage import Pool
from population_registry.storage.answering import (
    REMEMBERED_FOR,
    Leaving,
    commit_together,
    recall_answer,
    recall_answers,
)
from population_registry.storage.proofs import spend_proofs
from population_registry.storage.recording import RememberedAnswer
from population_registry.verification.guessing import BudgetPolicy

NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)
BUDGET = BudgetPolicy(tries=5)


def entry(correlation: str, outcome: str = "established") -> AccessEntry:
    """A row of the access log, found again by its correlation."""
    return AccessEntry(
        *(uuid.uuid4(), NOON, 990_100, "portal", "agency", None, "test", "1.004194", None, {}, outcome, None),
        correlation,
    )


def leaving(correlation: str, *spends: Spend, key: bytes | None = None) -> Leaving:
    """An answer that spends guesses and, with a key, is to be remembered."""
    remembered = None if key is None else RememberedAnswer(key, b"request", correlation.encode(), NOON)
    return Leaving((AccessRecord(entry(correlation), None, spends),), remembered)


def guesses(key: bytes, amount: int = 1, claim: str = "name") -> tuple[Spend, ...]:
    """So many values never tried before, of one claim about one person."""
    return tuple(Spend(key, f"{claim}:{uuid.uuid4().hex}") for _ in range(amount))


async def logged(pool: Pool, *correlations: str) -> list[str]:
    """Which of these answers are in the access log."""
    rows = await pool.fetch(
        "SELECT correlation_id FROM access_log WHERE correlation_id = ANY($1::text[]) ORDER BY 1",
        list(correlations),
    )
    return [str(row[0]) for row in rows]


async def spent(pool: Pool, key: bytes) -> object:
    """How many values were tried."""
    return await pool.fetchval("SELECT cardinality(marks) FROM tried_values WHERE key = $1", key)


async def test_answers_share_one_transaction(pool: Pool) -> None:
    """Twenty answers are one transaction: rows, counters and remembered answers."""
    names = [uuid.uuid4().hex for _ in range(20)]
    answers = [leaving(name, *guesses(name.encode()), key=name.encode()) for name in names]
    assert await commit_together(pool, answers, BUDGET) == [True] * 20
    transactions = await pool.fetchval(
        "SELECT count(DISTINCT written_in) FROM access_log WHERE correlation_id = ANY($1::text[])", names
    )
    assert transactions == 1
    kept = await recall_answers(pool, [(name.encode(), NOON) for name in (*names, "never")])
    assert [None if each is None else each.answer for each in kept] == [*(n.encode() for n in names), None]


async def test_an_overdrawn_budget_holds_back_its_own_answer_only(pool: Pool) -> None:
    """The answer that lost the race for the last guess leaves nothing; those beside it are written."""
    full, free = uuid.uuid4().bytes, uuid.uuid4().bytes
    names = [uuid.uuid4().hex for _ in range(4)]
    assert await commit_together(pool, [leaving(names[0], *guesses(full, 5))], BUDGET) == [True]
    answers = [
        leaving(names[1], *guesses(free)),
        leaving(names[2], *guesses(free), *guesses(full), key=names[2].encode()),
        leaving(names[3], *guesses(free)),
    ]
    assert await commit_together(pool, answers, BUDGET) == [True, False, True]
    assert await logged(pool, *names) == sorted([names[0], names[1], names[3]])
    assert (await spent(pool, full), await spent(pool, free)) == (5, 2)
    assert await recall_answer(pool, names[2].encode(), NOON) is None


async def test_racers_for_one_guess_in_one_trip(pool: Pool) -> None:
    """Three new values and two guesses left: two answers leave, whoever shares the trip (attacks.md 49)."""
    counter = uuid.uuid4().bytes
    await commit_together(pool, [leaving(uuid.uuid4().hex, *guesses(counter, 3))], BUDGET)
    racers = [leaving(uuid.uuid4().hex, *guesses(counter)) for _ in range(3)]
    assert sorted(await commit_together(pool, racers, BUDGET)) == [False, True, True]
    assert await spent(pool, counter) == 5


async def test_claims_of_one_person_have_their_limits_apart(pool: Pool) -> None:
    """Five names and five birth dates of one person lie in one row; a sixth of either is held back."""
    person = uuid.uuid4().bytes
    both = (*guesses(person, 5), *guesses(person, 5, "birth_date"))
    assert await commit_together(pool, [leaving(uuid.uuid4().hex, *both)], BUDGET) == [True]
    sixth = [leaving(uuid.uuid4().hex, *guesses(person, 1, claim)) for claim in ("name", "birth_date", "sex")]
    assert await commit_together(pool, sixth, BUDGET) == [False, False, True]
    assert await spent(pool, person) == len(both) + 1


async def test_a_value_tried_by_two_at_once_is_one_guess(pool: Pool) -> None:
    """Two who asked the same at the same moment have spent one guess, so honest repetition costs nothing."""
    person = uuid.uuid4().bytes
    same = guesses(person)
    assert (
        await commit_together(pool, [leaving(uuid.uuid4().hex, *same) for _ in range(9)], BUDGET)
        == [True] * 9
    )
    assert await spent(pool, person) == 1


async def test_a_taken_key_holds_back_its_own_answer_only(pool: Pool) -> None:
    """The same key twice in one trip, or once before: one answer leaves, and those without keys too."""
    key, names = uuid.uuid4().bytes, [uuid.uuid4().hex for _ in range(4)]
    answers = [leaving(names[0], key=key), leaving(names[1]), leaving(names[2], key=key)]
    assert await commit_together(pool, answers, BUDGET) == [True, True, False]
    assert await commit_together(pool, [leaving(names[3], key=key)], BUDGET) == [False]
    assert await logged(pool, *names) == sorted(names[:2])
    later = await recall_answer(pool, key, NOON + REMEMBERED_FOR + timedelta(seconds=1))
    assert later is None
    renewed = RememberedAnswer(key, b"request", b"anew", NOON + REMEMBERED_FOR + timedelta(seconds=1))
    forgotten = Leaving((AccessRecord(entry(names[3])),), renewed)
    assert await commit_together(pool, [forgotten], BUDGET) == [True]


async def test_a_row_that_the_database_refuses_spoils_no_other(pool: Pool) -> None:
    """One broken row is its own answer's failure, told to its asker alone."""
    names = [uuid.uuid4().hex for _ in range(3)]
    broken = Leaving((AccessRecord(entry(names[1] + "\x00")),))
    told = await commit_together(pool, [leaving(names[0]), broken, leaving(names[2])], BUDGET)
    assert (told[0], isinstance(told[1], asyncpg.DataError), told[2]) == (True, True, True)
    assert await logged(pool, *names) == sorted([names[0], names[2]])
    (alone,) = await commit_together(pool, [broken], BUDGET)
    assert isinstance(alone, asyncpg.DataError)


async def test_a_proof_serves_once_in_one_trip_too(pool: Pool) -> None:
    """Two requests with one proof at the same time: the first has it (RFC 9449 section 11.1)."""
    first, second = uuid.uuid4().bytes, uuid.uuid4().bytes
    ends = NOON + timedelta(minutes=1)
    assert await spend_proofs(pool, [(first, ends), (second, ends), (first, ends)]) == [True, True, False]
    assert await spend_proofs(pool, [(second, ends), (uuid.uuid4().bytes, ends)]) == [False, True]

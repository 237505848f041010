"""Loads what judging a dossier needs, and locks the people whom a decision is about."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final, cast

from population_registry.domain import HealthInsurance, InsuranceState, RegistryFacts
from population_registry.dossiers.insurance_changes import PaidPremium, Premium
from population_registry.storage.connections import Connection
from population_registry.storage.loading import LARGEST_QUESTION, load_facts, numbers_of


async def lock_persons(connection: Connection, person_ids: Iterable[int]) -> None:
    """Nobody else decides about these people in this transaction's time; locked in order, hence no deadlock."""
    await connection.execute(
        "SELECT 1 FROM person WHERE person_id = ANY($1::bigint[]) ORDER BY person_id FOR NO KEY UPDATE",
        sorted(set(person_ids)),
    )


async def load_around(connection: Connection, numbers: Sequence[str]) -> RegistryFacts:
    """The facts of these people, and of the owners, housemates and kin around them as far as a question reaches.

    Two round trips; those named come first, so that a large household crowds out nobody who was named.

    Raises:
        ValueError: more numbers than one question may name.
    """
    named = list(dict.fromkeys(numbers))
    facts = await load_facts(connection, named)
    ids: list[int] = []
    for dwelling in facts.dwellings.values():
        ids += dwelling.owner_ids
    for household in facts.households.values():
        ids += [member.person_id for member in household.members]
    for person in facts.people.values():
        ids += [kin.person_id for kin in person.kin if kin.person_id is not None]
    known = {person.person.person_id for person in facts.people.values()}
    around = [each for each in dict.fromkeys(ids) if each not in known][: LARGEST_QUESTION - len(named)]
    if not around:
        return facts
    return await load_facts(connection, [*named, *await numbers_of(connection, around)])


async def occupants_of(connection: Connection, dwelling_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Who is registered at each of these dwellings, permanently or temporarily."""
    rows = await connection.fetch(
        "SELECT dwelling_id, array_agg(DISTINCT person_id) FROM residence "
        "WHERE dwelling_id = ANY($1::bigint[]) AND ended IS NULL GROUP BY dwelling_id",
        sorted(set(dwelling_ids)),
    )
    return {cast("int", row[0]): frozenset(cast("list[int]", row[1])) for row in rows}


async def set_hold(connection: Connection, number: str, *, locked: bool, source: str, now: datetime) -> bool:
    """Keep or lift the hold on whoever holds that number; False when nobody does."""
    facts = await load_facts(connection, [number])
    if facts.subject is None:
        return False
    person_id = facts.subject.person.person_id
    if locked:
        await connection.execute(
            "INSERT INTO person_hold (person_id, since, source) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            person_id,
            now,
            source,
        )
    else:
        await connection.execute("DELETE FROM person_hold WHERE person_id = $1", person_id)
    return True


async def held_persons(connection: Connection, person_ids: Iterable[int]) -> frozenset[int]:
    """Those of them whose e-identity is locked."""
    rows = await connection.fetch(
        "SELECT person_id FROM person_hold WHERE person_id = ANY($1::bigint[])", sorted(set(person_ids))
    )
    return frozenset(cast("int", row[0]) for row in rows)


_HELD: Final = """
SELECT 1 FROM (SELECT person_id FROM person WHERE personal_number = $1
               UNION ALL SELECT person_id FROM personal_number_alias WHERE number = $1 LIMIT 1) AS holder,
       LATERAL (SELECT person_id FROM person_hold WHERE person_id = holder.person_id OFFSET 0) AS hold
"""


async def is_held(connection: Connection, number: str) -> bool:
    """Whether the e-identity of whoever holds that number, now or formerly, is locked."""
    return await connection.fetchval(_HELD, number) is not None


_PAYMENTS: Final = """
SELECT p.person_id, p.household_id, p.financial_year, p.position, p.months, p.monthly, p.paid_on, p.refunded,
       h.valid_from, h.valid_until, h.state, h.state_since
  FROM insurance_payment p JOIN health_insurance h USING (person_id, insurance_no)
 WHERE p.person_id = ANY($1::bigint[]) OR p.household_id = ANY($2::bigint[]) AND p.financial_year >= $3
 ORDER BY p.financial_year, p.position, p.person_id
"""


async def payments_around(
    connection: Connection, facts: RegistryFacts, today: date
) -> tuple[PaidPremium, ...]:
    """All premiums of these people, and those that their households paid since the beginning of last year."""
    rows = cast(
        "Sequence[Sequence[Any]]",
        await connection.fetch(
            _PAYMENTS,
            [each.person.person_id for each in facts.people.values()],
            list(facts.households),
            today.year - 1,
        ),
    )
    return tuple(_paid(row) for row in rows)


def _paid(row: Sequence[Any]) -> PaidPremium:
    person, household, year, position, months, monthly, paid_on, refunded, begins, ends, state, since = row
    card = HealthInsurance("", "", 4, begins, ends, "", None, InsuranceState(state), since)
    premium = Premium(household, year, position, months, monthly, paid_on)
    return PaidPremium(person, premium, begins, card.last_day, refunded)

"""Finds people for officers by folded words, years and places (GIN over arrays), by number or by household."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson

from population_registry.domain import PartialDate, PersonName
from population_registry.operators.choosing import Candidate
from population_registry.operators.criteria import Criteria
from population_registry.operators.planning import MOST_PEOPLE, Plan, Vocabulary
from population_registry.storage.connections import Connection, Pool
from population_registry.storage.transactions import transaction
from web.patience import patient

EVERYBODY: Final = ""
"""The token that counts everybody."""
PATIENCE_MS: Final = round(patient(2.0) * 1_000)

_CAREFUL: Final = f"""
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true),
       set_config('enable_indexonlyscan', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true),
       set_config('statement_timeout', '{PATIENCE_MS}', true)
"""
"""Only bitmaps of indexes remain, so that no estimate ever leads to walking through everybody."""
_FOUND: Final = (
    "SELECT e.person_id, p.family_name, p.middle_name, p.given_name, p.birth_date "
    "FROM search_entry e JOIN person p USING (person_id) WHERE "
)
_IS_HEAD: Final = (
    "EXISTS (SELECT 1 FROM membership m "
    "WHERE m.person_id = e.person_id AND m.relation = 'head' AND m.until IS NULL)"
)
_BY_NUMBER: Final = (
    "e.person_id IN (SELECT person_id FROM person WHERE personal_number = $1 "
    "UNION SELECT person_id FROM personal_number_alias WHERE number = $1)"
)
_BY_FILE: Final = (
    "e.person_id IN (SELECT m.person_id FROM household h JOIN membership m USING (household_id) "
    "WHERE h.file_number = $1 AND m.until IS NULL)"
)
_BY_HEAD: Final = (
    "e.person_id IN (SELECT m.person_id FROM membership AS head JOIN membership m USING (household_id) "
    "WHERE head.person_id IN (SELECT person_id FROM person WHERE personal_number = $1 "
    "UNION SELECT person_id FROM personal_number_alias WHERE number = $1) "
    "AND head.relation = 'head' AND head.until IS NULL AND m.until IS NULL)"
)
_SHOWN: Final = """
SELECT p.person_id, p.personal_number, p.family_name, p.middle_name, p.given_name, p.birth_date, p.sex, p.status,
       (SELECT json_agg(json_build_array(r.kind, r.commune_code, c.province_code) ORDER BY r.since DESC)
          FROM residence r JOIN commune c ON c.code = r.commune_code
         WHERE r.person_id = p.person_id AND r.ended IS NULL)::text
  FROM person p WHERE p.person_id = ANY($1::bigint[])
"""
_COUNT: Final = """
INSERT INTO search_token
SELECT '', count(*) FROM search_entry
UNION ALL
SELECT token, count(*) FROM search_entry, unnest(tokens) AS token WHERE token !~ '.=|=....-' GROUP BY token
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What an officer sees of somebody in a list; `places`: kind of residence, commune, province, newest first."""

    person_id: int
    number: str
    name: PersonName
    birth: str
    sex: str
    status: str
    places: tuple[tuple[str, str, str], ...]


async def find_people(pool: Pool, criteria: Criteria, plan: Plan | None) -> tuple[Candidate, ...]:
    """Whoever matches, at most one more than `MOST_PEOPLE`, in no order. `plan` is needed for fragments only.

    Raises:
        asyncpg.QueryCanceledError: it took longer than two seconds.
        asyncpg.PostgresError, OSError: the database refuses or cannot be reached.
    """
    condition, values = _exactly(criteria) if plan is None else _by_tokens(criteria, plan)
    async with transaction(pool) as connection:
        await connection.fetch(_CAREFUL)
        rows = await connection.fetch(f"{_FOUND}{condition} LIMIT {MOST_PEOPLE + 1}", *values)
    return tuple(_candidate(row) for row in rows)


def _candidate(row: Sequence[object]) -> Candidate:
    person_id, family, middle, given, birth = cast("tuple[int, str, str, str, str]", row)
    return Candidate(person_id, PersonName.stored(family, middle, given), birth)


def _exactly(criteria: Criteria) -> tuple[str, list[object]]:
    if criteria.number is not None:
        return _BY_NUMBER, [criteria.number]
    if criteria.file_number is not None:
        return _BY_FILE, [criteria.file_number]
    return _BY_HEAD, [criteria.head]


def _by_tokens(criteria: Criteria, plan: Plan) -> tuple[str, list[object]]:
    conditions: list[str] = []
    values: list[object] = []
    for group in plan.looked_up:
        values.append(list(group))
        conditions.append(f"e.tokens && ${len(values)}::text[]")
    for group in plan.checked:  # the empty array keeps the index out of it
        values.append(list(group))
        conditions.append(f"(e.tokens || '{{}}') && ${len(values)}::text[]")
    month = _month(None if criteria.birth is None else criteria.birth.date)
    if month is not None:
        values.append(month)
        conditions.append(f"starts_with(e.birth_date, ${len(values)})")
    if criteria.head_of_household:
        conditions.append(_IS_HEAD)
    return " AND ".join(conditions), values


def _month(date: PartialDate | None) -> str | None:
    if date is None or date.month is None or date.day is not None:
        return None
    return f"{date.year:04}-{date.month:02}"


async def read_shown(connection: Connection, person_ids: Sequence[int]) -> dict[int, Shown]:
    """What is shown of these people, by person id."""
    found = {}
    for row in await connection.fetch(_SHOWN, list(person_ids)):
        person_id, number, family, middle, given, birth, sex, status, places = cast("list[Any]", row)
        found[person_id] = Shown(
            person_id=person_id,
            number=number,
            name=PersonName.stored(family, middle, given),
            birth=birth,
            sex=sex,
            status=status,
            places=tuple(map(tuple, orjson.loads(places or "[]"))),
        )
    return found


async def read_vocabulary(connection: Connection) -> Vocabulary:
    """Every word, year and place with its count: some ten thousand rows, whatever the size of the population."""
    rows = await connection.fetch("SELECT token, people FROM search_token")
    counts = {str(token): cast("int", people) for token, people in rows}
    return Vocabulary(counts, counts.pop(EVERYBODY, 0))


async def count_tokens(connection: Connection) -> None:
    """Count every token anew, inside the caller's transaction: for populations loaded with triggers off."""
    await connection.execute("DELETE FROM search_token")
    await connection.execute(_COUNT)


async def keep_counts(connection: Connection, people: int, counts: Mapping[str, int]) -> None:
    """Write counts that somebody made beside the entries, instead of `count_tokens`."""
    await connection.execute("DELETE FROM search_token")
    await connection.execute(
        "INSERT INTO search_token SELECT * FROM unnest($1::text[], $2::bigint[])",
        [EVERYBODY, *counts],
        [people, *counts.values()],
    )

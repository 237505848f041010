"""Loads everything that judging some verifications needs, in one round trip (a prepared statement)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson

from population_registry.domain import Dwelling, Household, Part, PersonFacts, RegistryFacts
from population_registry.storage.connections import Connection
from population_registry.storage.reading import read_dwelling, read_household, read_person, read_rows

LARGEST_QUESTION = 50
"""How many numbers one question may name."""

# Each LATERAL … OFFSET 0 is a fence: the planner must look rows up by key, and never hashes or scans a whole table
# on account of a wrong estimate, whatever the size of the population. A number asked comes back once at most: the
# holder of today before a former one. The last row holds what was tried under each key.
_FACTS = f"""
SELECT asked.question, asked.number, hit.found_by, p.person_id, p.personal_number, p.family_name, p.middle_name,
       p.given_name, p.birth_date, p.sex, p.nationality, p.marital_status, p.status, p.status_since::text,
       p.replaced_by, p.social_insurance,
  CASE WHEN asked.parts & {Part.FORMER_NUMBERS} > 0 THEN
   (SELECT json_agg(json_build_array(a.kind, a.number, a.until) ORDER BY a.number)
      FROM personal_number_alias a WHERE a.person_id = p.person_id)::text END,
  CASE WHEN asked.parts & {Part.DOCUMENTS} > 0 THEN
   (SELECT json_agg(json_build_array(d.kind, d.number, d.issued, d.expires, d.state)
           ORDER BY d.issued DESC, d.document_no)
      FROM identity_document d WHERE d.person_id = p.person_id)::text END,
  CASE WHEN asked.parts & {Part.RESIDENCES} > 0 THEN
   (SELECT json_agg(json_build_array(r.kind, r.commune_code, r.address, r.address_as_issued, r.dwelling_id,
           r.tenure, r.since, r.until, r.ended) ORDER BY r.since DESC, r.residence_no)
      FROM residence r WHERE r.person_id = p.person_id)::text END,
  CASE WHEN asked.parts & {Part.HOMES} > 0 THEN
   (SELECT json_agg(json_build_array(m.household_id, m.relation, m.since, m.until) ORDER BY m.since DESC)
      FROM membership m WHERE m.person_id = p.person_id)::text END,
  CASE WHEN asked.parts & {Part.KIN} > 0 THEN
   (SELECT json_agg(json_build_array(k.kind, k.kin_person_id, k.kin_name) ORDER BY k.kin_no)
      FROM kinship k WHERE k.person_id = p.person_id)::text END,
  CASE WHEN asked.parts & {Part.INSURANCE} > 0 THEN
   (SELECT json_agg(json_build_array(i.card_code, i.group_code, i.benefit, i.valid_from, i.valid_until,
           i.facility, i.five_year_from, i.state, i.state_since) ORDER BY i.valid_from DESC, i.insurance_no)
      FROM health_insurance i WHERE i.person_id = p.person_id)::text END,
  CASE WHEN asked.parts & {Part.HOMES} > 0 THEN
   (SELECT json_agg(json_build_array(h.household_id, h.file_number, h.kind, h.dwelling_id,
      (SELECT json_agg(json_build_array(m.person_id, m.relation, m.since) ORDER BY m.person_id)
         FROM membership m WHERE m.household_id = h.household_id AND m.until IS NULL)))
      FROM (SELECT DISTINCT household_id FROM membership WHERE person_id = p.person_id AND until IS NULL) home,
           LATERAL (SELECT * FROM household WHERE household_id = home.household_id OFFSET 0) h)::text END,
  CASE WHEN asked.parts & {Part.HOMES} > 0 THEN
   (SELECT json_agg(json_build_array(d.dwelling_id, d.kind, d.commune_code, d.address, d.address_as_issued,
      d.floor_area_m2, d.disputed,
      (SELECT json_agg(o.person_id ORDER BY o.person_id)
         FROM dwelling_owner o WHERE o.dwelling_id = d.dwelling_id)))
      FROM (SELECT dwelling_id FROM residence
             WHERE person_id = p.person_id AND ended IS NULL AND dwelling_id IS NOT NULL
            UNION SELECT h.dwelling_id FROM membership m, LATERAL (
              SELECT dwelling_id FROM household WHERE household_id = m.household_id OFFSET 0) h
             WHERE m.person_id = p.person_id AND m.until IS NULL
            UNION SELECT dwelling_id FROM dwelling_owner WHERE person_id = p.person_id) house,
           LATERAL (SELECT * FROM dwelling WHERE dwelling_id = house.dwelling_id OFFSET 0) d)::text END
  FROM unnest($1::integer[], $2::text[], $3::integer[]) AS asked(question, number, parts),
       LATERAL (SELECT 'current' AS found_by, person_id FROM person WHERE personal_number = asked.number
                UNION ALL SELECT kind, person_id FROM personal_number_alias WHERE number = asked.number
                LIMIT 1) hit,
       LATERAL (SELECT * FROM person WHERE person_id = hit.person_id OFFSET 0) p
UNION ALL
SELECT NULL,
  (SELECT json_agg(t.marks ORDER BY k.position) FROM unnest($4::bytea[]) WITH ORDINALITY AS k(key, position)
     LEFT JOIN LATERAL (SELECT marks FROM tried_values WHERE key = k.key OFFSET 0) t ON true)::text,
  {", ".join(["NULL"] * 22)}
"""  # noqa: S608 -- constant text


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one question needs: holders of `numbers` (normalised; current, cancelled or nine-digit), marks `tried`."""

    numbers: Sequence[str]
    parts: Part = Part.EVERYTHING
    tried: Sequence[bytes] = ()


async def numbers_of(connection: Connection, person_ids: Sequence[int]) -> list[str]:
    """The current personal numbers of these people, in no order.

    Raises:
        asyncpg.PostgresError: the database refuses.
        OSError: the database cannot be reached.
    """
    rows = await connection.fetch(
        "SELECT personal_number FROM person WHERE person_id = ANY($1::bigint[])", list(person_ids)
    )
    return [str(row[0]) for row in rows]


async def load_facts(
    connection: Connection,
    numbers: Sequence[str],
    *,
    parts: Part = Part.EVERYTHING,
    tried: Sequence[bytes] = (),
) -> RegistryFacts:
    """What `load_together` answers for one question alone; raises the same."""
    (facts,) = await load_together(connection, [Wanted(numbers, parts, tried)])
    return facts


async def load_together(connection: Connection, wanted: Sequence[Wanted]) -> list[RegistryFacts]:
    """The facts of each question, in their order; no question gets anything of another's.

    `connection` is a connection or a pool. Under a key that was never touched nothing was tried.

    Raises:
        ValueError: more than `LARGEST_QUESTION` numbers in one question.
        asyncpg.PostgresError: the database refuses.
        OSError: the database cannot be reached.
    """
    if any(len(each.numbers) > LARGEST_QUESTION for each in wanted):
        raise ValueError("too many numbers in one question")
    asked = [(place, number, each.parts) for place, each in enumerate(wanted) for number in each.numbers]
    keys = [key for each in wanted for key in each.tried]
    rows = await connection.fetch(
        _FACTS,
        [place for place, _, _ in asked],
        [number for _, number, _ in asked],
        [int(parts) for _, _, parts in asked],
        keys,
    )
    found: list[list[Any]] = [[] for _ in wanted]
    marked = "[]"
    for row in cast("Sequence[Sequence[Any]]", rows):
        if row[0] is None:
            marked = row[1] or marked
        else:
            found[row[0]].append(row)
    tried = {key: frozenset(marks or ()) for key, marks in zip(keys, orjson.loads(marked), strict=True)}
    return [_facts(each, records, tried) for each, records in zip(wanted, found, strict=True)]


def _facts(
    wanted: Wanted, records: Iterable[Sequence[Any]], tried: Mapping[bytes, frozenset[str]]
) -> RegistryFacts:
    people: dict[str, PersonFacts] = {}
    households: dict[int, Household] = {}
    dwellings: dict[int, Dwelling] = {}
    for record in records:
        *person, homes, houses = record[1:]
        people[record[1]] = read_person(person)
        households |= {row[0]: read_household(row) for row in read_rows(homes)}
        dwellings |= {row[0]: read_dwelling(row) for row in read_rows(houses)}
    return RegistryFacts(
        asked=tuple(wanted.numbers),
        people=people,
        households=households,
        dwellings=dwellings,
        tried={key: tried[key] for key in wanted.tried},
    )

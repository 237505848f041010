"""Loads everything that judging one verification needs, in one round trip (a prepared statement)."""

from collections.abc import Sequence
from datetime import datetime

import orjson

from population_registry.domain import BudgetCount, RegistryFacts
from population_registry.storage.connections import Connection
from population_registry.storage.reading import read_dwelling, read_household, read_person

BudgetKey = tuple[bytes, str, datetime]
"""Keyed hash, scope and start of the window of a counter."""

LARGEST_QUESTION = 50
"""How many numbers one question may name."""

# Each LATERAL … OFFSET 0 is a fence: the planner must look rows up by key, and never hashes or scans a whole table
# on account of a wrong estimate, whatever the size of the population.
_FACTS = """
WITH hit AS MATERIALIZED (
  SELECT personal_number AS number, 'current' AS found_by, person_id
    FROM person WHERE personal_number = ANY($1::text[])
  UNION ALL
  SELECT number, kind, person_id FROM personal_number_alias WHERE number = ANY($1::text[])
), found AS MATERIALIZED (
  SELECT DISTINCT person_id FROM hit
), home AS MATERIALIZED (
  SELECT DISTINCT m.household_id FROM found, LATERAL (
    SELECT household_id FROM membership WHERE person_id = found.person_id AND until IS NULL OFFSET 0) m
), household_found AS MATERIALIZED (
  SELECT h.* FROM home, LATERAL (SELECT * FROM household WHERE household_id = home.household_id OFFSET 0) h
), house AS MATERIALIZED (
  SELECT r.dwelling_id FROM found, LATERAL (
    SELECT dwelling_id FROM residence
     WHERE person_id = found.person_id AND ended IS NULL AND dwelling_id IS NOT NULL OFFSET 0) r
  UNION SELECT dwelling_id FROM household_found
  UNION SELECT o.dwelling_id FROM found, LATERAL (
    SELECT dwelling_id FROM dwelling_owner WHERE person_id = found.person_id OFFSET 0) o
)
SELECT json_build_array(
  (SELECT json_agg(json_build_array(hit.number, hit.found_by,
      p.person_id, p.personal_number, p.family_name, p.middle_name, p.given_name, p.birth_date, p.sex,
      p.nationality, p.marital_status, p.status, p.status_since, p.replaced_by, p.social_insurance,
      (SELECT json_agg(json_build_array(a.kind, a.number, a.until) ORDER BY a.number)
         FROM personal_number_alias a WHERE a.person_id = p.person_id),
      (SELECT json_agg(json_build_array(d.kind, d.number, d.issued, d.expires, d.state)
              ORDER BY d.issued DESC, d.document_no)
         FROM identity_document d WHERE d.person_id = p.person_id),
      (SELECT json_agg(json_build_array(r.kind, r.commune_code, r.address, r.address_as_issued, r.dwelling_id,
              r.tenure, r.since, r.until, r.ended) ORDER BY r.since DESC, r.residence_no)
         FROM residence r WHERE r.person_id = p.person_id),
      (SELECT json_agg(json_build_array(m.household_id, m.relation, m.since, m.until) ORDER BY m.since DESC)
         FROM membership m WHERE m.person_id = p.person_id),
      (SELECT json_agg(json_build_array(k.kind, k.kin_person_id, k.kin_name) ORDER BY k.kin_no)
         FROM kinship k WHERE k.person_id = p.person_id),
      (SELECT json_agg(json_build_array(i.card_code, i.group_code, i.benefit, i.valid_from, i.valid_until,
              i.facility, i.five_year_from, i.state, i.state_since) ORDER BY i.valid_from DESC, i.insurance_no)
         FROM health_insurance i WHERE i.person_id = p.person_id)
    ) ORDER BY hit.found_by <> 'current' DESC)
    FROM hit, LATERAL (SELECT * FROM person WHERE person_id = hit.person_id OFFSET 0) p),
  (SELECT json_agg(json_build_array(h.household_id, h.file_number, h.kind, h.dwelling_id,
      (SELECT json_agg(json_build_array(m.person_id, m.relation, m.since) ORDER BY m.person_id)
         FROM membership m WHERE m.household_id = h.household_id AND m.until IS NULL)))
    FROM household_found h),
  (SELECT json_agg(json_build_array(d.dwelling_id, d.kind, d.commune_code, d.address, d.address_as_issued,
      d.floor_area_m2, d.disputed,
      (SELECT json_agg(o.person_id ORDER BY o.person_id)
         FROM dwelling_owner o WHERE o.dwelling_id = d.dwelling_id)))
    FROM house, LATERAL (SELECT * FROM dwelling WHERE dwelling_id = house.dwelling_id OFFSET 0) d),
  (SELECT json_agg(coalesce(b.spent, 0) ORDER BY k.position)
    FROM unnest($2::bytea[], $3::text[], $4::timestamptz[])
         WITH ORDINALITY AS k(key, scope, window_start, position)
    LEFT JOIN LATERAL (
      SELECT spent FROM guessing_budget g
       WHERE g.key = k.key AND g.scope = k.scope AND g.window_start = k.window_start OFFSET 0) b ON true)
)::text
"""


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
    connection: Connection, numbers: Sequence[str], *, budgets: Sequence[BudgetKey] = ()
) -> RegistryFacts:
    """Everything known about the holders of `numbers` (normalised; current, cancelled or nine-digit).

    `connection` is a connection or a pool. The budgets are answered in the order asked, a counter never
    touched as 0.

    Raises:
        ValueError: more than `LARGEST_QUESTION` numbers.
        asyncpg.PostgresError: the database refuses.
        OSError: the database cannot be reached.
    """
    if len(numbers) > LARGEST_QUESTION:
        raise ValueError("too many numbers in one question")
    text = await connection.fetchval(
        _FACTS, list(numbers), [b[0] for b in budgets], [b[1] for b in budgets], [b[2] for b in budgets]
    )
    assert isinstance(text, str)
    people, households, dwellings, spent = orjson.loads(text)
    return RegistryFacts(
        asked=tuple(numbers),
        people={row[0]: read_person(row) for row in people or ()},
        households={row[0]: read_household(row) for row in households or ()},
        dwellings={row[0]: read_dwelling(row) for row in dwellings or ()},
        budgets=tuple(BudgetCount(*key, count) for key, count in zip(budgets, spent or (), strict=True)),
    )

"""The insurer's lists of who goes on being insured, taken in once for each end of a period, some people at a time.

A list remembers how far it got in the same statement that gives the cards. So it survives the end of its process at
any moment, several processes share it, and nobody is given a card twice.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from population_registry.storage.connections import Connection

AT_ONCE: Final = 5000
"""People looked at by one statement: well within the patience of an answer at the database."""

_OPEN: Final = "INSERT INTO insurance_list (ended) SELECT unnest($1::date[]) ON CONFLICT (ended) DO NOTHING"
_CHUNK: Final = """
WITH list AS MATERIALIZED (
  SELECT ended, reached FROM insurance_list WHERE finished_at IS NULL ORDER BY ended LIMIT 1 FOR UPDATE
), people AS MATERIALIZED (
  SELECT p.person_id, p.status, left(p.birth_date, 4)::int AS born, list.ended
    FROM list CROSS JOIN LATERAL (
      SELECT * FROM person WHERE person_id > list.reached ORDER BY person_id LIMIT $1
    ) AS p
), given AS (
  INSERT INTO health_insurance (person_id, insurance_no, card_code, group_code, benefit, valid_from, valid_until,
                                facility, five_year_from, state)
  SELECT p.person_id, (SELECT max(insurance_no) + 1 FROM health_insurance h WHERE h.person_id = p.person_id),
         n.card_code, n.group_code, n.benefit, n.valid_until + 1, (n.valid_until + interval '1 year')::date,
         n.facility, n.five_year_from, 'in_force'
    FROM people p CROSS JOIN LATERAL (
      SELECT * FROM health_insurance h WHERE h.person_id = p.person_id
       ORDER BY h.valid_until DESC, h.insurance_no DESC LIMIT 1
    ) AS n
    LEFT JOIN unnest($3::text[], $4::int[]) AS leaving (of_group, age) ON leaving.of_group = n.group_code
   WHERE p.status = 'active' AND n.valid_until = p.ended AND n.state = 'in_force' AND n.group_code = ANY ($2::text[])
     AND (leaving.age IS NULL OR extract(year FROM p.ended + 1) - p.born < leaving.age)
  RETURNING 1
)
UPDATE insurance_list AS l
   SET reached = coalesce((SELECT max(person_id) FROM people), l.reached),
       renewed = l.renewed + (SELECT count(*) FROM given),
       finished_at = CASE WHEN (SELECT count(*) FROM people) < $1 THEN $5::timestamptz END
  FROM list WHERE l.ended = list.ended
RETURNING 1
"""


async def open_lists(connection: Connection, ends: Sequence[date]) -> None:
    """Note that the lists of these last days are to be taken in; those already known stay as they are."""
    await connection.execute(_OPEN, list(ends))


async def take_in_some(
    connection: Connection,
    now: datetime,
    *,
    groups: frozenset[str],
    leaving: Mapping[str, int],
    at_once: int = AT_ONCE,
) -> bool:
    """Renew some people's cards by the earliest list that is not finished; False when there was nothing to do.

    Renewed is who lives, and whose last card is of one of the `groups`, in force and at its end on the list's day,
    unless the year of the new card is the one in which they reach the age of `leaving` the group.

    Raises:
        asyncpg.UniqueViolationError: somebody was given a card at the same moment; nothing was done, ask again.
    """
    told = await connection.fetchval(
        _CHUNK, at_once, sorted(groups), list(leaving), list(leaving.values()), now
    )
    return told is not None


async def read_lists_again(connection: Connection) -> None:
    """Forget which lists were taken in, since other people are there; who was renewed by one is not again."""
    await connection.execute("DELETE FROM insurance_list")

"""Finds an insured person's number by the insurer's, and keeps the officers whom a facility registered."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from population_registry.storage.connections import Connection

_OWNER = """
SELECT personal_number FROM person WHERE social_insurance = $1
UNION ALL
SELECT p.personal_number FROM health_insurance i JOIN person p ON p.person_id = i.person_id WHERE i.card_code = $2
LIMIT 1
"""

_REPLACE = """
WITH given AS (
  SELECT * FROM unnest($2::bytea[], $3::bytea[]) AS row(officer_hash, name_hash)
), gone AS (
  DELETE FROM facility_officer o
   WHERE o.client_id = $1 AND NOT EXISTS (SELECT 1 FROM given WHERE given.officer_hash = o.officer_hash)
)
INSERT INTO facility_officer (client_id, officer_hash, name_hash, registered_at)
SELECT $1, officer_hash, name_hash, $4 FROM given ORDER BY officer_hash
ON CONFLICT (client_id, officer_hash) DO UPDATE SET name_hash = excluded.name_hash
"""


async def number_of_insured(connection: Connection, social: str, card: str | None) -> str | None:
    """The personal number of whoever has that social-insurance number, or had that very card; None for nobody's.

    Raises:
        asyncpg.PostgresError: the database refuses.
        OSError: the database cannot be reached.
    """
    found = await connection.fetchval(_OWNER, social, card)
    return None if found is None else str(found)


async def replace_officers(
    connection: Connection, client_id: str, officers: Mapping[bytes, bytes], now: datetime
) -> None:
    """From now on these officers, and no others, look up cards for that facility: all or none."""
    hashes = sorted(officers)
    await connection.execute(_REPLACE, client_id, hashes, [officers[each] for each in hashes], now)


async def registered_names(
    connection: Connection, client_id: str, officer_hashes: Iterable[bytes]
) -> Sequence[bytes]:
    """The name hashes of an officer of that facility; empty when nobody registered them."""
    rows = await connection.fetch(
        "SELECT name_hash FROM facility_officer WHERE client_id = $1 AND officer_hash = ANY($2::bytea[])",
        client_id,
        list(officer_hashes),
    )
    return [bytes(row[0]) for row in rows]  # type: ignore[call-overload]  # asyncpg answers bytes for bytea

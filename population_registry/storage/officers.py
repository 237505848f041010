"""Officers of the registry: appointed, dismissed, found by the personal number with which they sign in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from population_registry.operators.officers import Officer, Role
from population_registry.storage.connections import Connection


@dataclass(frozen=True, slots=True)
class Appointment:
    """Who becomes an officer: their own personal number and their office."""

    number: str
    officer_id: str
    agency: str
    role: Role
    territory: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """An officer and their own record."""

    officer: Officer
    person_id: int


async def appoint(connection: Connection, appointments: Iterable[Appointment], now: datetime) -> int:
    """Appoint, or change an office that is held; answers how many people were found."""
    found = 0
    for each in appointments:
        tag = await connection.execute(
            "INSERT INTO officer (officer_id, person_id, agency, role, territory, appointed_at) "
            "SELECT $2, person_id, $3, $4, $5, $6 FROM person WHERE personal_number = $1 "
            "ON CONFLICT (officer_id) DO UPDATE SET person_id = excluded.person_id, agency = excluded.agency, "
            "role = excluded.role, territory = excluded.territory, dismissed_at = NULL",
            *(each.number, each.officer_id, each.agency, each.role.value, each.territory, now),
        )
        found += int(tag.rpartition(" ")[2])
    return found


async def dismiss(connection: Connection, officer_id: str, now: datetime) -> bool:
    """End an office and its sign-ins at once; answers whether there was one."""
    tag = await connection.execute(
        "WITH gone AS (UPDATE officer SET dismissed_at = $2 WHERE officer_id = $1 AND dismissed_at IS NULL "
        "RETURNING officer_id), ended AS (DELETE FROM console_session WHERE officer_id IN (SELECT * FROM gone)) "
        "SELECT * FROM gone",
        *(officer_id, now),
    )
    return tag.endswith("1")


_NAMED = (
    "SELECT o.officer_id, concat_ws(' ', p.family_name, nullif(p.middle_name, ''), p.given_name), o.agency, o.role, "
    "o.territory, o.person_id FROM officer o JOIN person p USING (person_id) "
    "WHERE o.dismissed_at IS NULL AND p.status = 'active' AND "
)


async def officer_of_number(connection: Connection, number: str) -> Known | None:
    """The office that the person of this number holds; a dead person holds none."""
    return _known(await connection.fetch(f"{_NAMED} p.personal_number = $1", number))


async def officer_of_id(connection: Connection, officer_id: str) -> Known | None:
    """The officer of that id, as long as the office is held."""
    return _known(await connection.fetch(f"{_NAMED} o.officer_id = $1", officer_id))


def _known(rows: object) -> Known | None:
    found = cast("list[tuple[str, str, str, str, str | None, int]]", rows)
    if not found:
        return None
    officer_id, name, agency, role, territory, person_id = found[0]
    return Known(Officer(officer_id, name, agency, Role(role), territory), person_id)

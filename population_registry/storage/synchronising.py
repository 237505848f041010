"""What the messages for the national portal are made of, and which dossiers changed since it last heard."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

from population_registry.dossiers import Dossier
from population_registry.storage.connections import Connection
from population_registry.storage.dossiers import read_dossier

_OWNER: Final = (
    "SELECT personal_number, concat_ws(' ', family_name, nullif(middle_name, ''), given_name), "
    "(SELECT province_code FROM commune WHERE code = $2) FROM person WHERE person_id = $1"
)
_HEADS: Final = (
    "SELECT dossier_code, max(event_no) FROM dossier_event WHERE entered_at >= $1 AND dossier_code > $2 "
    "GROUP BY dossier_code ORDER BY dossier_code LIMIT $3"
)


async def dossier_with_owner(
    connection: Connection, code: str
) -> tuple[Dossier, str, str, str | None] | None:
    """The dossier, its applicant's number and name, the office's province; None without dossier or person."""
    dossier = await read_dossier(connection, code)
    if dossier is None:
        return None
    rows = cast(
        "Sequence[Sequence[Any]]", await connection.fetch(_OWNER, dossier.applicant_id, dossier.commune_code)
    )
    if not rows:
        return None
    number, name, province = rows[0]
    return dossier, str(number), str(name), None if province is None else str(province)


async def heads_since(
    connection: Connection, since: datetime, after: str, limit: int
) -> tuple[tuple[str, int], ...]:
    """Code and last line of history of the dossiers with a line entered since then, in the order of their codes."""
    rows = cast("Sequence[Sequence[Any]]", await connection.fetch(_HEADS, since, after, limit))
    return tuple((str(row[0]), int(row[1])) for row in rows)

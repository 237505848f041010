"""Partitions of the tables that grow for ever: one for each month (UTC), made before the month begins.

A row of a month that has no partition goes to the table's `…_other`, so none is ever refused or lost. Such a month
then stays there: nothing in the access log is moved, since moving would be deleting.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg

from population_registry.storage.connections import Connection

MONTHLY: Final = {"access_log": "at", "receipt": "issued_at"}
"""Which tables, and the column that says in which month a row lies."""
AHEAD: Final = 3
"""Months beyond the present one that are kept ready."""
APPEND_ONLY: Final = frozenset({"access_log"})
PATIENCE: Final = "2s"
"""How long making a partition waits for whoever holds the table."""
_MONTHS: Final = 12
_NAME: Final = re.compile(rf"(?:{'|'.join(MONTHLY)})_(?:[0-9]{{4}}_[0-9]{{2}}|other)|[a-z_]+_p[0-9]+")


def is_partition(table: str) -> bool:
    """Whether a table of that name is a part of another one, by month or by hash."""
    return _NAME.fullmatch(table) is not None


async def ready_months(connection: Connection, now: datetime) -> tuple[str, ...]:
    """Make the partitions of this month and the next ones where they are missing; answers the names made.

    Safe to call at any time from several processes: a table that is busy is given up after two seconds, to be tried
    again, so that nobody's answer waits for it. A month that already has rows elsewhere is left as it is.

    Raises:
        asyncpg.InsufficientPrivilegeError: the role may not create tables; an operator's has to.
        asyncpg.PostgresError, OSError: the database refuses or cannot be reached.
    """
    made = []
    for table in MONTHLY:
        for year, month in _coming(now):
            name = f"{table}_{year:04}_{month:02}"
            if await connection.fetchval("SELECT to_regclass($1)", name) is None:
                try:
                    await connection.execute(_making(table, name, (year, month)))
                except (
                    asyncpg.CheckViolationError,
                    asyncpg.DuplicateTableError,
                    asyncpg.InvalidObjectDefinitionError,
                ):
                    continue  # its rows lie in `_other`, or another process was faster
                made.append(name)
    return tuple(made)


def _coming(now: datetime) -> Sequence[tuple[int, int]]:
    first = now.year * _MONTHS + now.month - 1
    return [(each // _MONTHS, each % _MONTHS + 1) for each in range(first, first + AHEAD + 1)]


def _making(table: str, name: str, month: tuple[int, int]) -> str:
    """Statements of one transaction. ATTACH, unlike CREATE … PARTITION OF, lets others read and write meanwhile."""
    year, number = month
    after = (year + number // _MONTHS, number % _MONTHS + 1)
    start, end = (f"{y:04}-{m:02}-01 00:00+00" for y, m in (month, after))
    statements = [
        f"SELECT set_config('lock_timeout', '{PATIENCE}', true), pg_advisory_xact_lock(7065128)",
        f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)",
        f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')",
    ]
    if table in APPEND_ONLY:  # the trigger on rows comes with the table, the one on TRUNCATE does not
        refuse = f"BEFORE TRUNCATE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION refuse_changes()"
        statements += [
            f"CREATE TRIGGER {table}_no_truncate {refuse}",
            f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {table}_no_truncate",
        ]
    return "; ".join(statements)

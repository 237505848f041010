"""Brings a database to the newest schema and fills the reference tables; repeatable."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from population_registry.storage.connections import connect
from population_registry.storage.months import ready_months
from population_registry.storage.reference import load_reference
from web import migrations

MIGRATIONS: Final = Path(__file__).parent / "migrations"


async def migrate(url: str) -> None:
    """Run every migration that is missing, load the places and number prefixes, make the partitions of coming months.

    Raises:
        OSError: the database cannot be reached.
    """
    await migrations.migrate(url, MIGRATIONS)
    connection = await connect(url)
    try:
        await load_reference(connection)
        await ready_months(connection, datetime.now(UTC))
    finally:
        await connection.close()

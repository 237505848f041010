"""Brings a database to the newest schema and fills the reference tables; repeatable."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from population_registry.storage.connections import connect
from population_registry.storage.months import ready_months
from population_registry.storage.reference import load_reference

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(url: str) -> Config:
    """Alembic's settings for this registry's migrations on that database."""
    from alembic.config import Config  # late: the running service never migrates and need not load Alembic

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


async def migrate(url: str) -> None:
    """Run every migration that is missing, load the places and number prefixes, make the partitions of coming months.

    Raises:
        OSError: the database cannot be reached.
    """
    from alembic import command

    await asyncio.to_thread(command.upgrade, alembic_config(url), "head")
    connection = await connect(url)
    try:
        await load_reference(connection)
        await ready_months(connection, datetime.now(UTC))
    finally:
        await connection.close()

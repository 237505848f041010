"""Brings a database to the newest schema and fills the reference tables; repeatable."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from population_registry.storage.connections import connect
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
    """Run every migration that is missing, then load provinces, communes, number prefixes and former places.

    Raises:
        OSError: the database cannot be reached.
    """
    from alembic import command

    await asyncio.to_thread(command.upgrade, alembic_config(url), "head")
    connection = await connect(url)
    try:
        await load_reference(connection)
    finally:
        await connection.close()

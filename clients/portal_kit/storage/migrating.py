"""Brings a portal's database to the newest schema; repeatable."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(url: str) -> Config:
    """Alembic's settings for a portal's migrations on that database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


async def migrate(url: str) -> None:
    """Run every migration that is missing."""
    await asyncio.to_thread(command.upgrade, alembic_config(url), "head")

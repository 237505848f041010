"""Brings the provider's database to the newest form of the tables."""

from pathlib import Path
from typing import Final

from web import migrations

MIGRATIONS: Final = Path(__file__).parent / "migrations"


async def migrate(database_url: str) -> None:
    """Run every migration that is missing; repeatable. ``database_url`` starts with ``postgresql+asyncpg://``."""
    await migrations.migrate(database_url, MIGRATIONS)

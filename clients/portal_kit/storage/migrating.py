"""Brings a database of `clients` to the newest form of its tables: a portal's own migrations by default."""

from pathlib import Path

from web import migrations

MIGRATIONS = Path(__file__).parent / "migrations"


async def migrate(url: str, folder: Path = MIGRATIONS) -> None:
    """Run every migration of ``folder`` that is missing; repeatable."""
    await migrations.migrate(url, folder)

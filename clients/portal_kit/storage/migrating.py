"""Brings a database of `clients` to the newest schema; repeatable. A portal's own migrations by default."""

import asyncio
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool
from sqlalchemy.ext.asyncio import create_async_engine

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = "SELECT pg_advisory_xact_lock(7065127)"


def alembic_config(url: str, migrations: Path = MIGRATIONS) -> Config:
    """Alembic's settings for the migrations of that folder on that database."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["url"] = url
    return config


async def migrate(url: str, migrations: Path = MIGRATIONS) -> None:
    """Run every migration that is missing."""
    await asyncio.to_thread(command.upgrade, alembic_config(url, migrations), "head")


def run_for(metadata: MetaData) -> None:
    """What an `env.py` of Alembic does: the migrations in one transaction; a second process waits for the first."""

    def run(connection: Connection) -> None:
        context.configure(connection=connection, target_metadata=metadata, compare_type=True)
        with context.begin_transaction():
            connection.exec_driver_sql(LOCK)
            context.run_migrations()

    async def connected() -> None:
        engine = create_async_engine(context.config.attributes["url"], poolclass=pool.NullPool)
        async with engine.connect() as connection:
            await connection.run_sync(run)
            await connection.commit()
        await engine.dispose()

    asyncio.run(connected())

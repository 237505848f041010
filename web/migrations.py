"""A database is brought to the newest form of its tables: Alembic, run the same way for every service.

All that is missing happens in one transaction, or nothing; a second process waits for the first. Alembic takes over a
second to load, so it is loaded where something is migrated: a service that only runs needs none of it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, MetaData, pool
from sqlalchemy.ext.asyncio import create_async_engine

if TYPE_CHECKING:
    from alembic.config import Config

LOCK: Final = "SELECT pg_advisory_xact_lock(7065126)"


def alembic_config(url: str, migrations: Path) -> Config:
    """Alembic's settings for the migrations of that folder on that database."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["url"] = url
    return config


async def migrate(url: str, migrations: Path) -> None:
    """Run every migration that is missing; repeatable. ``url`` is SQLAlchemy's, for asyncpg."""
    from alembic import command

    await asyncio.to_thread(command.upgrade, alembic_config(url, migrations), "head")


def run_migrations(metadata: MetaData) -> None:
    """What each ``env.py`` of Alembic does, with the tables that its service has."""
    from alembic import context

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

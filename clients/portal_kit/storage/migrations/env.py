"""Alembic's environment for a portal's database: runs the migrations on one asyncpg connection."""

import asyncio

from alembic import context
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from clients.portal_kit.storage.tables import metadata


def run(connection: Connection) -> None:
    """Run the migrations in one transaction; a second process waits for the first."""
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7065127)")
        context.run_migrations()


async def main() -> None:
    """Open one connection and migrate over it."""
    engine = create_async_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(main())

"""Creates the databases of the services, each its own."""

from __future__ import annotations

import asyncpg
from sqlalchemy.engine import make_url

from demo.place import Place, TroubleError


async def create(place: Place, names: tuple[str, ...]) -> list[str]:
    """Create the databases that are missing; their names. Raises TroubleError when the server refuses."""
    address = make_url(place.database("postgres")).set(drivername="postgresql")
    try:
        connection = await asyncpg.connect(address.render_as_string(hide_password=False))
        try:
            there = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
            missing = [name for name in names if name not in there]
            for name in missing:
                await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError) as problem:
        raise TroubleError(f"PostgreSQL at {address} refused: {problem}") from None
    return missing

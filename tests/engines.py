"""Fixtures for the real PostgreSQL and Redis, started once a session and only when a test asks.

``DATABASE_URL`` (a role that may create databases) and ``REDIS_URL`` point the tests at other servers.
"""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
import redis
from sqlalchemy.engine import make_url

from demo.embedded import EmbeddedPostgres, EmbeddedRedis, running
from population_registry import upkeep

MakeDatabase = Callable[..., Awaitable[str]]


@pytest.fixture(scope="session")
def engines_folder() -> Iterator[Path]:
    """A short temporary folder for the data of the engines, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="dinhdanh-test-"))
    folder.chmod(0o711)  # the engines' own folders inside are private to the user that they run as
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest, upkeep_rests: None) -> Iterator[str]:
    """The address of a database on the server through which others are created."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    server = EmbeddedPostgres(request.getfixturevalue("engines_folder") / "postgres", durable=False)
    with running(server):
        yield server.url()


@pytest.fixture(scope="session")
def upkeep_rests() -> Iterator[None]:
    """The registry carries on with linked dossiers when a test tells it to, not when a minute happens to be over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upkeep, "LINK_EVERY", timedelta(days=1))
        yield


@pytest.fixture(scope="session")
async def make_database(postgres_server: str) -> AsyncIterator[MakeDatabase]:
    """A callable that creates a database of about that name: empty, or `like` one that nobody is connected to."""
    url = make_url(postgres_server)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    run, count, made = secrets.token_hex(4), itertools.count(1), list[str]()

    async def create(name: str, like: str | None = None) -> str:
        database = f"test_{name}_{run}_{next(count)}"
        template = "template0" if like is None else make_url(like).database
        await _execute(plain, f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        made.append(database)
        return url.set(database=database).render_as_string(hide_password=False)

    yield create
    if "DATABASE_URL" in os.environ:
        for database in made:
            await _execute(plain, f'DROP DATABASE "{database}" WITH (FORCE)')


@pytest.fixture(scope="session")
async def postgres_url(make_database: MakeDatabase) -> str:
    """The address of one fresh database that the tests of this session share."""
    return await make_database("shared")


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a Redis that belongs to this session (``redis_clean`` empties it)."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    server = EmbeddedRedis(request.getfixturevalue("engines_folder") / "redis", durable=False)
    with running(server):
        yield server.url()


@pytest.fixture
def redis_clean(redis_url: str) -> str:
    """The address of Redis, empty at the start of the test."""
    with redis.Redis.from_url(redis_url) as connection:
        connection.flushdb()
        # An empty Redis that lost nothing: the provider refuses single-use items after a loss (fail closed).
        connection.set("idp:{state}:born", f"{connection.info('server')['run_id']} 0")
    return redis_url


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()

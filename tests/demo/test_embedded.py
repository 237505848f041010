"""The embedded engines: real, private, mortal."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
import redis.asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from demo.mortal import UNPRIVILEGED_USER, mortal
from tests.engines import MakeDatabase


async def test_each_database_is_fresh_and_separate(make_database: MakeDatabase) -> None:
    """Two databases of the same name asked for by two tests never share rows."""
    urls = [await make_database("twin"), await make_database("twin")]
    assert urls[0] != urls[1]
    for url in urls:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE only_one (n int)"))
            assert (await connection.execute(text("SHOW server_encoding"))).scalar_one() == "UTF8"
        await engine.dispose()


async def test_postgres_listens_on_no_port(postgres_url: str) -> None:
    """PostgreSQL trusts whoever reaches its private socket, so it must not listen anywhere else."""
    engine = create_async_engine(postgres_url)
    async with engine.connect() as connection:
        assert (await connection.execute(text("SHOW listen_addresses"))).scalar_one() == ""
        assert (await connection.execute(text("SELECT lower('ĐẶNG THỊ ỔN')"))).scalar_one() == "đặng thị ổn"
    await engine.dispose()


async def test_redis_is_empty_at_the_start(redis_clean: str) -> None:
    """redis_clean hands over a database with nothing but the provider's birth mark; Redis listens on no port."""
    async with redis.asyncio.Redis.from_url(redis_clean) as connection:
        assert await connection.dbsize() <= 1
        assert await connection.get("left") is None
        await connection.set("left", "behind")
        assert (await connection.config_get("port")) == {"port": "0"}


async def test_redis_is_empty_again(redis_clean: str) -> None:
    """What another test left behind is gone."""
    async with redis.asyncio.Redis.from_url(redis_clean) as connection:
        assert await connection.get("left") is None
        await connection.set("left", "behind")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes nobody")
def test_root_becomes_nobody_and_still_reaches_private_folders(tmp_path: Path) -> None:
    """PostgreSQL refuses root, and a clone in /root is closed to others: then, and only then, one capability stays.

    ``test -r`` asks access(2), as PostgreSQL does of its own programs: it judges by the real user's capabilities.
    """
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "program").write_text("")
    script = f'test -r {private}/program && test "$(id -un)" = {UNPRIVILEGED_USER}'
    command = mortal(
        ("sh", "-c", script), death_signal=signal.SIGTERM, unprivileged=True, reaching=(private / "program",)
    )
    assert subprocess.run(command, check=False).returncode == 0
    without = mortal(("sh", "-c", script), death_signal=signal.SIGTERM, unprivileged=True)
    assert subprocess.run(without, check=False).returncode == 1

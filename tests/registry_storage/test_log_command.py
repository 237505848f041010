"""The command that checks the access log."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from keys import KeyRing
from population_registry.__main__ import REFUSED, main
from population_registry.domain import AccessEntry, AccessRecord
from population_registry.storage import migrate, open_pool, record_access
from population_registry.storage.connections import driver_url
from population_registry.storage.log_tree import LogTree
from tests.engines import MakeDatabase
from tests.registry_storage.test_log_tree import settled

pytestmark = pytest.mark.engine
ISSUER = "https://registry.example"


@pytest.fixture(scope="module")
async def log(make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A log of three rows under one head, and the key folder."""
    url, folder = await make_database("command"), tmp_path_factory.mktemp("command") / "registry"
    await migrate(url)
    tree = LogTree(
        KeyRing.create(folder, profile="registry", mode="demo"),
        ISSUER,
        lambda: datetime(2026, 11, 22, tzinfo=UTC),
    )
    pool = await open_pool(url)
    for number in range(3):
        entry = AccessEntry(
            *(
                uuid.uuid4(),
                datetime(2026, 11, 21, number, tzinfo=UTC),
                7,
                "portal",
                "agency",
                None,
                "p",
                "1.0",
            ),
            *(None, {}, "established", None, "c"),
        )
        await record_access(pool, [AccessRecord(entry)])
    await settled(pool)
    await tree.grow(pool)
    await pool.close()
    return url, folder


def test_whole_then_broken(
    log: tuple[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit code 0 and the counts; with the newest row gone, exit code 2 and the place; a kept head is read."""
    url, folder = log
    monkeypatch.setenv("DINHDANH_MODE", "demo")
    verify = ["--database", url, "access-log", "verify", "--keys", str(folder), "--issuer", ISSUER]
    assert main(["--database", url, "access-log", "head"]) == 0
    kept = tmp_path / "head.jwt"
    kept.write_text(capsys.readouterr().out)
    assert main([*verify, "--witness", str(kept)]) == 0
    assert capsys.readouterr().out == "3 rows under 1 heads are as signed; 0 wait\n"
    assert main([*verify, "--witness", str(tmp_path / "absent")]) == REFUSED
    capsys.readouterr()
    _delete_newest(url)
    assert main(verify) == REFUSED
    assert "row missing at 2" in capsys.readouterr().err


def _delete_newest(url: str) -> None:
    import asyncio

    async def delete() -> None:
        connection = await asyncpg.connect(driver_url(url))
        await connection.execute(
            "ALTER TABLE access_log DISABLE TRIGGER USER; DELETE FROM access_log WHERE at > '2026-11-21 01:30+00'"
        )
        await connection.close()

    asyncio.run(delete())

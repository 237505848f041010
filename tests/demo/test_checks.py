"""What is refused before anything starts, and the words for it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from demo.checks import require_disk
from demo.place import ROOT, Place, TroubleError
from demo.rows import Row, Service
from demo.services import DATABASES, DATABASES_READY, REDIS_READY, SECRETS, table


class Usage(NamedTuple):
    """What shutil.disk_usage answers."""

    total: int
    used: int
    free: int


def test_a_full_disk_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little free space is refused with the number of megabytes and the setting that moves the data."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 10**7, 10**7))
    with pytest.raises(TroubleError, match=r"10 MB free; 400 MB are needed\.\n.*DINHDANH_VAR"):
        require_disk(Place(tmp_path))


@pytest.mark.parametrize("value", ["http", "80", "70000", "８０００"])
def test_a_strange_port_base_is_refused(value: str) -> None:
    """DINHDANH_PORT_BASE is an ASCII number of an unprivileged port that leaves room for the offsets."""
    with pytest.raises(TroubleError, match="DINHDANH_PORT_BASE"):
        Place.from_environment({"DINHDANH_PORT_BASE": value})


def test_foreign_servers_keep_their_credentials_and_options() -> None:
    """With DATABASE_URL and REDIS_URL each service has its own database there."""
    place = Place(
        ROOT / "var", database_url="postgresql+asyncpg://u:p@db:5432/x?ssl=on", redis_url="redis://r:6379/9"
    )
    assert place.database("idp") == "postgresql+asyncpg://u:p@db:5432/idp?ssl=on"
    assert place.cache("registry") == "redis://r:6379/1"


@pytest.fixture
def rows() -> tuple[Row, ...]:
    """The real table."""
    return table(Place(ROOT / "var"))


def test_every_need_is_met(rows: tuple[Row, ...]) -> None:
    """Each row needs only rows that exist, and the needs have no circle: otherwise the demo would wait for ever."""
    there = {DATABASES_READY, REDIS_READY}
    waiting = {row.name: set(row.needs) for row in rows}
    assert len(waiting) == len(rows)
    while ready := {name for name, needs in waiting.items() if needs <= there}:
        there |= ready
        waiting = {name: needs for name, needs in waiting.items() if name not in ready}
    assert waiting == {}


def test_services_share_neither_port_nor_state(rows: tuple[Row, ...]) -> None:
    """No two services that listen have the same port, database, Redis database or key folder; workers share."""
    services = [row for row in rows if isinstance(row, Service) and row.port]
    ports = [service.port for service in services]
    assert len(set(ports)) == len(ports)
    for name in ("DATABASE_URL", "REDIS_URL", "KEYS_DIR", "PUBLIC_URL"):
        values = [service.environment[name] for service in services if name in service.environment]
        assert len(values) == len(DATABASES)
        assert len(set(values)) == len(DATABASES)


def test_secrets_are_drawn_once_and_private(tmp_path: Path) -> None:
    """Secrets travel in files that one user can read, never on a command line; a second start keeps them."""
    place = Place(tmp_path)
    place.draw(SECRETS)
    first = {name: place.secret(name).read_text() for name in SECRETS}
    place.draw(SECRETS)
    assert {name: place.secret(name).read_text() for name in SECRETS} == first
    assert len(set(first.values())) == len(SECRETS)
    assert all(place.secret(name).stat().st_mode & 0o077 == 0 for name in SECRETS)
    commands = " ".join(word for row in table(place) for word in row.command)
    assert not any(value in commands for value in first.values())

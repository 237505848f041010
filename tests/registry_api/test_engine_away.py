"""PostgreSQL goes away and comes back: 503 with Retry-After, nothing answered, recovery without a restart."""

from __future__ import annotations

import pytest

from demo.embedded import EmbeddedPostgres, running
from population_registry.storage import migrate
from population_registry.storage.connections import connect
from population_registry.synthesis import populate
from tests.registry_api.conftest import LAN, PERSONAS

pytestmark = pytest.mark.engine


async def test_engine_stopped_and_started(start, engines_folder):
    """Stopped: 503, not ready, still alive. Started again: the same process answers."""
    server = EmbeddedPostgres(engines_folder / "postgres-away", durable=False)
    with running(server):
        url = server.url()
        await migrate(url)
        await populate(url, seed=1, size=0, personas=PERSONAS.read_text(encoding="utf-8"))
    async for registry in start(url):
        answer = await registry.verify(LAN)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        with running(server):
            assert (await registry.verify(LAN)).status_code == 200
            assert (await registry.http.get("/health/ready")).status_code == 200
        for _ in range(3):
            answer = await registry.verify(LAN)
            assert answer.status_code == 503
            assert "receipt" not in answer.json()
        assert (await registry.http.get("/health/ready")).status_code == 503
        assert (await registry.http.get("/health/live")).status_code == 200
        with running(server):
            assert (await registry.verify(LAN)).status_code == 200


async def test_connections_cut(registry):
    """Connections terminated by the engine: at most a 503 each, then answers again."""
    assert (await registry.verify(LAN)).status_code == 200
    connection = await connect(registry.database_url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
    answers = [await registry.verify(LAN) for _ in range(3)]
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert answers[-1].status_code == 200


async def test_database_without_schema(start, make_database):
    """A database that was never migrated: alive, not ready, no crash at start or stop."""
    async for registry in start(await make_database("empty")):
        assert (await registry.http.get("/health/ready")).status_code == 503
        assert (await registry.http.get("/health/live")).status_code == 200

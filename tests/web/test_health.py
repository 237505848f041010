"""Live and ready."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from web import health_routes


async def passes() -> None:
    """A part that works."""


async def breaks() -> None:
    """A part that does not."""
    raise ConnectionError("redis://user:password@host refused")


async def hangs() -> None:
    """A part that never answers."""
    await asyncio.Event().wait()


def test_ready_names_the_failing_parts(caplog: pytest.LogCaptureFixture) -> None:
    """503 with Retry-After and the names, within the time allowed; no reason, address or password leaves."""
    checks = {"postgres": passes, "redis": breaks, "registry": hangs}
    client = TestClient(Starlette(routes=health_routes(checks, seconds=0.05)))
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "failing": ["redis", "registry"]}
    assert answer.headers["retry-after"] == "5"
    assert "password" not in answer.text + caplog.text
    assert client.get("/health/live").json() == {"status": "ok"}


def test_ready_when_all_parts_are() -> None:
    """200."""
    client = TestClient(Starlette(routes=health_routes({"postgres": passes})))
    assert (client.get("/health/ready").status_code, client.get("/health/ready").json()) == (
        200,
        {"status": "ok"},
    )

"""The provider on a real port, for clients that know nothing of this project."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import uvicorn

from demo.embedded import EmbeddedRedis, running
from keys import KeyRing
from tests.engines import MakeDatabase
from tests.idp_endpoints.conftest import served
from tests.idp_endpoints.provider import Provider


class QuietServer(uvicorn.Server):
    """A server that leaves the signals of the test run alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
async def issuer(
    make_database: MakeDatabase, engines_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """The address of a running provider."""
    folder = tmp_path_factory.mktemp("interop-keys") / "idp"
    KeyRing.create(folder, profile="idp", mode="demo")
    url = f"http://localhost:{free_port()}"
    database = await make_database("interop")
    redis = EmbeddedRedis(engines_folder / "redis-interop", durable=False)
    with running(redis):
        async with (
            served(database, redis.url(), folder, issuer=url) as provider,
            listening(provider, int(url.rpartition(":")[2])),
        ):
            yield url


@contextlib.asynccontextmanager
async def listening(provider: Provider, port: int) -> AsyncIterator[None]:
    """The application on a port of this machine."""
    config = uvicorn.Config(provider.app, host="localhost", port=port, lifespan="off", log_level="warning")
    server = QuietServer(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers a flag, no event
        await asyncio.sleep(0.01)
    yield
    server.should_exit = True
    await task

"""The provider on a real port, for clients that know nothing of this project."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import uvicorn

from demo.embedded import EmbeddedRedis, running
from idp.domain.client import Client
from idp.domain.policy import Registration
from keys import KeyRing
from tests.engines import MakeDatabase
from tests.idp_endpoints.conftest import served
from tests.idp_endpoints.provider import Provider
from tests.interop import node
from tests.interop.person import Person
from tests.interop.secure import Secure, served_over_tls
from tests.ports import free_port


class QuietServer(uvicorn.Server):
    """A server that leaves the signals of the test run alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@dataclass(frozen=True, slots=True)
class Running:
    """A provider on a port. It may send notices to ``http://localhost:<allowed_port>``, and nowhere else inside."""

    issuer: str
    provider: Provider
    allowed_port: int

    async def register(self, client: Client) -> None:
        """One more client."""
        await self.provider.app.state.storage.clients.save(client)


@pytest.fixture(scope="session")
def node_modules() -> None:
    """The packages of the lock file; the test is skipped where Node or the packages cannot be had."""
    node.install()


@pytest.fixture(scope="session")
def issuer(running_provider: Running) -> str:
    """The address of a running provider."""
    return running_provider.issuer


@pytest.fixture(scope="session", name="running")
def same_provider(running_provider: Running) -> Running:
    """The running provider, for those who register clients of their own."""
    return running_provider


@pytest.fixture(scope="session")
async def running_provider(
    make_database: MakeDatabase, engines_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """A provider on a real port."""
    folder = tmp_path_factory.mktemp("interop-keys") / "idp"
    KeyRing.create(folder, profile="idp", mode="demo")
    url = f"http://localhost:{free_port()}"
    database = await make_database("interop")
    allowed_port = free_port()
    redis = EmbeddedRedis(engines_folder / "redis-interop", durable=False)
    with running(redis):
        async with (
            served(
                *(database, redis.url(), folder),
                issuer=url,
                egress_allow=f"http://localhost:{allowed_port}",
                registration=Registration.OPEN,
            ) as provider,
            listening(provider, int(url.rpartition(":")[2])),
        ):
            yield Running(url, provider, allowed_port)


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


@pytest.fixture
async def person() -> AsyncIterator[Person]:
    """Somebody with a browser."""
    made = Person()
    async with made.http:
        yield made


@pytest.fixture(scope="session")
def secure(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    """The same provider over https."""
    settings = running.provider.app.state.services.settings
    with served_over_tls(settings, tmp_path_factory.mktemp("interop-tls"), free_port()) as made:
        yield made


@pytest.fixture
async def browsing(secure: Secure) -> AsyncIterator[Person]:
    """Somebody whose browser believes the authority of :func:`secure`."""
    made = Person(trust=ssl.create_default_context(cafile=secure.anchors))
    async with made.http:
        yield made


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that another user may enter, as none below pytest's own may be."""
    with TemporaryDirectory(prefix="dinhdanh-apache-") as made:
        yield Path(made)

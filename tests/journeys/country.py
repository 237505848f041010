"""The whole country for the journeys: the demo as a process of its own, its addresses, people and outages."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tomllib
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from demo.embedded import EmbeddedRedis, running
from demo.mortal import mortal
from demo.place import OFFSETS, ROOT, Place
from demo.probe import answers
from demo.rows import Service
from demo.services import table

POPULATION = 500
READY = "Ctrl-C"  # the last line of the demo's welcome
HOW_MANY_LINES = 40
POLL = 0.03  # seconds between two looks at a service
PATIENCE = 120.0  # seconds for an outage to begin or to end


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to be in a story: what they know (password) and have (an authenticator's secret, a mailbox)."""

    key: str
    number: str
    name: str
    password: str = field(repr=False)
    email: str
    totp_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TcpRedis(EmbeddedRedis):
    """Redis on a port, as the demo expects a server that is not its own."""

    port: int = 0

    def command(self) -> tuple[str, ...]:
        """The embedded server's command with a port; nothing is kept over a restart."""
        words = list(EmbeddedRedis.command(self))
        words[words.index("--port") + 1] = str(self.port)
        return (*words, "--bind", "127.0.0.1")


@dataclass(slots=True)
class Country:
    """The running demo. Addresses have no slash at their end."""

    place: Place
    people: Mapping[str, Persona]
    process: subprocess.Popen[str]
    redis: contextlib.ExitStack

    @property
    def issuer(self) -> str:
        """The identity provider."""
        return self.place.url("idp")

    @property
    def registry(self) -> str:
        """The population registry."""
        return self.place.url("registry")

    @property
    def national(self) -> str:
        """The national portal."""
        return self.place.url("national_portal")

    @property
    def residence(self) -> str:
        """The residence portal."""
        return self.place.url("residence_portal")

    @property
    def insurance(self) -> str:
        """The insurance portal."""
        return self.place.url("insurance_portal")

    @property
    def counter(self) -> str:
        """The one-stop counter."""
        return self.place.url("one_stop_portal")

    @property
    def portals(self) -> tuple[str, str, str]:
        """All portals."""
        return self.national, self.residence, self.insurance

    def must_live(self) -> None:
        """Fail with the demo's last lines when it ended, which it does as soon as any of its services dies."""
        if self.process.poll() is not None:
            raise AssertionError(last_lines(self.process))

    async def run(self, *arguments: str) -> str:
        """A command of an administrator (``python -m ARGUMENTS``) with the provider's environment; its output."""
        service = next(row for row in table(self.place) if isinstance(row, Service) and row.name == "idp")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *arguments),
            env={**os.environ, "PYTHONPATH": str(ROOT), **service.environment},
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode()

    @contextlib.asynccontextmanager
    async def without(self, name: str) -> AsyncIterator[None]:
        """A service's process (`country_process.INTERRUPTIBLE`) is gone inside the block and runs again after it."""
        parent = int((self.place.var / f"{name}.pid").read_text())
        os.kill(parent, signal.SIGUSR1)
        await self._await(name, there=False)
        try:
            yield
        finally:
            os.kill(parent, signal.SIGUSR2)
            await self._await(name, there=True)

    def without_registry(self) -> contextlib.AbstractAsyncContextManager[None]:
        """The registry is away."""
        return self.without("registry")

    async def _await(self, name: str, *, there: bool) -> None:
        async with asyncio.timeout(PATIENCE):
            while await self._ready(name) is not there:
                pass

    async def restart_redis(self) -> None:
        """Redis loses everything it held; all services are ready again afterwards."""
        self.redis.close()
        assert self.place.redis_url is not None
        self.redis.enter_context(running(_redis(self.place)))
        async with asyncio.timeout(PATIENCE):
            for name in OFFSETS:
                while name != "mail" and not await self._ready(name):
                    pass

    async def _ready(self, name: str) -> bool:
        """Whether a service is ready; takes a moment, so that asking again and again is no burden."""
        await asyncio.sleep(POLL)
        return await answers(self.place.port(name), "/health/ready")


@contextlib.contextmanager
def running_country(var: Path) -> Iterator[Country]:
    """Start the demo on free ports with its data in ``var``; stop all of it at the end."""
    base = free_base()
    place = Place(var, base, POPULATION, redis_url=f"redis://localhost:{base + 26}")
    with contextlib.ExitStack() as redis:
        redis.enter_context(running(_redis(place)))
        process = _start(place)
        try:
            _await_ready(process)
            yield Country(place, _people(place), process, redis)
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


def _await_ready(process: subprocess.Popen[str]) -> None:
    """Read what the demo says until it greets; fail with its last words when it ends instead."""
    assert process.stdout is not None
    said: deque[str] = deque(maxlen=HOW_MANY_LINES)
    for line in iter(process.stdout.readline, ""):
        said.append(line)
        if READY in line:
            return
    raise AssertionError(f"the demo ended with code {process.wait()}:\n{''.join(said)}")


def last_lines(process: subprocess.Popen[str]) -> str:
    """What the demo said at its end."""
    said, _ = process.communicate()
    return f"the demo ended with code {process.returncode}:\n{said}"


def free_base() -> int:
    """A port base whose every port is free; several runs may go on beside each other.

    All ports lie below 32,768, where Linux begins to take ports for outgoing connections.
    """
    first = os.getpid() % 80
    for base in (20_000 + (first + step) % 80 * 150 for step in range(80)):
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for offset in (*OFFSETS.values(), 26):
                held.enter_context(socket.create_server(("127.0.0.1", base + offset)))
            return base
    raise AssertionError("no free ports")


def _redis(place: Place) -> TcpRedis:
    return TcpRedis(place.var / "redis", durable=False, port=place.port_base + 26)


def _start(place: Place) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(
        mortal((sys.executable, "-m", "tests.journeys.country_process"), death_signal=signal.SIGTERM),
        cwd=ROOT,
        env={
            **environment,
            "PYTHONPATH": str(ROOT),
            "DINHDANH_VAR": str(place.var),
            "DINHDANH_PORT_BASE": str(place.port_base),
            "DINHDANH_POPULATION": str(place.population),
            "REDIS_URL": place.redis_url or "",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _people(place: Place) -> dict[str, Persona]:
    listed = tomllib.loads(place.personas.read_text(encoding="utf-8"))["persona"]
    return {
        each["key"]: Persona(
            each["key"],
            each["number"],
            each["full_name"],
            each["account"]["password"],
            each["email"],
            each["account"].get("totp_secret", ""),
        )
        for each in listed
    }

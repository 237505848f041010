"""One registry to measure: an engine with a population, keys, an issuer of tokens, and one API process."""

import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import make_url

from benchmarks.process import SERVER_CORE, Server, await_ready, cpu_of_children, listener, pin, stop
from demo.embedded import EmbeddedPostgres, running
from keys import KeyRing

ROOT: Final = Path(__file__).parents[2]
VAR: Final = ROOT / "var" / "bench"
PORT: Final = 48_700
ISSUER_PORT: Final = PORT + 1
REGISTRY: Final = f"http://localhost:{PORT}"
ISSUER: Final = f"http://localhost:{ISSUER_PORT}"
SEED: Final = 6


@dataclass(frozen=True, slots=True)
class Engine:
    """A running PostgreSQL that holds a population; `filled` says what making that took, where it was made here."""

    url: str
    pid: int
    filled: Mapping[str, float] | None = None

    def cpu_seconds(self) -> float:
        """User and system time so far of the backends of its database."""
        return cpu_of_children(self.pid, named=f" {make_url(self.url).database} ")


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything that the measured requests go to."""

    engine: Engine
    server: Server
    ring: KeyRing


def environment(url: str, keys: Path) -> dict[str, str]:
    """What the registry's processes are told."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": url,
        "PUBLIC_URL": REGISTRY,
        "ISSUER": ISSUER,
        "KEYS_DIR": str(keys),
        "SESSION_SECRET": "only-for-measuring-" + "x" * 32,
        "LOG_LEVEL": "WARNING",
    }


@contextmanager
def engine(folder: Path, people: int) -> Iterator[Engine]:
    """Run a durable engine whose data lie in `folder`, filled with that many people where it is new."""
    postgres = EmbeddedPostgres(folder)
    note = folder / "filled.json"
    with running(postgres) as process:
        run_registry(postgres.url(), "migrate")
        if not note.exists():
            begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
            run_registry(postgres.url(), "populate", "--size", str(people), "--seed", str(SEED), "--quiet")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            note.write_text(json.dumps({"seconds": time.perf_counter() - begun, "cpu_seconds": cpu}))
        yield Engine(postgres.url(), process.pid, json.loads(note.read_text()))


@contextmanager
def held(url: str) -> Iterator[Engine]:
    """An engine that runs on this machine already; its database is brought to the newest schema."""
    folder = make_url(url).query["host"]
    pid = int((Path(str(folder)) / ".s.PGSQL.5432.lock").read_text(encoding="ascii").split()[0])
    run_registry(url, "migrate")
    yield Engine(url, pid)


def run_registry(url: str, *command: str) -> None:
    """Run a command of the registry to its end."""
    settings = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", "population_registry", *command]
    subprocess.run(line, cwd=ROOT, env=settings, check=True, stdout=subprocess.DEVNULL)


def ring_folder(var: Path, profile: str = "registry") -> Path:
    """The folder of a key ring of that profile, made when first needed."""
    folder = var / "registry-keys" / profile
    if not folder.exists():
        KeyRing.create(folder, profile=profile, mode="demo")
    return folder


@contextmanager
def service(running_engine: Engine, var: Path) -> Iterator[Ground]:
    """Run one API process on the server core, and the issuer whose tokens it takes."""
    registry_keys = ring_folder(var)
    ring = KeyRing.open(ring_folder(var, "idp"), mode="demo")
    log = var / "registry.log"
    with issuer(ring), log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "population_registry", "serve", "--port", str(PORT)],
            cwd=ROOT,
            env=environment(running_engine.url, registry_keys),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            await_ready(process, f"http://127.0.0.1:{PORT}/health/ready", log, 60)
            server = Server("registry", listener(PORT), PORT)
            pin(server.pid, SERVER_CORE)
            yield Ground(running_engine, server, ring)
        finally:
            stop(process)


@contextmanager
def issuer(ring: KeyRing) -> Iterator[None]:
    """The metadata and keys of the issuer, at its address."""
    documents: dict[str, Any] = {
        "/.well-known/openid-configuration": {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"},
        "/jwks": ring.jwks(),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """One document."""
            body = json.dumps(documents[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", ISSUER_PORT), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()

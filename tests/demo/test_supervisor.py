"""The supervisor over real, tiny processes: it skips, explains, stops everything and leaves nothing behind."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest

from demo.place import OFFSETS, ROOT
from tests.ports import free_ports

COUNTRY = str(Path(__file__).with_name("tiny_country.py"))
LAST_LINE = "Ctrl-C"
LIMIT = 120.0  # seconds; a test that waits this long has failed

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Its own folder and free ports, with the embedded engines."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {
        "DINHDANH_VAR": str(tmp_path / "v"),
        "DINHDANH_PORT_BASE": str(free_ports(OFFSETS.values())[0]),
        "PYTHONPATH": str(ROOT),
    }
    return {**kept, **own}


@pytest.fixture
def light(environment: dict[str, str], postgres_server: str, redis_url: str) -> dict[str, str]:
    """The same, on the engines of the test session, so that a start takes no second."""
    return {**environment, "DATABASE_URL": postgres_server, "REDIS_URL": redis_url}


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a supervisor; whatever still runs at the end of the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def one(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, COUNTRY, *arguments]
        process = subprocess.Popen(
            command, env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        started.append(process)
        return process

    yield one
    for process in started:
        process.kill()
        process.communicate()


def test_check_ends_when_everything_was_ready_once(start: Start, light: dict[str, str]) -> None:
    """--check exits 0 after the table of addresses was shown, and no process is left."""
    process = start(light, "--check")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert f"http://localhost:{int(light['DINHDANH_PORT_BASE']) + 100}" in output
    assert LAST_LINE in output
    assert _left_behind(light) == []


def test_a_second_start_skips_what_is_done(start: Start, light: dict[str, str]) -> None:
    """A step runs once on the same data, and again when what it made is gone."""
    ledger = Path(light["DINHDANH_VAR"]) / "ledger"
    for expected in (1, 1):
        process = start(light, "--check")
        output, _ = process.communicate(timeout=LIMIT)
        assert process.returncode == 0, output
        assert ledger.read_text().count("done once") == expected
    ledger.unlink()
    start(light, "--check").communicate(timeout=LIMIT)
    assert ledger.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(start: Start, light: dict[str, str], number: signal.Signals) -> None:
    """Ctrl-C, SIGTERM and a closed terminal stop every process, grandchildren included, with exit 0."""
    process = start(light)
    _read_until(process, LAST_LINE)
    assert (
        len(_processes_of(light)) == 8
    )  # the supervisor, two services with a child each, worker, forker, mail
    process.send_signal(number)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert _left_behind(light) == []


def test_a_killed_supervisor_leaves_no_orphan(start: Start, environment: dict[str, str]) -> None:
    """Even SIGKILL leaves neither services nor PostgreSQL nor Redis behind (PR_SET_PDEATHSIG)."""
    process = start(environment)
    _read_until(process, LAST_LINE)
    data = environment["DINHDANH_VAR"]
    engines = [pid for pid in _pids() if f"{data}/postgres".encode() in _read(pid, "cmdline")]
    others = [pid for pid in _processes_of(environment) if pid not in {process.pid, *engines}]
    services = [pid for pid in others if b"sleep" not in _read(pid, "cmdline")]
    assert engines
    assert len(services) >= 4  # two tiny services, the forker, the forked mail catcher
    waiting = [os.pidfd_open(pid) for pid in (*engines, *services)]
    process.kill()
    for descriptor in waiting:
        assert select.select([descriptor], [], [], LIMIT)[0], "an orphan lives on"
        os.close(descriptor)
    for grandchild in set(others) - set(services):  # a service's own children are the service's affair
        os.kill(grandchild, signal.SIGKILL)
    again = start(environment, "--check")
    output, _ = again.communicate(timeout=LIMIT)
    assert again.returncode == 0, output


def test_a_dying_child_is_explained(start: Start, light: dict[str, str]) -> None:
    """When a service dies, its name, its exit and its last words are shown, the rest stops, and the exit is 1."""
    process = start(light)
    _read_until(process, LAST_LINE)
    with suppress(OSError), urlopen(f"http://127.0.0.1:{light['DINHDANH_PORT_BASE']}/die", timeout=LIMIT):
        pass
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    assert "idp died" in output
    assert "ended with code 3" in output
    assert "these are my last words" in output
    assert "Traceback" not in output
    assert _left_behind(light) == []


def test_a_dying_fork_is_explained(start: Start, light: dict[str, str]) -> None:
    """A forked service that is killed is named with its signal, and the rest stops."""
    process = start(light)
    _read_until(process, LAST_LINE)
    listening = f":{int(light['DINHDANH_PORT_BASE']) + OFFSETS['mail']:04X} "
    inodes = [line.split()[9] for line in Path("/proc/net/tcp").read_text().splitlines() if listening in line]
    (mail,) = [pid for pid in _processes_of(light) if f"socket:[{inodes[0]}]" in _sockets(pid)]
    os.kill(mail, signal.SIGKILL)
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    assert "mail died; everything else was stopped (was ended by SIGKILL)" in output
    assert _left_behind(light) == []


def test_a_failing_step_is_explained(start: Start, light: dict[str, str]) -> None:
    """A step that fails is named with its exit code, and nothing is started on top of it."""
    process = start({**light, "STEP_CODE": "4"})
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    assert "the step ledger failed (ended with code 4)" in output
    assert "Traceback" not in output
    assert _left_behind(light) == []


def test_a_forked_step_writes_its_file_whole(start: Start, light: dict[str, str]) -> None:
    """What a step says becomes its file, which only its owner reads; a second start does not do it again."""
    calendar = Path(light["DINHDANH_VAR"]) / "calendar"
    for _ in range(2):
        output, _ = start(light, "--check").communicate(timeout=LIMIT)
        assert "November" in calendar.read_text(), output
        assert calendar.stat().st_mode & 0o777 == 0o600
        calendar.write_text("November, as it was written")
    assert calendar.read_text() == "November, as it was written"


def test_a_failing_forked_step_is_explained(start: Start, light: dict[str, str]) -> None:
    """Its exit code and its last words are shown, and half a file is no file."""
    process = start({**light, "YEAR": "never"})
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    assert "the step calendar failed (ended with code 2)" in output
    assert "invalid int value: 'never'" in output
    assert not (Path(light["DINHDANH_VAR"]) / "calendar").exists()
    assert _processes_of(light) == []


def test_a_taken_port_is_explained(start: Start, light: dict[str, str]) -> None:
    """A taken port is named with the process that holds it and the setting that moves all ports."""
    port = int(light["DINHDANH_PORT_BASE"]) + OFFSETS["registry"]
    with socket.create_server(("127.0.0.1", port)):
        process = start(light)
        output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    assert f"port {port} (registry) is taken by process {os.getpid()}" in output
    assert "DINHDANH_PORT_BASE=" in output
    assert "Traceback" not in output


def test_a_second_demo_on_the_same_data_is_refused(start: Start, light: dict[str, str]) -> None:
    """Two supervisors never share one data folder; the second names the first."""
    first = start(light)
    _read_until(first, LAST_LINE)
    second = start(light)
    output, _ = second.communicate(timeout=LIMIT)
    assert second.returncode == 1
    assert f"already runs on {light['DINHDANH_VAR']} (process {first.pid})" in output
    assert first.poll() is None


def _read_until(process: subprocess.Popen[str], words: str) -> None:
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if words in line:
            return
    raise AssertionError("".join(seen))


def _processes_of(environment: dict[str, str]) -> list[int]:
    """Every living process that carries the environment of this test."""
    mark = f"DINHDANH_VAR={environment['DINHDANH_VAR']}\0".encode()
    return [pid for pid in _pids() if mark in _read(pid, "environ")]


def _left_behind(environment: dict[str, str]) -> list[int]:
    """Every process of this test that goes on living; who was told to die may need a moment for it."""
    living = []
    for pid in _processes_of(environment):
        with suppress(ProcessLookupError):
            descriptor = os.pidfd_open(pid)
            if not select.select([descriptor], [], [], LIMIT)[0]:
                living.append(pid)
            os.close(descriptor)
    return living


def _sockets(pid: int) -> set[str]:
    with suppress(OSError):
        return {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    return set()


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]


def _read(pid: int, what: str) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/{what}").read_bytes()
    return b""

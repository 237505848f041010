"""A server process under measurement: pinned to one core, its CPU time and memory read from /proc."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

SERVER_CORE = 0
LOAD_CORE = (os.cpu_count() or 1) - 1


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and the address that answers when it is ready."""

    name: str
    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """User and system time of the process so far."""
        return cpu_of_process(self.pid)

    def memory_megabytes(self) -> float:
        """Resident memory now."""
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0


def cpu_of_process(pid: int) -> float:
    """User and system time of a process and all its living threads so far, as the scheduler counts it."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((each / "schedstat").read_text(encoding="ascii").split()[0]) for each in threads) / 1e9


def cpu_of_children(parent: int, named: str = "") -> float:
    """User and system time so far of the living children of a process whose command line has those words."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
            if int(fields[1]) == parent and named in (folder / "cmdline").read_text(errors="replace"):
                total += int((folder / "schedstat").read_text(encoding="ascii").split()[0])
        except (OSError, IndexError):
            continue
    return total / 1e9


def listener(port: int) -> int:
    """The process that listens on a loopback port. Raises RuntimeError when there is none."""
    wanted = f"0100007F:{port:04X}"
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    inodes = {fields[9] for fields in map(str.split, lines) if fields[1] == wanted and fields[3] == "0A"}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            links = {str(each.readlink()) for each in (folder / "fd").iterdir()}
        except OSError:
            continue
        if any(f"socket:[{inode}]" in links for inode in inodes):
            return int(folder.name)
    raise RuntimeError(f"nobody listens on port {port}")


def pin(pid: int, core: int) -> None:
    """Keep every thread of a process on one core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})


def await_ready(process: subprocess.Popen[bytes], url: str, log: Path, seconds: float) -> None:
    """Wait until ``url`` answers 200. Raises RuntimeError with the end of the log when it does not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    process.kill()
    raise RuntimeError(f"{url} does not answer:\n{log.read_text(errors='replace')[-3000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process in good order, or at last by force."""
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

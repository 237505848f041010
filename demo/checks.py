"""What is looked at before anything starts: ports, disk, a second demo on the same data."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import socket
from pathlib import Path
from typing import TextIO

from demo.place import OFFSETS, Place, TroubleError

FIRST_START_BYTES = 400_000_000  # two databases, 10,000 people, write-ahead log
LATER_START_BYTES = 100_000_000
LISTENING = "0A"  # the state of a listening socket in /proc/net/tcp


def hold_lock(place: Place) -> TextIO:
    """Take the data folder for this process until the answer is closed; raises TroubleError when it is taken."""
    folder = place.var / "demo"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+")
    except OSError as problem:
        reason = os.strerror(problem.errno or 0)
        raise TroubleError(f"Cannot write to {folder}: {reason}. Choose another with DINHDANH_VAR.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise TroubleError(
            f"The demo already runs on {place.var} (process {holder}). Stop it, or run a second one beside it:\n"
            f"  DINHDANH_VAR=/another/folder DINHDANH_PORT_BASE={_another_base(place)} make demo"
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def require_disk(place: Place) -> None:
    """Enough free space for what this start will write."""
    first = place.database_url is None and not (place.var / "postgres" / "initialised").exists()
    needed = FIRST_START_BYTES if first else LATER_START_BYTES
    free = shutil.disk_usage(place.var).free
    if free < needed:
        raise TroubleError(
            f"The disk of {place.var} has {free // 1_000_000} MB free; {needed // 1_000_000} MB are needed.\n"
            "Free some space, or put the data elsewhere with DINHDANH_VAR."
        )


def require_ports(place: Place) -> None:
    """Every port is free; otherwise say which is taken, by whom, and how to move."""
    taken = [(name, place.port(name)) for name in OFFSETS if not _is_free(place.port(name))]
    if taken:
        lines = [f"  port {port} ({name}) is taken by {_holder(port)}" for name, port in taken]
        raise TroubleError(
            "\n".join(["Some ports are in use:", *lines])
            + f"\nStop what uses them, or move all ports: DINHDANH_PORT_BASE={_another_base(place)} make demo"
        )


def _is_free(port: int) -> bool:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                return False
            if problem.errno == errno.EACCES:
                raise TroubleError(f"This user may not open port {port}; set DINHDANH_PORT_BASE.") from None
    return True


def _another_base(place: Place) -> int:
    bases = range(place.port_base + 1000, 60000, 1000)
    return next(
        (base for base in bases if all(_is_free(base + offset) for offset in OFFSETS.values())), 18000
    )


def _holder(port: int) -> str:
    """The process that listens on ``port``, as far as the system lets us see."""
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with contextlib.suppress(OSError):
            for line in table.read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{columns[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(str(link.readlink()) in inodes for link in (process / "fd").iterdir()):
                command = (
                    (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                )
                return f"process {process.name} ({command[:80]})"
    return "another user's process"

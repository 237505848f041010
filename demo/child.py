"""One child process of the supervisor: started mortal, logged to its own file, ended with its whole group."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from demo.mortal import mortal
from demo.place import TroubleError

TAIL = 15  # lines of a log shown when its process died


class Running(Protocol):
    """What is asked of a running process, started or forked."""

    @property
    def pid(self) -> int:
        """Its number, which is also that of its process group."""
        ...

    @property
    def returncode(self) -> int | None:
        """The exit code; None while it runs."""
        ...

    async def wait(self) -> int:
        """Wait for the end."""
        ...

    def send_signal(self, signal: int, /) -> None:
        """Send a signal."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running process and its log."""

    name: str
    process: Running
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM

    @classmethod
    async def start(
        cls,
        name: str,
        command: tuple[str, ...],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        output: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        already_mortal: bool = False,
    ) -> Child:
        """Start ``command`` in ``folder``; its words go to ``log``, whose last edition is kept as ``.1``.

        With ``output`` its standard output goes to that new private file instead.
        """
        with contextlib.ExitStack() as files:
            words = files.enter_context(fresh(log))
            process = await asyncio.create_subprocess_exec(
                *(command if already_mortal else mortal(command, death_signal=stop_signal)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=files.enter_context(private(output)) if output else words,
                stderr=words,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
        return cls(name, process, log, stop_signal)

    @property
    def running(self) -> bool:
        """Whether the process has not ended yet."""
        return self.process.returncode is None

    async def ended(self) -> int:
        """Wait for the end; the exit code, negative for a signal."""
        return await self.process.wait()

    async def stop(self, limit: float) -> None:
        """Ask politely, insist after ``limit`` seconds, and end whatever is left of its process group."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(self.stop_signal)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limit):
                    await self.process.wait()
        self.kill()
        await self.process.wait()

    def kill(self) -> None:
        """End the whole process group at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def failure(self, what: str, remedy: str = "") -> TroubleError:
        """What happened, with the last lines of the log and what can be done."""
        code = self.process.returncode
        how = (
            "is still running" if code is None else f"ended with code {code}" if code >= 0 else _signal(-code)
        )
        return TroubleError(f"{what} ({how}). The end of {self.log}:\n{tail(self.log)}{remedy}")


def fresh(log: Path) -> BinaryIO:
    """A new log; the last edition is kept as ``.1``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
    return log.open("wb")


def private(path: Path) -> BinaryIO:
    """A new file that only this user may read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def tail(log: Path) -> str:
    """The last lines of a log, indented; a sentence when there are none."""
    try:
        with log.open(errors="replace") as lines:
            last = deque(lines, maxlen=TAIL)
    except OSError:
        last = deque()
    return "".join(f"    {line.rstrip()}\n" for line in last) or "    (it wrote nothing)\n"


def _signal(number: int) -> str:
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(number).name}"
    return f"was ended by signal {number}"

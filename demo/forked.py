"""The supervisor's side of :mod:`demo.forking`: orders services and steps, and hears of their end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from demo.child import fresh, private
from demo.mortal import mortal
from demo.place import ROOT, TroubleError

LOST = -9  # the exit code of a service whose warm parent vanished: its death signal ended it


class Fledgling:
    """A forked service or step; the part of ``asyncio.subprocess.Process`` that the supervisor uses."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.Event()

    async def wait(self) -> int:
        """Wait for the end; the exit code, negative for a signal."""
        await self._ended.wait()
        return self.returncode or 0

    def send_signal(self, number: int) -> None:
        """Send a signal unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def end(self, code: int) -> None:
        """It has ended."""
        self.returncode = code
        self._ended.set()


class Forker:
    """Speaks with one running :mod:`demo.forking` process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._waiting: dict[str, asyncio.Future[Fledgling]] = {}
        self._running: dict[int, Fledgling] = {}
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, preloaded: tuple[str, ...], environment: Mapping[str, str], log: Path) -> Forker:
        """Start the warm process; it imports ``preloaded`` before it hears the first order."""
        command = (sys.executable, "-m", "demo.forking", *preloaded)
        with fresh(log) as words:
            process = await asyncio.create_subprocess_exec(
                *mortal(command, death_signal=signal.SIGTERM),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=words,
                cwd=ROOT,
                env=environment,
                start_new_session=True,
            )
        return cls(process)

    async def fork(
        self,
        name: str,
        command: tuple[str, ...],
        environment: Mapping[str, str],
        log: Path,
        output: Path | None = None,
    ) -> Fledgling:
        """Run ``python -m module arguments`` as a fork, its words appended to ``log``.

        With ``output`` its standard output goes to that new private file instead.
        """
        _, _, module, *arguments = command
        order = {"name": name, "module": module, "arguments": arguments, "environment": dict(environment)}
        order["output"] = str(output) if output else ""
        fresh(log).close()
        if output:
            private(output).close()
        self._waiting[name] = asyncio.get_running_loop().create_future()
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({**order, "log": str(log)}).encode() + b"\n")
        return await self._waiting[name]

    async def _listen(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(asyncio.CancelledError):
            while line := (await self.process.stdout.readline()).decode().split():
                if line[0] == "started":
                    fledgling = self._running[int(line[2])] = Fledgling(int(line[2]))
                    if not (waiting := self._waiting.pop(line[1])).done():
                        waiting.set_result(fledgling)
                else:
                    self._running.pop(int(line[1])).end(int(line[2]))
        for lost in self._running.values():
            lost.end(LOST)
        for waiting in (each for each in self._waiting.values() if not each.done()):
            waiting.set_exception(TroubleError("the warm process of the demo ended"))

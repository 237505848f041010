"""Runs the table of rows: each as soon as what it needs is there, all stopped in order at the end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from demo import databases, done
from demo.child import Child
from demo.embedded import Engine
from demo.forked import Forker
from demo.mortal import EngineError
from demo.place import ROOT, Place, TroubleError
from demo.probe import answers
from demo.rows import Row, Step
from demo.services import DATABASES, DATABASES_READY, REDIS_READY

FORKER = "forker"
READY_LIMIT = 300.0  # seconds a service may take to become ready; who dies is noticed at once
STOP_LIMIT = 8.0  # seconds a service may take to stop; uvicorn itself gives requests five
POLL = 0.03  # seconds between two looks at a service that is starting

Say = Callable[[str], None]


class Supervisor:
    """Starts engines, steps and services, watches them, and stops everything it started."""

    def __init__(self, place: Place, rows: tuple[Row, ...], preloaded: tuple[str, ...], say: Say) -> None:
        self._place = place
        self._rows = rows
        self._preloaded = preloaded
        self._say = say
        self._children: list[Child] = []  # in the order of their start; stopped in reverse
        self._there = {
            name: asyncio.Event() for name in (DATABASES_READY, REDIS_READY, FORKER, *(r.name for r in rows))
        }
        self._began = time.monotonic()
        self._stop = asyncio.Event()
        self._death = asyncio.Event()
        self._dead: Child | None = None
        self._forker: Forker | None = None
        self._guards: set[asyncio.Task[None]] = set()

    async def run(self, when_ready: Callable[[], None], *, until_ready: bool = False) -> None:
        """Start all, call ``when_ready``, then run until a signal; with ``until_ready`` stop at once.

        Raises TroubleError when something could not be started or a child died; all is stopped by then.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._interrupt)
        try:
            if await self._unless_stopped(self._start_all()):
                when_ready()
                if not until_ready:
                    await self._unless_stopped(asyncio.Event().wait())
        finally:
            for guard in self._guards:
                guard.cancel()
            await self._stop_all()

    def _interrupt(self) -> None:
        """The first signal stops in order, the second at once."""
        if self._stop.is_set():
            for child in self._children:
                child.kill()
        self._stop.set()

    async def _unless_stopped(self, work: Coroutine[Any, Any, object]) -> bool:
        """Do ``work``; False when a signal came first, TroubleError when a running child died first."""
        tasks = [asyncio.create_task(one) for one in (work, self._stop.wait(), self._death.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._stop.is_set():
                return False
            if self._dead:
                raise self._dead.failure(f"{self._dead.name} died; everything else was stopped")
            tasks[0].result()
            return True
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _start_all(self) -> None:
        work = [self._warm(), self._postgres(), self._redis(), *map(self._row, self._rows)]
        try:
            async with asyncio.TaskGroup() as group:
                for one in work:
                    group.create_task(one)
        except ExceptionGroup as several:
            troubles = several.subgroup((TroubleError, EngineError))
            if troubles is None:
                raise
            raise TroubleError(_first(troubles)) from None

    async def _warm(self) -> None:
        """Start the process that rows are forked from, if any can be."""
        if any(_is_module(row.command) for row in self._rows):
            log = self._log("forker")
            self._forker = await Forker.start(self._preloaded, self._environment({}), log)
            child = Child(FORKER, self._forker.process, log)
            self._children.append(child)
            self._guard(child)
        self._there[FORKER].set()

    async def _postgres(self) -> None:
        if self._place.database_url is None:
            await self._engine(self._place.postgres, "PostgreSQL")
        began = time.monotonic()
        made = await databases.create(self._place, DATABASES)
        if made:
            self._tell(f"cơ sở dữ liệu · databases {', '.join(made)}", began)
        self._there[DATABASES_READY].set()

    async def _redis(self) -> None:
        if self._place.redis_url is None:
            await self._engine(self._place.redis, "Redis")
        self._there[REDIS_READY].set()

    async def _engine(self, engine: Engine, label: str) -> None:
        began = time.monotonic()
        await asyncio.to_thread(engine.prepare)
        child = await self._spawn(engine.name, engine.command(), {}, engine=engine)
        await self._await(child, label, partial(_engine_ready, engine, child.process.pid))
        self._tell(label, began)

    async def _row(self, row: Row) -> None:
        for name in row.needs:
            await self._there[name].wait()
        began = time.monotonic()
        if isinstance(row, Step):
            if await self._do(row):
                self._tell(row.label, began)
        else:
            child = await self._begin(row)
            if row.port:
                await self._await(child, row.label, partial(answers, row.port, row.health))
            else:
                self._guard(child)
            self._tell(f"{row.label}  {row.url}".rstrip(), began)
        self._there[row.name].set()

    async def _do(self, step: Step) -> bool:
        """Do a step unless it is done; whether it was done now."""
        if done.is_done(self._place, step):
            return False
        unfinished = step.writes and step.writes.with_name(f".{step.writes.name}")
        child = await self._begin(step, output=unfinished)
        try:
            if await child.ended():
                raise child.failure(f"{step.label}: the step {step.name} failed", step.remedy)
        finally:
            await child.stop(STOP_LIMIT)
            self._children.remove(child)
        if step.writes and unfinished:
            unfinished.replace(step.writes)
        done.remember(self._place, step)
        return True

    async def _begin(self, row: Row, output: Path | None = None) -> Child:
        """Start a row's command, as a fork of the warm process where it is a Python module."""
        await self._there[FORKER].wait()
        if self._forker is None or not _is_module(row.command):
            return await self._spawn(row.name, row.command, row.environment, output=output)
        log = self._log(row.name)
        environment = self._environment(row.environment)
        forked = await self._forker.fork(row.name, row.command, environment, log, output)
        child = Child(row.name, forked, log)
        self._children.append(child)
        return child

    async def _spawn(
        self,
        name: str,
        command: tuple[str, ...],
        environment: Mapping[str, str],
        *,
        engine: Engine | None = None,
        output: Path | None = None,
    ) -> Child:
        child = await Child.start(
            name,
            command,
            environment=self._environment(environment),
            folder=Path("/") if engine else ROOT,
            log=self._log(name),
            output=output,
            stop_signal=engine.stop_signal if engine else signal.SIGTERM,
            already_mortal=engine is not None,
        )
        self._children.append(child)
        return child

    async def _await(self, child: Child, label: str, ready: Callable[[], Coroutine[Any, Any, bool]]) -> None:
        deadline = time.monotonic() + READY_LIMIT
        while not await ready():
            if not child.running:
                raise child.failure(f"{label}: {child.name} did not start")
            if time.monotonic() > deadline:
                raise child.failure(f"{label}: {child.name} was not ready after {READY_LIMIT:.0f} s")
            await asyncio.sleep(POLL)
        self._guard(child)

    def _guard(self, child: Child) -> None:
        """From now on the end of ``child`` is the end of all."""

        async def notice() -> None:
            await child.ended()
            self._dead = self._dead or child
            self._death.set()

        self._guards.add(asyncio.create_task(notice()))

    async def _stop_all(self) -> None:
        ground = {"postgres", "redis", FORKER}
        services = [child for child in reversed(self._children) if child.name not in ground]
        for group in (services, [child for child in self._children if child.name in ground]):
            await asyncio.gather(*(child.stop(STOP_LIMIT) for child in group))

    def _environment(self, own: Mapping[str, str]) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **own}

    def _log(self, name: str) -> Path:
        return self._place.var / "log" / f"{name}.log"

    def _tell(self, what: str, began: float) -> None:
        now = time.monotonic()
        self._say(f"  {now - self._began:5.1f} s  {what}  ({now - began:.1f} s)")


def _is_module(command: tuple[str, ...]) -> bool:
    return command[:2] == (sys.executable, "-m")


async def _engine_ready(engine: Engine, pid: int) -> bool:
    return await asyncio.to_thread(engine.is_ready, pid)


def _first(several: BaseExceptionGroup[BaseException]) -> str:
    error: BaseException = several
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)

"""The loop of one worker process. Any number may run on any number of machines; PostgreSQL shares out the work."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from keys import KeyRing
from population_registry.batch.chunks import stop_if_mostly_missing, take, work_chunk
from population_registry.batch.erasing import erase_some
from population_registry.batch.faults import FileFault, FileRefusedError, fault_document
from population_registry.batch.finishing import DONE, finish
from population_registry.batch.intake import Intake
from population_registry.batch.jobs import Job, Limits, State, end_badly, read_job
from population_registry.batch.judging import Bench
from population_registry.matching import Successors
from population_registry.storage.connections import connect
from population_registry.storage.stepping import AWAY, keep_stepping
from population_registry.verification.catalogue import Catalogue, Procedure
from population_registry.verification.deciding import VIET_NAM
from population_registry.verification.refusals import Refusal

log = logging.getLogger("population_registry.batch")

LEASE = "60s"
"""How long a worker may be silent inside a transaction before the engine takes its work away."""
PAUSE = 0.5
_MOST_ATTEMPTS = 5
RECEIPTS_KEPT = timedelta(days=3653)


@dataclass(slots=True)
class Worker:
    """One process: two connections, one piece of work at a time."""

    url: str
    ring: KeyRing
    catalogue: Catalogue
    successors: Successors
    limits: Limits
    issuer: str
    clock: Callable[[], datetime]
    _first: Any = None
    _second: Any = None
    _jobs: dict[UUID, Job] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event, *, until_idle: bool = False) -> None:
        """Work until told to stop, or until nothing is left; an engine that is away is met again."""
        await keep_stepping(self.step, self.close, stop, pause=PAUSE, until_idle=until_idle)

    async def step(self) -> bool:
        """Do one piece of work; False when there is none."""
        if self._first is None:
            self._first, self._second = await connect(self.url), await connect(self.url)
            await self._first.execute(f"SET idle_in_transaction_session_timeout = '{LEASE}'; SET jit = off")
        steps: tuple[Callable[[], Awaitable[bool]], ...] = (
            self._take_in,
            self._answer,
            self._finish,
            self._erase,
        )
        for each in steps:
            if await each():
                return True
        return False

    async def close(self) -> None:
        """Close both connections; a transaction in progress is undone by the engine."""
        for connection in (self._first, self._second):
            if connection is not None:
                await connection.close()
        self._first = self._second = None

    async def _take_in(self) -> bool:
        waiting = await self._first.fetch(
            "SELECT batch_id FROM batch_job WHERE state = 'uploaded' ORDER BY uploaded_at LIMIT 10"
        )
        for (batch_id,) in waiting:
            transaction = self._first.transaction()
            await transaction.start()
            try:
                if (job := await self._alone(batch_id, State.UPLOADED)) is None:
                    await transaction.rollback()
                    continue
                self._procedure(job)
                secret = self.ring.lookup_hash("registry.batch", job.caller.client_id)
                done = await Intake(self._first, self._second, job, self.limits, secret, self.clock()).run()
            except AWAY:
                raise
            except Exception as cause:  # noqa: BLE001 -- one broken file must not stop the other batches
                await transaction.rollback()
                await self._end(batch_id, State.REFUSED, cause)
                return True
            await (transaction.commit() if done else transaction.rollback())
            self._jobs.pop(batch_id, None)  # the digest of the file is known now
            return True
        return False

    async def _answer(self) -> bool:
        transaction = self._first.transaction()
        await transaction.start()
        chunk = None
        try:
            chunk = await take(self._first)
            done = False
            if chunk is not None and (job := await self._job(chunk.batch_id)) is not None:
                procedure = self._procedure(job)
                now = self.clock()
                caller = job.caller
                bench = Bench(
                    job.context,
                    procedure,
                    procedure.tells_identity(caller.client_id, caller.party_kind),
                    job.kind,
                    now.astimezone(VIET_NAM).date(),
                    self.successors,
                )
                done = await work_chunk(self._first, chunk, job, bench, now)
        except AWAY:
            raise
        except Exception as cause:
            await transaction.rollback()
            if chunk is None:
                raise
            log.warning("piece failed", extra={"cause": type(cause).__name__, "batch": str(chunk.batch_id)})
            await self._failed(chunk.batch_id, chunk.chunk_no, cause)
            return True
        await (transaction.commit() if done else transaction.rollback())
        if chunk is None:
            return False
        await stop_if_mostly_missing(self._first, chunk.batch_id, self.clock())
        return True

    async def _failed(self, batch_id: UUID, chunk_no: int, cause: Exception) -> None:
        attempts = await self._first.fetchval(
            "UPDATE batch_chunk SET attempts = attempts + 1 WHERE batch_id = $1 AND chunk_no = $2 RETURNING attempts",
            batch_id,
            chunk_no,
        )
        if isinstance(cause, FileRefusedError) or (attempts is not None and attempts >= _MOST_ATTEMPTS):
            await self._end(batch_id, State.STOPPED, cause)

    async def _end(self, batch_id: UUID, state: State, cause: Exception) -> None:
        """End a job with what went wrong; its text is ours, never the data's."""
        if isinstance(cause, FileRefusedError):
            problem = cause.document()
        else:
            log.error("batch given up", extra={"cause": type(cause).__name__, "batch": str(batch_id)})
            problem = fault_document(FileFault.BROKEN.value)
        await end_badly(self._first, batch_id, state, problem, self.clock())

    async def _finish(self) -> bool:
        for (batch_id,) in await self._first.fetch(DONE):
            if await stop_if_mostly_missing(self._first, batch_id, self.clock()):
                return True
            transaction = self._first.transaction()
            await transaction.start()
            try:
                if (job := await self._alone(batch_id, State.WORKING)) is None:
                    await transaction.rollback()
                    continue
                self.ring.reload_if_changed()
                now = self.clock()
                done = await finish(
                    self._first, job, self.ring, self.issuer, self.limits, now + RECEIPTS_KEPT, now
                )
            except AWAY:
                raise
            except Exception as cause:  # noqa: BLE001 -- as above
                await transaction.rollback()
                await self._end(batch_id, State.STOPPED, cause)
                return True
            await (transaction.commit() if done else transaction.rollback())
            self._jobs.pop(batch_id, None)
            return True
        return False

    async def _erase(self) -> bool:
        async with self._first.transaction():
            return await erase_some(self._first, self.clock())

    async def _alone(self, batch_id: UUID, state: State) -> Job | None:
        """The job, when it is in that state and this worker alone has it until the transaction ends."""
        held = await self._first.fetchval(
            "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 4))", str(batch_id)
        )
        if not held:
            return None
        # Looked at after the lock: another worker may have done this very work a moment ago.
        now_in = await self._first.fetchval("SELECT state FROM batch_job WHERE batch_id = $1", batch_id)
        return await self._job(batch_id) if now_in == state.value else None

    async def _job(self, batch_id: UUID) -> Job | None:
        if batch_id not in self._jobs:
            found = await read_job(self._first, batch_id)
            if found is None:
                return None
            if len(self._jobs) > 100:  # noqa: PLR2004 -- more than are ever open at once
                self._jobs.clear()
            self._jobs[batch_id] = found
        return self._jobs[batch_id]

    def _procedure(self, job: Job) -> Procedure:
        """The procedure as the catalogue says today.

        Raises:
            FileRefusedError: this client may no longer ask for it.
        """
        try:
            procedure = self.catalogue.get(job.context.procedure_code)
        except Refusal:
            raise FileRefusedError(FileFault.NOT_ALLOWED) from None
        if job.caller.client_id not in procedure.batch:
            raise FileRefusedError(FileFault.NOT_ALLOWED)
        return procedure

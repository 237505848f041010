"""Group commit: requests that end at the same time share one transaction for their audit rows.

Nobody is answered before the transaction that holds their rows is committed. One batch is in flight at a time,
so rows keep the order in which they were handed in. A lone request goes at once; under load a batch collects
for at most :data:`LINGER` seconds.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from idp.ports import Unavailable
from idp.storage.postgres.audit_log import APPEND, Row, arguments
from idp.storage.postgres.failures import FAILURES

LINGER: Final = 0.002
MOST_ROWS: Final = 2_000
MOST_WAITING: Final = 20_000
_log = logging.getLogger(__name__)


class GroupCommit:
    """Writes audit rows over one connection of its own, connected when first needed and after every loss."""

    def __init__(self, dsn: str, *, timeout: float = 5.0) -> None:
        self._dsn = dsn
        self._timeout = timeout
        self._waiting: list[tuple[Sequence[Row], asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._connection: Any = None
        self._append: Any = None
        self._crowded = False

    async def append(self, rows: Sequence[Row]) -> None:
        """Return when the rows are committed. Raises :class:`Unavailable`; then they most likely are not."""
        if len(self._waiting) >= MOST_WAITING:
            raise Unavailable("postgresql", retry_after=1)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, future))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await future

    async def close(self) -> None:
        """Write what waits, then disconnect."""
        if self._writer is not None:
            await self._writer
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.close(timeout=self._timeout)
            except FAILURES:
                connection.terminate()

    async def _write(self) -> None:
        try:
            while self._waiting:
                if self._crowded:
                    await asyncio.sleep(LINGER)
                await self._write_batch(self._take())
        finally:
            self._writer = None

    def _take(self) -> list[tuple[Sequence[Row], asyncio.Future[None]]]:
        size, end = 0, 0
        for rows, _ in self._waiting:
            if end and size + len(rows) > MOST_ROWS:
                break
            size, end = size + len(rows), end + 1
        batch, self._waiting = self._waiting[:end], self._waiting[end:]
        self._crowded = len(batch) > 1
        return batch

    async def _write_batch(self, batch: list[tuple[Sequence[Row], asyncio.Future[None]]]) -> None:
        try:
            if self._connection is None or self._connection.is_closed():
                await self._connect()
            rows = [row for rows, _ in batch for row in rows]
            await self._append.fetch(*arguments(rows))
        except Exception as failure:  # noqa: BLE001 - whatever it is, those who wait must hear of it, not hang
            _log.warning("audit batch of %d not written: %s", len(batch), type(failure).__name__)
            await self._disconnect()
            for _, future in batch:
                if not future.done():
                    future.set_exception(Unavailable("postgresql"))
            return
        for _, future in batch:
            if not future.done():
                future.set_result(None)

    async def _connect(self) -> None:
        self._connection = await asyncpg.connect(
            self._dsn, timeout=self._timeout, command_timeout=self._timeout
        )
        self._append = await self._connection.prepare(APPEND)

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

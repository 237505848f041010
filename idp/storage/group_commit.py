"""Group commit: requests that end at the same time share one transaction for their audit rows.

Nobody is answered before the transaction that holds their rows is committed. One batch is in flight at a time,
so rows keep the order in which they were handed in (`web.together`).
"""

import logging
from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from idp.ports import Unavailable
from idp.storage.postgres.audit_log import APPEND, Row, arguments
from idp.storage.postgres.failures import FAILURES
from web.patience import patient
from web.together import CrowdedError, Together

MOST_ROWS: Final = 2_000
_log = logging.getLogger(__name__)


class GroupCommit:
    """Writes audit rows over one connection of its own, connected when first needed and after every loss."""

    def __init__(self, dsn: str, *, timeout: float = patient(5.0)) -> None:
        self._dsn = dsn
        self._timeout = timeout
        self._connection: Any = None
        self._append: Any = None
        self._together: Together[Sequence[Row], None] = Together(
            self._write, failed=_unavailable, most=MOST_ROWS, size=len
        )

    async def append(self, rows: Sequence[Row]) -> None:
        """Return when the rows are committed. Raises :class:`Unavailable`; then they most likely are not."""
        await self._together.ask(rows)

    async def close(self) -> None:
        """Write what waits, then disconnect."""
        await self._together.close()
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.close(timeout=self._timeout)
            except FAILURES:
                connection.terminate()

    async def _write(self, batch: Sequence[Sequence[Row]]) -> Sequence[None]:
        try:
            if self._connection is None or self._connection.is_closed():
                await self._connect()
            await self._append.fetch(*arguments([row for rows in batch for row in rows]))
        except BaseException as failure:
            _log.warning("audit batch of %d not written: %s", len(batch), type(failure).__name__)
            self._disconnect()
            raise
        return [None] * len(batch)

    async def _connect(self) -> None:
        self._connection = await asyncpg.connect(
            self._dsn, timeout=self._timeout, command_timeout=self._timeout
        )
        self._append = await self._connection.prepare(APPEND)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


def _unavailable(failure: Exception) -> Unavailable:
    return Unavailable("postgresql", retry_after=1 if isinstance(failure, CrowdedError) else 2)

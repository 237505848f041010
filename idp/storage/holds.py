"""Tells the population registry whose account is locked, so that nothing filed with it is decided meanwhile.

A line of the outbox names an account, never a state: what the registry hears is how the account stands when it is
told, and it is told again until that no longer differs. So the order of lines, retries and workers does not matter.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from idp.storage.outbox import Bell, OutboxWorker, Row
from idp.storage.postgres.engine import read_only
from idp.storage.postgres.tables import ACCOUNT, HOLD_OUTBOX

_STANDS: Final = select(ACCOUNT.c.number, ACCOUNT.c.lock_reasons).where(
    ACCOUNT.c.account_id == bindparam("account")
)


class TellHold(Protocol):
    """Says of a personal number whether its account is locked; raises when the registry did not take it."""

    def __call__(self, personal_number: str, *, locked: bool) -> Awaitable[None]:
        """Say it; twice the same does no harm."""
        ...


async def queue_hold(connection: AsyncConnection, account_id: str, now: int) -> None:
    """The lock of this account changes with the transaction of ``connection``."""
    await connection.execute(insert(HOLD_OUTBOX).values(account_id=account_id, next_at=now))


class HoldDelivery(OutboxWorker):
    """The worker: ``tell`` speaks to the registry, ``bell`` tells of work, ``opened_number`` opens a sealed one."""

    NAME = "holds"

    def __init__(
        self,
        engine: AsyncEngine,
        bell: Bell,
        opened_number: Callable[[str, bytes], str],
        tell: TellHold,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(engine, HOLD_OUTBOX, bell, now=now)
        self._engine = engine
        self._opened_number = opened_number
        self._tell = tell

    async def attempt(self, row: Row) -> None:
        """Tell how the account stands, until what was told is how it stands. Raises what ``tell`` raises."""
        told: tuple[str, bool] | None = None
        while (stands := await self._stands(row["account_id"])) is not None and stands != told:
            await self._tell(stands[0], locked=stands[1])
            told = stands

    async def _stands(self, account_id: str) -> tuple[str, bool] | None:
        async with read_only(self._engine) as connection:
            found = (await connection.execute(_STANDS, {"account": account_id})).one_or_none()
        if found is None:
            return None
        return self._opened_number(account_id, found.number), bool(found.lock_reasons)

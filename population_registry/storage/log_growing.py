"""Grows the tree over the access log without an end: a part of the worker process, never of one that answers."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from population_registry.storage.connections import Pool, open_pool
from population_registry.storage.log_tree import LogMoved, LogTree
from population_registry.storage.stepping import keep_stepping

log = logging.getLogger("population_registry")
PAUSE: Final = 2.0
"""Seconds between two looks for new rows."""


@dataclass(slots=True)
class LogGrower:
    """One process with one connection; of several processes one at a time has work."""

    url: str
    tree: LogTree
    _pool: Pool | None = None

    async def run(self, stop: asyncio.Event, *, until_idle: bool = False) -> None:
        """Enter new rows and sign heads until told to stop, or until every row has a head."""
        try:
            await keep_stepping(self.step, self.close, stop, pause=PAUSE, until_idle=until_idle)
        except LogMoved:
            log.critical("the access log lies in another cluster than its tree: see docs/access-log.md")

    async def step(self) -> bool:
        """Sign one head; False when every row that is final has one."""
        if self._pool is None:
            self._pool = await open_pool(self.url, largest=1)
        return await self.tree.grow(self._pool) is not None

    async def close(self) -> None:
        """Close the connection; a head in progress is undone by the engine."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

"""At most so many fetches from one host at a time: nobody's registration makes us flood somebody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final


class Places:
    """Places per host; a host that nobody fetches from is forgotten."""

    __slots__ = ("_free", "_limit", "_wanted")

    def __init__(self, limit: int) -> None:
        self._limit: Final = limit
        self._free: Final[dict[str, asyncio.Semaphore]] = {}
        self._wanted: Final[dict[str, int]] = {}

    @asynccontextmanager
    async def taken(self, host: str) -> AsyncIterator[None]:
        """Hold one of the host's places, after waiting for it."""
        free = self._free.setdefault(host, asyncio.Semaphore(self._limit))
        self._wanted[host] = self._wanted.get(host, 0) + 1
        try:
            async with free:
                yield
        finally:
            self._wanted[host] -= 1
            if not self._wanted[host]:
                del self._wanted[host], self._free[host]

    def __len__(self) -> int:
        return len(self._free)

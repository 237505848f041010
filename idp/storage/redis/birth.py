"""Since when Redis remembers. A store that was emptied or crashed may have forgotten what was spent.

Whatever was issued before the birth of the store is refused where it could be a replay (fail closed). Two starts
refuse nothing: the first birth, before anything was ever audited; and a planned restart, proven by a farewell.
The farewell is the last thing the last process writes when it leaves in good order; Redis keeps its writes in
order, so a farewell that survived proves that everything before it did. It holds the size of the audit log, and
resuming adds a row there first: a farewell from an old copy of the store never fits again.
"""

from collections.abc import Callable
from secrets import token_hex
from typing import Protocol

from idp.storage.redis import keys
from idp.storage.redis.pipelining import PipeliningConnection, Reply
from idp.storage.redis.scripts import run, script

TOLERANCE = 10
"""Seconds by which the clock of a client may be ahead of ours."""


class AuditLog(Protocol):
    """What the birth must know of the audit log."""

    async def size(self) -> int:
        """How many rows it has. Raises :class:`idp.ports.Unavailable`."""
        ...

    async def resume(self) -> None:
        """Add the row that says that the memory goes on. Raises :class:`idp.ports.Unavailable`."""
        ...


class Birth:
    """When the present store was born, in epoch seconds; 0 means that it never lost anything."""

    def __init__(self, redis: PipeliningConnection, now: Callable[[], float], log: AuditLog) -> None:
        self._redis = redis
        self._now = now
        self._log = log
        self._process = token_hex(8)
        self._known: bytes | None = None
        self._at = 0

    @property
    def at(self) -> int:
        """Items that were issued at this second or before may have been spent already."""
        return self._at

    @property
    def known(self) -> bool:
        """Whether this process has asked yet."""
        return self._known is not None

    def agrees(self, marker: Reply) -> bool:
        """Whether the marker just read is the one we know (cheap; asked on every load)."""
        return marker is not None and marker == self._known

    async def learn(self) -> None:
        """Read or renew the marker. Raises :class:`idp.ports.Unavailable`."""
        marker, farewell = await run(self._redis, ("GET", keys.BORN), ("GET", keys.FAREWELL))
        run_id = self._redis.run_id
        whole = False
        if marker is not None and farewell is not None and not marker.startswith(run_id):
            whole = int(farewell) == await self._log.size()
            if whole:
                await self._log.resume()
        is_first = marker is None and await self._log.size() == 0
        newborn = 0 if is_first else int(self._now()) + TOLERANCE
        (marker,) = await run(
            self._redis,
            script(
                "establish_birth",
                (keys.BORN, keys.LIVING, keys.FAREWELL),
                *(run_id, newborn, self._process, int(whole)),
            ),
        )
        self._at = int(marker.rpartition(b" ")[2])
        self._known = marker

    async def farewell(self) -> None:
        """Leave in good order, after the last write. Raises :class:`idp.ports.Unavailable`."""
        if self.known:
            size = await self._log.size()
            await run(self._redis, script("farewell", (keys.LIVING, keys.FAREWELL), self._process, size))

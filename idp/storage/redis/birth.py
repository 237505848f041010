"""Since when Redis remembers. A store that was emptied or restarted may have forgotten what was spent.

Whatever was issued before the birth of the store is refused where it could be a replay (fail closed). The
first birth, before anything was ever audited, is no loss and refuses nothing.
"""

from collections.abc import Awaitable, Callable

from idp.storage.redis import keys
from idp.storage.redis.pipelining import PipeliningConnection, Reply
from idp.storage.redis.scripts import run, script

TOLERANCE = 10
"""Seconds by which the clock of a client may be ahead of ours."""


class Birth:
    """When the present store was born, in epoch seconds; 0 means that it never lost anything."""

    def __init__(
        self,
        redis: PipeliningConnection,
        now: Callable[[], float],
        is_first: Callable[[], Awaitable[bool]],
    ) -> None:
        self._redis = redis
        self._now = now
        self._is_first = is_first
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
        (marker,) = await run(self._redis, ("GET", keys.BORN))
        run_id = self._redis.run_id.decode()
        newborn = 0 if marker is None and await self._is_first() else int(self._now()) + TOLERANCE
        (marker,) = await run(self._redis, script("establish_birth", (keys.BORN,), run_id, newborn))
        self._at = int(marker.rpartition(b" ")[2])
        self._known = marker

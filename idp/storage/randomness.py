"""Random blocks for decisions, drawn from the operating system many at a time."""

import os
from typing import Final

from idp.domain.facts import Fresh

_AT_ONCE: Final = 64


class RandomBlocks:
    """Hands out each drawn byte once. A forked process draws its own."""

    def __init__(self) -> None:
        self._drawn = b""
        self._place = 0
        os.register_at_fork(after_in_child=self._forget)

    def take(self) -> bytes:
        """The bytes of one :class:`Fresh`."""
        start = self._place
        if start == len(self._drawn):
            self._drawn = os.urandom(Fresh.SIZE * _AT_ONCE)
            start = 0
        self._place = start + Fresh.SIZE
        return self._drawn[start : self._place]

    def _forget(self) -> None:
        self._drawn, self._place = b"", 0

"""How far a long command is: a bar on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Callable
from typing import TextIO

_WIDTH = 28
_STEPS = 20
"""Lines at most where nobody watches a terminal."""


class ProgressBar:
    """Told how many of how many are done; `finishing` is said once all are."""

    def __init__(
        self, stream: TextIO, finishing: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream, self._finishing, self._clock = stream, finishing, clock
        self._begun = clock()
        self._said = -1

    def __call__(self, done: int, total: int) -> None:
        """Show the state; cheap enough for every step."""
        if self._stream.isatty():
            self._draw(done, total)
        elif (step := done * _STEPS // max(total, 1)) > self._said:
            self._said = step
            self._stream.write(f"populated {done:,} of {total:,}\n")
            if done >= total and self._finishing:
                self._stream.write(f"{self._finishing}\n")

    def _draw(self, done: int, total: int) -> None:
        spent = max(self._clock() - self._begun, 1e-9)
        left = (total - done) * spent / max(done, 1)
        full = _WIDTH * done // max(total, 1)
        bar = "█" * full + "░" * (_WIDTH - full)
        told = f"{bar} {done:,} of {total:,} · {done / spent:,.0f}/s · {left / 60:.0f}:{left % 60:02.0f} left"
        self._stream.write(f"\r{told}\x1b[K")
        if done >= total:
            self._stream.write(f"\n{self._finishing}\n" if self._finishing else "\n")
        self._stream.flush()

"""When a push is tried again: exponentially later, with chance in it, and not for ever. Pure."""

from datetime import timedelta
from typing import Final

FIRST: Final = timedelta(seconds=2)
LONGEST: Final = timedelta(hours=1)
MOST_TRIES: Final = 24
"""About half a day; then the event is a dead letter, kept until somebody sends it again or it is too old."""
QUIET_FOR_AT_MOST: Final = timedelta(minutes=1)
"""How long a receiver that does not answer is left alone altogether."""


def wait_after(tries: int, chance: float) -> timedelta | None:
    """The wait after that many tries; None when it was the last. `chance` in [0, 1) spreads those who failed at once.

    Half of the wait is fixed, half is chance.
    """
    if tries >= MOST_TRIES:
        return None
    full: timedelta = min(FIRST * 2 ** min(tries - 1, 20), LONGEST)
    return full / 2 * (1 + chance)


def quiet_after(wait: timedelta) -> timedelta:
    """How long nothing at all is pushed to a receiver that could not be reached."""
    return min(wait, QUIET_FOR_AT_MOST)

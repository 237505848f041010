"""How long one part waits for another: limits are said in seconds of an ordinary machine, and lengthened here.

A service that waits too long holds its callers; one that gives up too early answers 503 while nothing is broken. On a
machine that is slow or shared by too many, ``DINHDANH_PATIENCE=6`` makes every such limit six times as long, and all
by the same factor: who asks still waits longer than whom it asks. What law or a specification limits (codes, tokens,
sessions, deadlines of procedures) is not touched by it.
"""

import os
from collections.abc import Mapping
from typing import Final

VARIABLE: Final = "DINHDANH_PATIENCE"
MOST: Final = 60.0


def factor(environ: Mapping[str, str] | None = None) -> float:
    """By how much limits are lengthened, 1 where nothing is said.

    Raises:
        ValueError: the variable holds something else than a number from 1 to 60.
    """
    text = (os.environ if environ is None else environ).get(VARIABLE) or "1"
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 1 <= found <= MOST:
        raise ValueError(f"{VARIABLE} must be a number from 1 to {MOST:.0f}, not {text[:20]!r}")
    return found


_FACTOR: Final = factor()


def patient(seconds: float) -> float:
    """A limit in seconds as this machine needs it."""
    return seconds * _FACTOR

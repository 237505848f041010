"""Ports for servers whose address must be known before they listen.

They lie below 32,768, where Linux begins to take ports for outgoing connections: what was free there a moment ago
may be somebody's connection when the server comes. The country of the journeys has the ports from 20,000 up.
"""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterable, Sequence
from typing import Final

OURS: Final = range(10_000, 19_000)
_ANY: Final = (
    random.SystemRandom()
)  # not the generator that `pytest -p randomly` seeds alike in every process


def free_port() -> int:
    """A port that nobody listens on."""
    return free_ports((0,))[0]


def free_ports(offsets: Iterable[int]) -> Sequence[int]:
    """Ports that nobody listens on, at these distances from the first."""
    wanted = tuple(offsets)
    while True:
        base = _ANY.choice(OURS)
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for offset in wanted:
                held.enter_context(socket.create_server(("127.0.0.1", base + offset)))
            return [base + offset for offset in wanted]

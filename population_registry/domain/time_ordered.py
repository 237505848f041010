"""Identifiers of rows in logs that only grow: UUIDs of version 7 (RFC 9562 section 5.7).

Of rows that are written at about the same time the identifiers lie side by side, so an index writes the page at its
end again instead of a page anywhere; 74 bits stay random, and the time is written in the row anyway.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

RANDOM_BYTES = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_VERSION, _VARIANT, _LOW = 0x7 << 76, 0b10 << 62, (1 << 62) - 1


def time_ordered_ids(at: datetime, random: bytes) -> list[UUID]:
    """Identifiers of things that happen at `at`, one for every `RANDOM_BYTES` random bytes, in no order."""
    moment = _milliseconds(at) << 80 | _VERSION | _VARIANT
    found = []
    for begin in range(0, len(random), RANDOM_BYTES):
        chance = int.from_bytes(random[begin : begin + RANDOM_BYTES], "big")
        found.append(UUID(int=moment | chance >> 68 << 64 | chance & _LOW))
    return found


def time_prefix(at: datetime) -> str:
    """The first 15 characters of every such identifier of that moment; an engine appends the rest."""
    return str(UUID(int=_milliseconds(at) << 80 | _VERSION))[:15]


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND

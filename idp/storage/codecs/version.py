"""The version in front of a record: what an older or newer release wrote reads as absent."""

from typing import Any, Final

import orjson

VERSION: Final = 2


def versioned(data: bytes) -> list[Any] | None:
    """The parts of a record, its version first; None when it is of another version."""
    parts: list[Any] = orjson.loads(data)
    return parts if parts[0] == VERSION else None

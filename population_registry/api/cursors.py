"""Cursors of pages that go back in time: a moment, written for an address."""

import base64
import binascii
from datetime import UTC, datetime

from population_registry.verification.refusals import malformed


def cursor_at(at: datetime) -> str:
    """The cursor of what follows that moment."""
    return base64.urlsafe_b64encode(at.isoformat().encode()).decode().rstrip("=")


def before(cursor: str | None) -> datetime:
    """The moment that a cursor stands for; without one, the end of time."""
    if cursor is None:
        return datetime.max.replace(tzinfo=UTC)
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise malformed("cursor")
        return at.astimezone(UTC)  # what no UTC clock shows, the database could not be asked for
    except (binascii.Error, ValueError, OverflowError):
        raise malformed("cursor") from None

"""Cursors of pages that go back in time: a moment, or a moment and an id, written for an address."""

import base64
import binascii
from datetime import UTC, datetime
from uuid import UUID

from population_registry.verification.refusals import malformed

END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def cursor_at(at: datetime) -> str:
    """The cursor of what follows that moment."""
    return _written(at.isoformat())


def before(cursor: str | None) -> datetime:
    """The moment that a cursor stands for; without one, the end of time."""
    return END_OF_TIME if cursor is None else _moment(_read(cursor))


def entry_cursor(at: datetime, entry_id: UUID) -> str:
    """The cursor of what follows an entry, so that entries of one moment are neither lost nor repeated."""
    return _written(f"{at.isoformat()} {entry_id}")


def after_entry(cursor: str | None) -> tuple[datetime, UUID]:
    """Moment and id of the entry after which a page begins; without a cursor, the end of time."""
    if cursor is None:
        return END_OF_TIME, UUID(int=0)
    text, _, entry_id = _read(cursor).partition(" ")
    try:
        return _moment(text), UUID(entry_id) if entry_id else UUID(int=0)
    except ValueError:
        raise malformed("cursor") from None


def _written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        raise malformed("cursor") from None


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise malformed("cursor")
        return at.astimezone(UTC)  # what no UTC clock shows, the database could not be asked for
    except (ValueError, OverflowError):
        raise malformed("cursor") from None

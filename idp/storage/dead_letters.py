"""What an operator sees of messages that were given up, and how they are sent again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from idp.storage.outbox import Outbox, Row
from idp.storage.postgres.tables import HOLD_OUTBOX, LOGOUT_DELIVERY, MAIL_OUTBOX, PING_OUTBOX, REPORT_OUTBOX

OUTBOXES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "hold": HOLD_OUTBOX,
        "logout": LOGOUT_DELIVERY,
        "mail": MAIL_OUTBOX,
        "ping": PING_OUTBOX,
        "report": REPORT_OUTBOX,
    }
)
"""Every kind of message, by the word an operator types."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message that was given up: nothing of its content, and of people nothing at all."""

    outbox: str
    row_id: int
    client_id: str | None
    attempts: int
    dead_at: int
    error: str | None

    def line(self) -> str:
        """One line for a terminal."""
        at = datetime.fromtimestamp(self.dead_at, UTC).isoformat(timespec="seconds")
        return (
            f"{self.outbox} {self.row_id} {at} {self.client_id or '-'} {self.attempts}× {self.error or '-'}"
        )


async def dead_letters(engine: AsyncEngine, kind: str | None = None) -> list[DeadLetter]:
    """The dead letters of one kind or of all, oldest first. Raises :class:`idp.ports.Unavailable`."""
    found: list[DeadLetter] = []
    for name, table in _chosen(kind):
        found += [_letter(name, row) for row in await Outbox(engine, table).dead()]
    return found


async def send_again(engine: AsyncEngine, kind: str | None, row_id: int | None, *, now: int) -> int:
    """Queue dead letters anew, all of a kind or one; how many. The running provider sends them within seconds."""
    return sum([await Outbox(engine, table).revive(now, row_id) for _, table in _chosen(kind)])


def _chosen(kind: str | None) -> Iterator[tuple[str, Table]]:
    return ((name, table) for name, table in OUTBOXES.items() if kind in {None, name})


def _letter(name: str, row: Row) -> DeadLetter:
    return DeadLetter(
        name, row["id"], row.get("client_id"), row["attempts"], row["dead_at"], row["last_error"]
    )

"""A link by mail: a secret that opens one page once, from a moment on, until a moment."""

from dataclasses import dataclass, field
from enum import StrEnum


class LinkPurpose(StrEnum):
    """What a link opens; a link of one purpose opens no other."""

    OPEN = "open"
    """Confirms the address of a request for a level-1 account."""
    ACTIVATE = "activate"
    RECOVER = "recover"
    CANCEL = "cancel"
    """Stops a recovery."""


@dataclass(frozen=True, slots=True)
class Link:
    """Known by the hash of its secret; times in epoch seconds. ``record`` belongs to requests: who asked for what."""

    digest: bytes
    purpose: LinkPurpose
    expires_at: int
    usable_from: int = 0
    account_id: str | None = None
    record: tuple[str, ...] = field(default=(), repr=False)

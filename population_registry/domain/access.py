"""What is written about each look-up: the access-log row, the receipt's bookkeeping, the guesses spent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class FieldUse(StrEnum):
    """What happened to a field: compared without giving it out, given out, or shown in a list of a search."""

    VERIFIED = "verified"
    RELEASED = "released"
    SEARCHED = "searched"


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One row of the append-only access log; `subject_id` is None where nobody was found."""

    entry_id: UUID
    at: datetime
    subject_id: int | None
    client_id: str
    agency: str
    officer: str | None
    purpose: str
    procedure_code: str
    dossier_code: str | None
    fields: Mapping[str, FieldUse]
    outcome: str
    receipt_id: UUID | None
    correlation_id: str


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """Bookkeeping of a signed receipt: which key signed it, when it ends, the SHA-256 of its bytes.

    `status_position`: its place among all receipts, from which list and index follow.
    """

    receipt_id: UUID
    subject_id: int | None
    client_id: str
    issued_at: datetime
    expires_at: datetime
    key_id: str
    digest: bytes
    status_position: int | None = None


class Spend(NamedTuple):
    """A guess to note: `key` is a keyed hash of whose and about whom, `mark` claim and keyed hash of the value."""

    key: bytes
    mark: str


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """Everything one answer writes, in one atomic statement."""

    entry: AccessEntry
    receipt: ReceiptRow | None = None
    spends: tuple[Spend, ...] = field(default=())

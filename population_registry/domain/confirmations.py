"""What the registry keeps of a paper that it issued: a confirmation of residence, or the paper of a dossier's act."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

CONFIRMATION_FORM: Final = "CT07"
"""Of a confirmation of residence; other forms are papers of acts."""


@dataclass(frozen=True, slots=True)
class ConfirmationRow:
    """Bookkeeping of one paper: nothing in it can be read without the ring's keys.

    `code_hash` finds it by the printed code, `ending_hash` knows the last digits of the holder's number; `digests`
    are keyed hashes of each set of listed data, none for the paper of an act, which no change of a record touches and
    which has no end; `event` is that act's line in the dossier's history. `sealed` holds the signed texts. The
    receipt of the same id carries the place in the status list.
    """

    confirmation_id: UUID
    code_hash: bytes
    ending_hash: bytes
    subject_id: int
    client_id: str
    procedure_code: str
    dossier_code: str | None
    issued_at: datetime
    valid_until: datetime | None
    digests: Mapping[str, str]
    sealed: bytes
    form: str = CONFIRMATION_FORM
    event: int | None = None

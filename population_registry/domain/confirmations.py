"""What the registry keeps of a confirmation of residence that it issued."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ConfirmationRow:
    """Bookkeeping of one paper: nothing in it can be read without the ring's keys.

    `code_hash` finds it by the printed code, `ending_hash` knows the last digits of the holder's number; `digests`
    are keyed hashes of each set of listed data; `sealed` holds the signed texts. The receipt of the same id carries
    the place in the status list.
    """

    confirmation_id: UUID
    code_hash: bytes
    ending_hash: bytes
    subject_id: int
    client_id: str
    procedure_code: str
    dossier_code: str | None
    issued_at: datetime
    valid_until: datetime
    digests: Mapping[str, str]
    sealed: bytes

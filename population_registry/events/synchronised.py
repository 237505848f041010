"""Dossiers for the national portal: the small line of the outbox becomes the national message when it is told.

Personal number and name are read in that moment and lie in no outbox. Of everything else the line decides: it names
the dossier and the line of history, so every try says the same (`dossiers.synchronising`). The applicant finds in the
access log, once for each dossier, that the national portal was told who filed it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid4, uuid5

from population_registry.domain import AccessEntry, AccessRecord, FieldUse
from population_registry.dossiers import Dossier
from population_registry.dossiers.notices import FRONT_DOOR
from population_registry.dossiers.synchronising import Owner, synchronisation
from population_registry.events.tokens import Happening
from population_registry.procedures.catalogue import PROCEDURES
from population_registry.storage import record_access
from population_registry.storage.connections import Connection
from population_registry.storage.outbox import Due
from population_registry.storage.synchronising import dossier_with_owner

KIND: Final = "dossier.synchronised"
OF_DOSSIER: Final = "dossier.event"
PURPOSE: Final = "Đồng bộ trạng thái hồ sơ với Cổng Dịch vụ công quốc gia"
AGENCY: Final = "G22"


@dataclass(frozen=True, slots=True)
class Synchronised:
    """A dossier that can be told of, and whose it is."""

    dossier: Dossier
    owner: Owner

    def happening(self, number: int) -> Happening:
        """The line of that number; its id is its own, whenever and however often it is made.

        Raises:
            LookupError: the dossier has no such line.
        """
        code = self.dossier.code
        body = synchronisation(self.dossier, number, self.owner)
        at = self.dossier.history[number - 1].entered_at
        return Happening(uuid5(NAMESPACE_URL, f"{code}#{number}"), KIND, code, body, at)


async def load_synchronised(connection: Connection, code: str) -> Synchronised | None:
    """None when there is no such dossier, or nobody any more whose it could be."""
    found = await dossier_with_owner(connection, code)
    if found is None:
        return None
    dossier, number, name, province = found
    procedure = PROCEDURES.get(dossier.procedure_code)
    vi, en = (dossier.procedure_code,) * 2 if procedure is None else (procedure.name_vi, procedure.name_en)
    return Synchronised(dossier, Owner(number, name, vi, en, province))


async def said_to(connection: Connection, due: Due) -> Happening | None:
    """What a subscriber is told: to the national portal the national message; None when nothing is left to tell."""
    if due.recipient != FRONT_DOOR or due.kind != OF_DOSSIER:
        return Happening(due.event_id, due.kind, due.stream, due.body, due.happened_at)
    found = await load_synchronised(connection, due.stream)
    number = due.body.get("number")
    if found is None or not isinstance(number, int):
        return None
    try:
        return found.happening(number)
    except LookupError:
        return None


async def note_told(connection: Connection, due: Due, happening: Happening, now: datetime) -> None:
    """The first line of a dossier tells who filed it: one row in that person's access log."""
    if happening.kind != KIND or due.body.get("number") != 1:
        return
    found = await load_synchronised(connection, due.stream)
    if found is not None:
        await log_told(connection, found.dossier, now, str(due.event_id))


async def log_told(connection: Connection, dossier: Dossier, now: datetime, correlation_id: str) -> None:
    """Number and name went to the national portal for that dossier."""
    fields: dict[str, Any] = {"number": FieldUse.RELEASED, "name": FieldUse.RELEASED}
    entry = AccessEntry(
        entry_id=uuid4(),
        at=now,
        subject_id=dossier.applicant_id,
        client_id=FRONT_DOOR,
        agency=AGENCY,
        officer=None,
        purpose=PURPOSE,
        procedure_code=dossier.procedure_code,
        dossier_code=dossier.code,
        fields=fields,
        outcome="synchronised",
        receipt_id=None,
        correlation_id=correlation_id,
    )
    await record_access(connection, [AccessRecord(entry)])

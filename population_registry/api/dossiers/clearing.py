"""Registrations that the law ends by itself: the registry opens their deletion ex officio, minutes after the report.

Law on Residence 68/2020 Art. 24(1)(a), (đ) and Art. 29(1)(a), (d); Decree 58/2026 Art. 4(6), (7): within one working
day of what the registry or another database reports (a death, a declaration as missing, nationality lost). What the
record proves is decided at once in the registry's name; a household that would stand without a head waits for its
officer. A temporary registration at the place of a new permanent one (Art. 29(1)(đ)) ends with that decision itself.
"""

import logging
from typing import Any, Final

from population_registry.api.dossiers.desk import Desk
from population_registry.api.dossiers.models import FileRequest
from population_registry.api.dossiers.opening import filed, numbered, written
from population_registry.api.putting_off import put_off
from population_registry.domain import EndReason, FieldUse, PersonFacts, PersonStatus, ResidenceKind
from population_registry.dossiers import Case, CheckFlag, Dossier, Filing, Procedure, overall
from population_registry.dossiers.acts import SYSTEM, Moment, hand_over, receive
from population_registry.dossiers.changes import Change
from population_registry.dossiers.deciding import all_checks, approve
from population_registry.dossiers.states import DossierState
from population_registry.procedures import (
    linked_death_residence,
    residence_deletion_permanent,
    residence_deletion_temporary,
)
from population_registry.procedures.residence_moves import head_leaves, standing_residence
from population_registry.storage import Connection
from population_registry.storage.dossiers import clearings_due, end_clearing, hold_clearing
from population_registry.storage.loading import load_facts, numbers_of
from population_registry.storage.transactions import transaction
from population_registry.verification.asking import Caller

log = logging.getLogger("population_registry.clearing")
AUTHORITY: Final = Caller("registry", frozenset(), agency_code="G01")
"""In whose name the registry acts by itself."""
PURPOSE: Final = "Xóa đăng ký cư trú theo thông tin đã ghi nhận"
GROUNDS: Final = {
    PersonStatus.MISSING_DECLARED: EndReason.DEATH,
    PersonStatus.NATIONALITY_LOST: EndReason.NATIONALITY_LOST,
}
"""Points a and đ (d of Art. 29); a death itself ends everything in one dossier, with the household's new head."""
DELETIONS: Final = {
    ResidenceKind.PERMANENT: residence_deletion_permanent.PROCEDURE,
    ResidenceKind.TEMPORARY: residence_deletion_temporary.PROCEDURE,
}


async def clear_all(desk: Desk) -> int:
    """Open what is due, each person in a transaction of their own; answers how many dossiers were opened.

    A person whose record cannot be read, or a mistake of ours, holds up nobody else.
    """
    async with desk.database.pool() as pool:
        due = await clearings_due(pool)
    opened = 0
    for person_id in due:
        with put_off(log, "deletion waits"):
            async with desk.database.pool() as pool, transaction(pool) as connection:
                # Another process may be at it, or the linked procedure of the death still is.
                if await hold_clearing(connection, person_id):
                    made = await _clear(desk, connection, person_id)
                    await end_clearing(connection, person_id)
                    opened += made
    return opened


async def _clear(desk: Desk, connection: Connection, person_id: int) -> int:
    """Every dossier that this person's registrations need."""
    (number,) = await numbers_of(connection, [person_id])
    person = (await load_facts(connection, [number])).subject
    assert person is not None
    wanted = _wanted(person)
    for procedure, inputs in wanted:
        await _open(desk, connection, number, procedure, inputs)
    return len(wanted)


def _wanted(person: PersonFacts) -> list[tuple[Procedure, dict[str, Any]]]:
    """Which procedures, with which inputs; none for somebody registered nowhere."""
    status, since = person.person.status, person.person.status_since
    standing = [kind for kind in DELETIONS if standing_residence(person, kind) is not None]
    if not standing or since is None:
        return []
    number = str(person.person.number)
    if status is PersonStatus.DECEASED:
        return [(linked_death_residence.PROCEDURE, {"deceased": number})]
    ground = GROUNDS.get(status)
    if ground is None:
        return []
    inputs = {"ground": ground.value, "since": since.isoformat()}
    return [(DELETIONS[kind], inputs) for kind in standing]


async def _open(
    desk: Desk, connection: Connection, number: str, procedure: Procedure, inputs: dict[str, Any]
) -> None:
    now = desk.clock()
    read = procedure.read(inputs)
    case = await desk.case(connection, procedure, read, applicant=number, filing=Filing.EX_OFFICIO, now=now)
    assert case is not None
    asked = FileRequest(
        procedure_code=procedure.code, purpose=PURPOSE, inputs=inputs, filing=Filing.EX_OFFICIO.value
    )
    moment = Moment(now, now, SYSTEM)
    dossier, changes = filed(AUTHORITY, asked, procedure, case, moment)
    if dossier.state is DossierState.SUBMITTED:
        dossier, changes = _received(procedure, dossier, case, moment)
    dossier = await numbered(connection, procedure, dossier, None, now)
    await written(connection, dossier, changes, case)
    await desk.log(
        connection,
        AUTHORITY,
        dossier,
        (dossier.applicant_id, *dossier.subject_ids, *(change.person_id for change in changes)),
        outcome="dossier_filed",
        fields={check.code: FieldUse.VERIFIED for check in all_checks(procedure, case)},
        officer=None,
        correlation_id=dossier.code,
    )


def _received(
    procedure: Procedure, dossier: Dossier, case: Case, moment: Moment
) -> tuple[Dossier, tuple[Change, ...]]:
    """The term of one working day runs from now; decided now where the record proves it and nobody loses a head."""
    dossier = receive(dossier, moment)
    sure = overall(all_checks(procedure, case)) is CheckFlag.PASS
    if not sure or head_leaves(case, [case.applicant]).flag is not CheckFlag.PASS:
        return dossier, ()
    decided = approve(procedure, dossier, case, moment, reason="", confirmed=())
    return hand_over(decided.dossier, moment), decided.changes

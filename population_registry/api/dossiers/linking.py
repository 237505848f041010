"""Carries linked dossiers on: opens parts, brings results back, raises alarms (`dossiers.linked` says what is due).

Each step is a transaction of its own and holds the umbrella's row, so two processes never take the same step
twice, and one body's trouble never undoes another's act. It runs after every act on a linked dossier, and over all
of them once a minute (`follow_all`): a process that died between two steps leaves nothing undone for longer.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from population_registry.api.dossiers.desk import Desk, numbers_in
from population_registry.api.putting_off import put_off
from population_registry.domain import FieldUse
from population_registry.dossiers import Case, CheckFlag, Dossier, Procedure, overall
from population_registry.dossiers.acts import SYSTEM, Moment, file, hand_over, receive
from population_registry.dossiers.codes import dossier_code
from population_registry.dossiers.deciding import all_checks, approve
from population_registry.dossiers.linked import ALARM, Order, advance
from population_registry.dossiers.notices import FRONT_DOOR, Notice, of_acts
from population_registry.dossiers.states import DossierState
from population_registry.dossiers.working_days import VIET_NAM
from population_registry.procedures.catalogue import PROCEDURES
from population_registry.storage import Connection
from population_registry.storage.dossiers import (
    hold_umbrella,
    insert_dossier,
    linked_dossiers,
    next_number,
    open_umbrellas,
    write_notices,
)
from population_registry.storage.loading import numbers_of
from population_registry.storage.transactions import transaction
from population_registry.verification.asking import Caller

log = logging.getLogger("population_registry.linking")
LINKED: Final = frozenset(code for code, procedure in PROCEDURES.items() if procedure.linked)
"""Procedures that have parts."""
_MOST_STEPS: Final = 20


async def follow(desk: Desk, code: str) -> None:
    """Take every step that is due on the linked dossier to which this code belongs; another dossier is left alone.

    What fails, a mistake of ours too, is logged and tried again by the next call: the act before it is committed
    already, and the other dossiers do not wait for this one.
    """
    with put_off(log, "linked dossier waits"):
        for _ in range(_MOST_STEPS):
            async with desk.database.pool() as pool, transaction(pool) as connection:
                if not await _step(desk, connection, code):
                    return


async def follow_all(desk: Desk) -> None:
    """Every linked dossier that is not decided: what a broken process left, and whose time ran out meanwhile."""
    async with desk.database.pool() as pool:
        codes = await open_umbrellas(pool, LINKED)
    for code in codes:
        await follow(desk, code)


async def _step(desk: Desk, connection: Connection, code: str) -> bool:
    """One step inside the caller's transaction; False when nothing is due."""
    umbrella = await hold_umbrella(connection, code, LINKED)
    if umbrella is None:
        return False
    now = desk.clock()
    if umbrella.state is DossierState.SUBMITTED:
        # The front door is open day and night; the hours of Decree 63/2024 are in the term (`linked_term`).
        await desk.commit(
            connection, umbrella, receive(umbrella, Moment(now, now, SYSTEM)), by=SYSTEM, now=now
        )
        return True
    parts = PROCEDURES[umbrella.procedure_code].linked
    dossiers = await linked_dossiers(connection, umbrella.code)
    for part in dossiers:
        if await _decide(desk, connection, part, now):
            return True
    due = advance(umbrella, parts, dossiers, now)
    before = {part.code: part for part in dossiers}
    for stopped in due.stopped:
        await desk.commit(connection, before[stopped.code], stopped, by=SYSTEM, now=now)
    if due.umbrella is umbrella:
        return bool(due.stopped)
    await desk.commit(connection, umbrella, due.umbrella, by=SYSTEM, now=now)
    for order in due.orders:
        await _open(desk, connection, umbrella, order, now)
    await _raise_alarms(connection, umbrella, due.umbrella, now)
    return True


async def _decide(desk: Desk, connection: Connection, part: Dossier, now: datetime) -> bool:
    """A part that its body has received and about which nobody need decide gets its result."""
    procedure = PROCEDURES.get(part.procedure_code)
    if part.state is not DossierState.PROCESSING or procedure is None or not procedure.automatic:
        return False
    _, case = await desk.case_of(connection, part, now)
    if overall(all_checks(procedure, case)) is not CheckFlag.PASS:
        return False
    moment = Moment(now, now, SYSTEM)
    decided = approve(procedure, part, case, moment, reason="", confirmed=())
    after = hand_over(decided.dossier, moment)
    await desk.commit(
        connection, part, after, by=SYSTEM, now=now, changes=decided.changes, numbers=numbers_in(case)
    )
    concerned = (change.person_id for change in decided.changes)
    await _log(desk, connection, procedure, case, after, concerned, outcome="dossier_approve")
    return True


async def _log(
    desk: Desk,
    connection: Connection,
    procedure: Procedure,
    case: Case,
    part: Dossier,
    concerned: Iterable[int],
    *,
    outcome: str,
) -> None:
    """Nobody looks at a person without a line in their log, not even this: in the name of the portal that filed."""
    await desk.log(
        connection,
        Caller(part.client_id, frozenset(), agency_code=part.agency),
        part,
        (part.applicant_id, *part.subject_ids, *concerned),
        outcome=outcome,
        fields={check.code: FieldUse.VERIFIED for check in all_checks(procedure, case)},
        officer=None,
        correlation_id=part.code,
    )


async def _open(desk: Desk, connection: Connection, umbrella: Dossier, order: Order, now: datetime) -> None:
    """A part in state 1 at its body, filed by the same citizen as the umbrella."""
    procedure: Procedure = PROCEDURES[order.part.procedure_code]
    (applicant,) = await numbers_of(connection, [umbrella.applicant_id])
    case = await desk.case(
        connection,
        procedure,
        procedure.read(dict(order.inputs)),
        applicant=applicant,
        filing=umbrella.filing,
        now=now,
    )
    assert case is not None
    day = now.astimezone(VIET_NAM).date()
    number = await next_number(connection, procedure.code_agency, day)
    part = file(
        Dossier(
            code=dossier_code(procedure.code_agency, procedure.code_system, day, number),
            procedure_code=procedure.code,
            client_id=umbrella.client_id,
            agency=umbrella.agency,
            commune_code=procedure.commune(case),
            applicant_id=umbrella.applicant_id,
            subject_ids=tuple(procedure.subjects(case)),
            assisted_by=umbrella.assisted_by,
            filing=umbrella.filing,
            purpose=umbrella.purpose,
            inputs=dict(order.inputs),
            term=procedure.term(case),
            fee=procedure.fee(case),
            filed_at=now,
            linked_to=umbrella.code,
        ),
        list(procedure.consents(case)),
        Moment(now, now, SYSTEM),
        {"checks": [check.document() for check in all_checks(procedure, case)]},
    )
    await insert_dossier(connection, part, of_acts(None, part), now)
    await _log(desk, connection, procedure, case, part, (), outcome="dossier_filed")


async def _raise_alarms(connection: Connection, before: Dossier, after: Dossier, now: datetime) -> None:
    """The technicians of the linked software hear the same day (insurance.md section 7)."""
    fresh = [event for event in after.history[before.version :] if event.act == ALARM]
    alarms = [
        Notice("dossier.alarm", (FRONT_DOOR,), {"linked_dossier": after.code, **event.detail})
        for event in fresh
    ]
    if alarms:
        await write_notices(connection, after.code, alarms, now)

"""A new dossier: judged as it is filed, numbered, and written with whatever it decides at once."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from population_registry.api.dossiers.desk import numbers_in
from population_registry.api.dossiers.models import FileRequest
from population_registry.dossiers import (
    Case,
    CheckFlag,
    Dossier,
    DossierRefusal,
    DossierRefused,
    Filing,
    Procedure,
    overall,
)
from population_registry.dossiers.acts import SYSTEM, Moment, file, hand_over, receive
from population_registry.dossiers.changes import Change
from population_registry.dossiers.codes import dossier_code
from population_registry.dossiers.deciding import all_checks, approve
from population_registry.dossiers.dossier import FILED_BY
from population_registry.dossiers.notices import of_acts, of_changes
from population_registry.dossiers.states import DossierState
from population_registry.dossiers.working_days import VIET_NAM
from population_registry.storage import Connection
from population_registry.storage.dossiers import (
    ChangeConflict,
    apply_changes,
    insert_dossier,
    next_number,
    same_open_dossier,
)
from population_registry.verification.asking import Caller

MOST_OPEN: Final = 30
"""So many undecided dossiers one person may have: filing is no way to ask about others, nor to fill the registry."""
_CHECKS: Final = "checks"


def filed(
    caller: Caller,
    asked: FileRequest,
    procedure: Procedure,
    case: Case,
    moment: Moment,
    representative: str | None = None,
) -> tuple[Dossier, tuple[Change, ...]]:
    """State 1; where nobody need decide, the whole way to the result at once."""
    checks = all_checks(procedure, case)
    if any(c.code == "applicant_standing" and c.flag is CheckFlag.FAIL for c in checks):
        raise DossierRefused(DossierRefusal.APPLICANT)
    dossier = file(
        Dossier(
            code="",
            procedure_code=procedure.code,
            client_id=caller.client_id,
            agency=caller.agency,
            commune_code=procedure.commune(case),
            applicant_id=case.applicant.person.person_id,
            subject_ids=tuple(procedure.subjects(case)),
            assisted_by=caller.actor if representative is None else None,
            filing=case.filing,
            purpose=asked.purpose,
            inputs=asked.inputs,
            term=procedure.term(case),
            fee=procedure.fee(case),
            filed_at=moment.entered_at,
        ),
        list(procedure.consents(case)),
        moment,
        {_CHECKS: [check.document() for check in checks], **_by(caller, representative)},
    )
    at_once = procedure.automatic and overall(checks) is CheckFlag.PASS
    if not at_once:
        return dossier, ()
    # What an officer opens ex officio is that officer's own decision, made now; the rest nobody need decide.
    system = moment if case.filing is Filing.EX_OFFICIO else replace(moment, by=SYSTEM)
    dossier = receive(dossier, system)
    if dossier.state is not DossierState.PROCESSING:
        return dossier, ()
    decided = approve(procedure, dossier, case, system, reason="", confirmed=())
    return hand_over(decided.dossier, system), decided.changes


async def numbered(
    connection: Connection, procedure: Procedure, dossier: Dossier, given: str | None, now: datetime
) -> Dossier:
    """With the portal's code, or one of ours.

    Raises:
        DossierRefused: `dossier-duplicate`, the same application is open already; `dossier-too-many`.
    """
    same, count = await same_open_dossier(connection, dossier)
    if same is not None:
        raise DossierRefused(DossierRefusal.DUPLICATE, dossier_code=same)
    # Whoever is about to lose a card cannot hinder it by applying for thirty other things.
    if count >= MOST_OPEN and dossier.filing is not Filing.EX_OFFICIO:
        raise DossierRefused(DossierRefusal.TOO_MANY)
    if given is not None:
        return replace(dossier, code=given)
    day = now.astimezone(VIET_NAM).date()
    number = await next_number(connection, procedure.code_agency, day)
    return replace(dossier, code=dossier_code(procedure.code_agency, procedure.code_system, day, number))


async def written(connection: Connection, dossier: Dossier, changes: tuple[Change, ...], case: Case) -> None:
    """The new dossier and what it changes, with its lines of the outbox.

    Raises:
        DossierRefused: `dossier-code-taken`; `dossier-outdated`, the registry moved on.
    """
    now = case.now
    by = SYSTEM if dossier.decision is None else dossier.decision.by
    notices = (*of_acts(None, dossier), *of_changes(dossier, changes, numbers_in(case)))
    if not await insert_dossier(connection, dossier, notices, now):
        raise DossierRefused(DossierRefusal.CODE_TAKEN)
    try:
        await apply_changes(connection, changes, dossier_code=dossier.code, by=by, now=now)
    except ChangeConflict:
        raise DossierRefused(DossierRefusal.OUTDATED) from None


def _by(caller: Caller, representative: str | None) -> dict[str, Any]:
    """Who filed, where it was not the applicant: the first line of a history never changes."""
    if caller.acting is None:
        return {}
    name = {} if representative is None else {"name": representative}
    return {FILED_BY: caller.acting.document() | name}

"""Filing a dossier: by a citizen through a portal, by an officer on paper, by the authority itself."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson

from population_registry.api.dossiers.authority import SCOPE_DECIDE, require_person
from population_registry.api.dossiers.desk import Desk
from population_registry.api.dossiers.documents import dossier_document
from population_registry.api.dossiers.models import FileRequest
from population_registry.api.dossiers.opening import filed, numbered, written
from population_registry.api.dossiers.paper import with_paper
from population_registry.api.idempotency import Repetition
from population_registry.api.representation import require_authority
from population_registry.domain import FieldUse
from population_registry.dossiers import (
    DossierRefusal,
    DossierRefused,
    Filing,
    Procedure,
)
from population_registry.dossiers.acts import CITIZEN, Moment
from population_registry.dossiers.codes import RESIDENCE_AGENCY, is_code
from population_registry.dossiers.deciding import all_checks
from population_registry.dossiers.working_days import VIET_NAM
from population_registry.procedures.catalogue import PROCEDURES
from population_registry.procedures.stated_days import refuse_impossible_days
from population_registry.storage import Connection
from population_registry.storage.answering import recall_answer, remember
from population_registry.storage.transactions import transaction
from population_registry.verification.asking import Caller, Context, read_number, read_text, require_scope
from population_registry.verification.authorising import admit
from population_registry.verification.claims.kin import Matter
from population_registry.verification.refusals import Refusal, RefusalCode, malformed
from population_registry.verification.rich_requests import require_within

_TRIES: Final = 3
PURPOSE_LENGTH: Final = range(5, 501)


class _AnsweredMeanwhile(Exception):
    """Somebody else answered the same key."""


@dataclass(frozen=True, slots=True)
class Filer:
    """In whose name, how, and by whom a dossier is filed."""

    number: str
    filing: Filing
    by: str


async def file_dossier(
    desk: Desk, caller: Caller, asked: FileRequest, repetition: Repetition | None, correlation_id: str
) -> bytes:
    """The JSON of the new dossier, committed.

    Raises:
        Refusal: what the catalogue, the token or the inputs do not allow.
        DossierRefused: `dossier-duplicate`, `dossier-code-taken`, `dossier-applicant`, `dossier-too-many`,
            `dossier-not-ex-officio`. Problem: 503.
    """
    procedure = PROCEDURES.get(asked.procedure_code)
    if procedure is None:
        raise Refusal(RefusalCode.PROCEDURE_UNKNOWN, member="procedure_code")
    read_text(asked.purpose, "purpose", PURPOSE_LENGTH)
    if asked.dossier_code is not None and not _may_bring(asked.dossier_code):
        raise malformed("dossier_code")
    filer = _filer(desk, caller, asked, procedure)
    inputs = procedure.read(asked.inputs)
    refuse_impossible_days(procedure, inputs, desk.clock().astimezone(VIET_NAM).date())
    for _ in range(_TRIES):
        async with desk.database.pool() as pool:
            if repetition is not None:
                kept = await recall_answer(pool, repetition.key, desk.clock())
                if kept is not None and (said := repetition.recalled(kept, desk.ring)) is not None:
                    return said
            with suppress(_AnsweredMeanwhile):
                async with transaction(pool) as connection:
                    return await _file_once(
                        desk, connection, caller, asked, procedure, inputs, filer, repetition, correlation_id
                    )
    raise DossierRefused(DossierRefusal.CHANGED)


async def file_within(
    desk: Desk, connection: Connection, caller: Caller, asked: FileRequest, correlation_id: str
) -> bytes:
    """The same inside a transaction of the caller's, whose end makes it true with whatever else it writes."""
    procedure = PROCEDURES[asked.procedure_code]
    filer = _filer(desk, caller, asked, procedure)
    inputs = procedure.read(asked.inputs)
    return await _file_once(desk, connection, caller, asked, procedure, inputs, filer, None, correlation_id)


async def _file_once(
    desk: Desk,
    connection: Connection,
    caller: Caller,
    asked: FileRequest,
    procedure: Procedure,
    inputs: Any,
    filer: Filer,
    repetition: Repetition | None,
    correlation_id: str,
) -> bytes:
    """Load, judge, write: everything inside the caller's transaction."""
    now = desk.clock()
    matter = Matter.RESIDENCE if procedure.code_agency == RESIDENCE_AGENCY else Matter.GENERAL
    name = await require_authority(connection, caller, now, matter)
    case = await desk.case(
        connection, procedure, inputs, applicant=filer.number, filing=filer.filing, now=now
    )
    if case is None:
        raise Refusal(RefusalCode.PERSON_UNKNOWN)
    # Whoever waited for the applicant's lock meets the dossier that the same request made meanwhile.
    if repetition is not None and await recall_answer(connection, repetition.key, now) is not None:
        raise _AnsweredMeanwhile
    dossier, changes = filed(caller, asked, procedure, case, Moment(now, now, filer.by), name)
    if asked.officer is not None:
        await desk.require_officer(connection, caller, asked.officer, dossier)
    dossier = await numbered(connection, procedure, dossier, asked.dossier_code, now)
    dossier = await with_paper(desk.confirming, connection, None, dossier, case, correlation_id)
    await written(connection, dossier, changes, case)
    others = (consent.need.person_id for consent in dossier.consents)
    await desk.log(
        connection,
        caller,
        dossier,
        (dossier.applicant_id, *dossier.subject_ids, *others),
        outcome="dossier_filed",
        fields={c.code: FieldUse.VERIFIED for c in all_checks(procedure, case)},
        officer=asked.officer or caller.actor,
        correlation_id=correlation_id,
    )
    body = orjson.dumps(dossier_document(dossier, now))
    if repetition is not None and not await remember(connection, repetition.kept(body, desk.ring, now)):
        raise _AnsweredMeanwhile
    return body


def _may_bring(code: str) -> bool:
    """A portal brings codes of its own numbering; of the registry's own it could take numbers yet to come."""
    return is_code(code) and code.partition("-")[0] not in {each.code_agency for each in PROCEDURES.values()}


def _filer(desk: Desk, caller: Caller, asked: FileRequest, procedure: Procedure) -> Filer:
    """In whose name, how, and by whom it is filed.

    Raises:
        Refusal: not this client, person, level, agreement (RFC 9396). DossierRefused: `dossier-not-ex-officio`.
    """
    filing = Filing(asked.filing)
    if filing is Filing.ONLINE:
        number = require_person(caller)
        if asked.applicant is not None or asked.officer is not None:
            raise malformed("applicant" if asked.applicant is not None else "officer")
        # The code that the registry is about to give is no part of what the person agreed to.
        context = Context(asked.purpose, procedure.code, asked.dossier_code or "-", None)
        admit(caller, context, desk.catalogue, desk.clock())
        require_within(caller.details, context, ())
        return Filer(number, filing, CITIZEN)
    require_scope(caller, SCOPE_DECIDE)
    if asked.applicant is None or asked.officer is None:
        raise malformed("applicant" if asked.applicant is None else "officer")
    if filing is Filing.EX_OFFICIO and not procedure.ex_officio:
        raise DossierRefused(DossierRefusal.NOT_EX_OFFICIO)
    return Filer(read_number(asked.applicant.number, "applicant.number"), filing, asked.officer)

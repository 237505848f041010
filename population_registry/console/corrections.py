"""Corrections at the desk: asked for beside the record, approved by a second officer, applied at once."""

from datetime import datetime
from typing import Final
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from population_registry.console.desk import Work, at_desk, procedure_of, render
from population_registry.console.party import CLIENT_ID
from population_registry.console.records import reached, shown
from population_registry.console.second_officer import ask_second
from population_registry.domain import PersonFacts
from population_registry.domain.access import AccessEntry, AccessRecord, FieldUse
from population_registry.operators.corrections import (
    FIELDS,
    Correction,
    CorrectionRefused,
    correction_of,
    read_correction,
    said_of,
)
from population_registry.operators.errands import Purpose
from population_registry.operators.four_eyes import FourEyesRequest, RequestKind
from population_registry.operators.officers import Power
from population_registry.operators.policy import Denial, Denied
from population_registry.storage import four_eyes, load_facts, record_access
from population_registry.storage.connections import Connection
from population_registry.storage.dossiers import apply_changes
from population_registry.storage.outbox import announce, stream_of
from population_registry.storage.transactions import transaction
from web import PageProblem, exchange_of, read_form

EVENT: Final = "registry.CorrectBirth"
EXAMINED, CORRECTED = "correction_examined", "corrected"
TYPED: Final = (*FIELDS, "evidence", "reference")
LONGEST: Final = 120


@at_desk(Power.REQUEST_CORRECTION, errand=True)
async def ask(request: Request, work: Work) -> Response:
    """POST what the record shall say, and on which paper: it waits for another officer."""
    form = await read_form(request)
    found = await reached(work, Power.REQUEST_CORRECTION, work.number_of(form.text("person")))
    if found is None:
        raise PageProblem(404, "not-found")
    person, errand = found
    if errand.purpose is not Purpose.CORRECT_DATA:
        raise Denied(Denial.NO_ERRAND)
    typed = {name: form.text(name)[:LONGEST] for name in TYPED}
    try:
        correction = read_correction(person.person, typed)
    except CorrectionRefused as refused:
        errors = {name: f"console.correction.{why}" for name, why in refused.errors.items()}
        return await shown(request, work, person, errand, status=400, errors=errors, typed=typed)
    return await ask_second(work, RequestKind.CORRECTION, person, errand, correction.content())


async def examined(request: Request, work: Work, asked: FourEyesRequest, person: PersonFacts) -> Response:
    """Before and after, shown to the second officer; the person finds the look in their log."""
    correction = correction_of(asked.content)
    async with work.console.database.pool() as pool:
        await record_access(pool, [entry(request, work, asked, correction, EXAMINED, work.console.clock())])
    return render(
        request, work, "correction.html", asked=asked, correction=correction, name=person.person.name.full
    )


async def apply(
    request: Request, work: Work, connection: Connection, asked: FourEyesRequest, number: str, now: datetime
) -> None:
    """The approved correction becomes the record, with ledger, log and event, in the transaction of the approval.

    Raises:
        Denied: the record does not say any more what it said when the correction was asked.
    """
    await connection.execute("SELECT 1 FROM person WHERE person_id = $1 FOR UPDATE", asked.subject_id)
    facts = (await load_facts(connection, [number])).subject
    correction = correction_of(asked.content)
    if facts is None or said_of(facts.person) != dict(correction.before):
        raise Denied(Denial.EXPIRED)
    changes = [correction.change(asked.subject_id)]
    case, by = asked.errand.case, work.officer.officer_id
    await apply_changes(connection, changes, dossier_code=case, by=by, now=now)
    await announce(connection, stream_of(asked.subject_id), EVENT, {"person": number}, now)
    await record_access(connection, [entry(request, work, asked, correction, CORRECTED, now)])


def entry(
    request: Request, work: Work, asked: FourEyesRequest, correction: Correction, outcome: str, now: datetime
) -> AccessRecord:
    """The line of the log: which fields, for which case, by whom."""
    known = work.console.answering.catalogue.get(procedure_of(asked.errand.purpose))
    names = {"sex": "sex", "birth": "birth_date"}
    fields = {names.get(each, "name"): FieldUse.RELEASED for each in correction.changed}
    return AccessRecord(
        AccessEntry(
            entry_id=uuid4(),
            at=now,
            subject_id=asked.subject_id,
            client_id=CLIENT_ID,
            agency=work.officer.agency,
            officer=work.officer.officer_id,
            purpose=known.name_vi,
            procedure_code=known.code,
            dossier_code=asked.errand.case,
            fields=fields,
            outcome=outcome,
            receipt_id=None,
            correlation_id=exchange_of(request).request_id,
        )
    )


async def decide(request: Request, work: Work, after: FourEyesRequest, number: str, *, approve: bool) -> None:
    """Write the decision, and what it changes, together. Raises Denied."""
    async with work.console.database.pool() as pool, transaction(pool) as connection:
        if not await four_eyes.decide(connection, after):
            raise Denied(Denial.DECIDED)
        if approve:
            await apply(request, work, connection, after, number, work.console.clock())

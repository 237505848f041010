"""The papers of a dossier's acts as files: one line of history with a form is one paper; CT07 is the signed one."""

import asyncio
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from population_registry.api.dossiers import acting
from population_registry.console.desk import Work, at_desk
from population_registry.console.dossiers import caller_of, dossier_of
from population_registry.dossiers import Dossier, Event, Form
from population_registry.dossiers.apologising import APOLOGISE, APPOINTED
from population_registry.dossiers.codes import RESIDENCE_AGENCY
from population_registry.dossiers.terms import clock
from population_registry.papers.confirmation.issuing import opened
from population_registry.papers.notices import TITLES, NoticePaper, render_notice
from population_registry.procedures.catalogue import PROCEDURES
from population_registry.storage import load_facts
from population_registry.storage.loading import numbers_of
from population_registry.storage.officers import officer_of_id
from web import PageProblem, exchange_of

DIGITS: Final = 6


def printable(dossier: Dossier, event: Event) -> bool:
    """Whether a line of history has a paper: one of ours, or a CT07 that was issued."""
    if event.form is Form.CONFIRMATION:
        return "confirmation_id" in dossier.result
    return event.form in TITLES


@at_desk()
async def paper(request: Request, work: Work) -> Response:
    """One paper as PDF; the applicant finds the look in their log. 404: no such line, or one without a paper."""
    code, typed = request.path_params["code"], request.path_params["number"]
    dossier = await dossier_of(work, code)
    if not (typed.isascii() and typed.isdecimal() and len(typed) < DIGITS):
        raise PageProblem(404, "not-found")
    event = next((each for each in dossier.history if each.number == int(typed)), None)
    if event is None or event.form is None or not printable(dossier, event):
        raise PageProblem(404, "not-found")
    asker, request_id = work.officer.officer_id, exchange_of(request).request_id
    await acting.read(work.console.desk, caller_of(work), code, asker, request_id)
    if event.form is Form.CONFIRMATION:
        file = await _confirmation(work, dossier)
    else:
        file = await asyncio.to_thread(render_notice, await _said(work, dossier, event, event.form))
    named = f'attachment; filename="{event.form.value}-{code}.pdf"'
    headers = {"Content-Disposition": named, "Cache-Control": "no-store"}
    return Response(file, headers=headers, media_type="application/pdf")


async def _confirmation(work: Work, dossier: Dossier) -> bytes:
    row = await work.console.desk.confirming.kept(UUID(str(dossier.result["confirmation_id"])))
    return await work.console.press.pressed(row, opened(row, work.console.ring))


async def _said(work: Work, dossier: Dossier, event: Event, form: Form) -> NoticePaper:
    """What the paper says, from the line of history and whom it is about."""
    procedure = PROCEDURES[dossier.procedure_code]
    async with work.console.database.pool() as pool:
        numbers = await numbers_of(pool, [dossier.applicant_id])
        applicant = (await load_facts(pool, numbers)).subject if numbers else None
        known = await officer_of_id(pool, event.by)
    so_far = clock(dossier.history[: event.number], dossier.term)
    detail: Any = event.detail
    promised = so_far.due_on
    if event.act == APOLOGISE:
        promised = type(event.occurred_at).fromisoformat(detail[APPOINTED]).date()
    return NoticePaper(
        form=form,
        dossier_code=dossier.code,
        procedure=procedure.name_vi,
        legal_basis=procedure.legal_basis,
        applicant="" if applicant is None else applicant.person.name.full,
        authority=work.officer.agency if known is None else known.officer.agency,
        officer=event.by,
        at=event.occurred_at,
        residence=procedure.code_agency == RESIDENCE_AGENCY,
        reason=str(detail.get("reason", "")),
        due_on=promised if form in {Form.RECEIPT, Form.APOLOGY} else None,
    )

"""Reports of misuse by citizens: taken, answered in words that the citizen reads where they reported."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from population_registry.console.desk import HOME, Work, at_desk, render
from population_registry.operators.misuse import (
    LEAST_ANSWER,
    LONGEST_ANSWER,
    VERDICTS,
    ReportState,
    answered,
    taken,
)
from population_registry.operators.officers import Power
from population_registry.operators.policy import Denial, Denied
from population_registry.storage import misuse
from population_registry.storage.loading import numbers_of
from population_registry.storage.transactions import transaction
from web import PageProblem, read_form

PATH: Final = f"{HOME}/misuse-reports"


@at_desk(Power.REVIEW_LOOKUPS)
async def listed(request: Request, work: Work) -> Response:
    """What waits for an answer, the oldest first."""
    return await _page(request, work)


@at_desk(Power.REVIEW_LOOKUPS)
async def act(request: Request, work: Work) -> Response:
    """POST: take a report, or answer it; the citizen hears of both with the same transaction."""
    form = await read_form(request)
    wanted = form.text("act")
    verdict = next((each for each in VERDICTS if each.value == wanted), None)
    try:
        report_id = UUID(form.text("report"))
    except ValueError:
        raise PageProblem(400, "bad-request") from None
    words = form.text(f"answer-{report_id}").strip()
    if verdict is None and wanted != "take":
        raise PageProblem(400, "bad-request")
    if verdict is not None and not LEAST_ANSWER <= len(words) <= LONGEST_ANSWER:
        errors = {f"answer-{report_id}": "console.misuse.answer.wrong"}
        return await _page(request, work, 400, errors=errors, typed=(report_id, words[:LONGEST_ANSWER]))
    now = work.console.clock()
    async with work.console.database.pool() as pool, transaction(pool) as connection:
        before = await misuse.find(connection, report_id)
        if before is None:
            raise PageProblem(404, "not-found")
        own = before.subject_id == work.person_id
        if verdict is None:
            after = taken(before, work.officer, own=own)
        else:
            after = answered(before, work.officer, verdict, words, now, own=own)
        if not await misuse.move(connection, before, after):
            raise Denied(Denial.DECIDED)
        numbers = await numbers_of(connection, [after.subject_id])
        if numbers:
            await misuse.tell(connection, after, numbers[0], now)
    return RedirectResponse(PATH, 303)


async def _page(
    request: Request,
    work: Work,
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    typed: tuple[UUID, str] | None = None,
) -> Response:
    async with work.console.database.pool() as pool:
        found = await misuse.waiting(pool)
    shown = [
        replace(each, answer=typed[1]) if typed is not None and each.report_id == typed[0] else each
        for each in found
        if each.subject_id != work.person_id
    ]
    return render(
        request,
        work,
        "misuse.html",
        status,
        errors=errors,
        reports=shown,
        received=ReportState.RECEIVED,
        own=work.officer.officer_id,
    )

"""Break-glass: a record beyond the territory, opened for a stated reason, reviewed afterwards, seen by its person."""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from population_registry.console.desk import HOME, Work, at_desk, render
from population_registry.console.records import person_of, shown
from population_registry.operators.eid_acts import in_person
from population_registry.operators.officers import Power
from population_registry.operators.policy import Denial, Denied, must_have_errand
from population_registry.storage import emergencies
from web import PageProblem, read_form

LEAST_REASON, LONGEST_REASON = 20, 1_000


@at_desk(Power.BREAK_GLASS, errand=True)
async def break_glass(request: Request, work: Work) -> Response:
    """POST a handle and a reason: the record, and a row that somebody else must judge."""
    form = await read_form(request)
    number, reason = work.number_of(form.text("person")), form.text("reason")
    errand = must_have_errand(work.officer, Power.BREAK_GLASS, work.errand)
    if not LEAST_REASON <= len(reason) <= LONGEST_REASON:
        errors = {"reason": "console.reason.wrong"}
        again = work.handle(number)
        return render(
            request,
            work,
            "out_of_area.html",
            400,
            handle=again,
            errors=errors,
            reason=reason[:LONGEST_REASON],
            present=in_person(errand.purpose),
        )
    person = await person_of(work, number)
    if person is None:
        raise PageProblem(404, "not-found")
    if person.person.person_id == work.person_id:
        raise Denied(Denial.OWN_RECORD)
    async with work.console.database.pool() as pool:
        await emergencies.write(
            pool,
            emergencies.Emergency(
                entry_id=uuid4(),
                at=work.console.clock(),
                officer_id=work.officer.officer_id,
                subject_id=person.person.person_id,
                purpose=errand.purpose.value,
                case=errand.case,
                reason=reason,
            ),
        )
    return await shown(request, work, person, errand, broken=True)


@at_desk(Power.REVIEW_LOOKUPS)
async def list_open(request: Request, work: Work) -> Response:
    """What waits for a review, the oldest first."""
    async with work.console.database.pool() as pool:
        waiting = await emergencies.waiting(pool)
    return render(request, work, "emergencies.html", waiting=waiting)


@at_desk(Power.REVIEW_LOOKUPS)
async def judge(request: Request, work: Work) -> Response:
    """POST a verdict; the first one counts."""
    form = await read_form(request)
    verdict = form.text("verdict")
    if verdict not in {"justified", "unjustified"}:
        raise PageProblem(400, "bad-request")
    async with work.console.database.pool() as pool:
        written = await emergencies.judge(
            pool, form.text("entry"), work.officer.officer_id, verdict, work.console.clock()
        )
    if not written:
        raise Denied(Denial.DECIDED)
    return RedirectResponse(f"{HOME}/emergencies", 303)

"""Four eyes: one officer asks for the sensitive fields of a record, another decides, the first opens them once."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from population_registry.console import corrections, identity
from population_registry.console.desk import HOME, Work, at_desk, render
from population_registry.console.records import person_of, reached, shown
from population_registry.console.second_officer import ask_second
from population_registry.domain import PersonFacts
from population_registry.operators.four_eyes import (
    FourEyesRequest,
    RequestKind,
    decided,
    must_be_usable,
)
from population_registry.operators.identity_acts import ACTS, must_approve
from population_registry.operators.officers import Power
from population_registry.operators.policy import Denial, Denied
from population_registry.storage import four_eyes
from population_registry.storage.loading import numbers_of
from population_registry.storage.transactions import transaction
from web import PageProblem, read_form

LEAST_REASON, LONGEST_REASON = 20, 1_000
SENSITIVE: Final = "console.sensitive"
SHOWN_FOR: Final = timedelta(days=30)


@at_desk(Power.REQUEST_SENSITIVE, errand=True)
async def ask(request: Request, work: Work) -> Response:
    """POST a handle and a reason: the request waits for another officer."""
    form = await read_form(request)
    number, reason = work.number_of(form.text("person")), form.text("reason")
    found = await reached(work, Power.REQUEST_SENSITIVE, number)
    if found is None:
        raise PageProblem(404, "not-found")
    person, errand = found
    if not LEAST_REASON <= len(reason) <= LONGEST_REASON:
        errors = {"reason": "console.reason.wrong"}
        typed = reason[:LONGEST_REASON]
        return await shown(request, work, person, errand, status=400, errors=errors, reason=typed)
    return await ask_second(work, RequestKind.SENSITIVE_RELEASE, person, errand, {"reason": reason})


@at_desk(Power.APPROVE)
async def listed(request: Request, work: Work) -> Response:
    """What others ask for, and what became of one's own requests."""
    now = work.console.clock()
    async with work.console.database.pool() as pool:
        waiting = await four_eyes.waiting(pool, work.officer.officer_id, now)
        mine = await four_eyes.asked_by(pool, work.officer.officer_id, now - SHOWN_FOR)
    return render(request, work, "requests.html", waiting=waiting, mine=mine)


@at_desk(Power.APPROVE)
async def decide(request: Request, work: Work) -> Response:
    """POST a decision on somebody else's request; the first one counts."""
    form = await read_form(request)
    answer = form.text("answer")
    if answer not in {"approve", "reject"}:
        raise PageProblem(400, "bad-request")
    asked, person = await _asked(work, form.text("request"))
    if person.person.person_id == work.person_id:
        raise Denied(Denial.OWN_RECORD)
    if asked.kind is RequestKind.IDENTITY_ACT:
        must_approve(work.officer, ACTS[str(asked.content["act"])])
    after = decided(
        asked,
        work.officer,
        work.console.places_of(person),
        work.console.clock(),
        approve=answer == "approve",
        remark=form.text("remark")[:LONGEST_REASON],
    )
    if asked.kind is RequestKind.CORRECTION:
        number = str(person.person.number)
        await corrections.decide(request, work, after, number, approve=answer == "approve")
        return RedirectResponse(f"{HOME}/requests", 303)
    there = f"{HOME}/requests"
    async with work.console.database.pool() as pool, transaction(pool) as connection:
        if not await four_eyes.decide(connection, after):
            raise Denied(Denial.DECIDED)
        if asked.kind is RequestKind.IDENTITY_ACT and answer == "approve":
            code = await identity.approved(request, work, connection, after, person)
            there = f"{HOME}/dossiers/{code}"
    return RedirectResponse(there, 303)


@at_desk(Power.APPROVE)
async def examine(request: Request, work: Work) -> Response:
    """POST a correction or an act that somebody else asks for: what it does, logged before it is shown."""
    form = await read_form(request)
    asked, person = await _asked(work, form.text("request"))
    if asked.kind is RequestKind.SENSITIVE_RELEASE:
        raise PageProblem(400, "bad-request")
    if asked.kind is RequestKind.IDENTITY_ACT:
        must_approve(work.officer, ACTS[str(asked.content["act"])])
    places, now = work.console.places_of(person), work.console.clock()
    if person.person.person_id == work.person_id:
        raise Denied(Denial.OWN_RECORD)
    decided(asked, work.officer, places, now, approve=False, remark="")  # who may not decide does not see it
    page = identity.examined if asked.kind is RequestKind.IDENTITY_ACT else corrections.examined
    return await page(request, work, asked, person)


@at_desk(Power.REQUEST_SENSITIVE)
async def open_approved(request: Request, work: Work) -> Response:
    """POST an approved request of one's own: the sensitive fields, once."""
    form = await read_form(request)
    asked, person = await _asked(work, form.text("request"))
    now = work.console.clock()
    if asked.kind is not RequestKind.SENSITIVE_RELEASE:
        raise PageProblem(400, "bad-request")
    must_be_usable(asked, work.officer, person.person.person_id, now)
    async with work.console.database.pool() as pool:
        if not await four_eyes.use(pool, asked.request_id, now):
            raise Denied(Denial.EXPIRED)
    return await shown(request, work, person, asked.errand, procedure=SENSITIVE)


async def _asked(work: Work, text: str) -> tuple[FourEyesRequest, PersonFacts]:
    try:
        request_id = UUID(text)
    except ValueError:
        raise PageProblem(400, "bad-request") from None
    async with work.console.database.pool() as pool:
        asked = await four_eyes.find(pool, request_id)
        numbers = [] if asked is None else await numbers_of(pool, [asked.subject_id])
    person = await person_of(work, numbers[0]) if numbers else None
    if asked is None or person is None:
        raise PageProblem(404, "not-found")
    return asked, person

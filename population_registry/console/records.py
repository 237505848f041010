"""One record: found by a number, within the territory, logged before it is shown."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from population_registry.console.desk import Work, at_desk, procedure_of, render
from population_registry.console.showing import Showing
from population_registry.domain import NumberRejectedError, PersonFacts, parse_number
from population_registry.operators.corrections import said_of
from population_registry.operators.eid_acts import concerned, in_person, power_of
from population_registry.operators.errands import Errand, Purpose
from population_registry.operators.officers import Power
from population_registry.operators.policy import Denial, Denied, must_have_errand, must_reach
from population_registry.storage import load_facts
from population_registry.verification.fields import FIELDS
from population_registry.verification.releasing import Release
from web import exchange_of, read_form

LONGEST = 40
"""Letters of a number as typed that are shown again."""


async def person_of(work: Work, number: str) -> PersonFacts | None:
    """Who has this number now or had it once; nothing of it has been shown to anybody yet."""
    async with work.console.database.pool() as pool:
        return (await load_facts(pool, [number])).subject


async def reached(work: Work, power: Power, number: str) -> tuple[PersonFacts, Errand] | None:
    """The person and the errand under which this officer may act on their record; None for nobody.

    Raises:
        Denied: no power, no errand, another territory, or the officer's own record.
    """
    errand = must_have_errand(work.officer, power, work.errand)
    person = await person_of(work, number)
    if person is None:
        return None
    own = person.person.person_id == work.person_id
    must_reach(work.officer, power, errand, work.console.places_of(person), own=own)
    return person, errand


async def shown(
    request: Request,
    work: Work,
    person: PersonFacts,
    errand: Errand,
    *,
    procedure: str | None = None,
    template: str = "record.html",
    only: frozenset[str] | None = None,
    status: int = 200,
    **more: Any,
) -> Response:
    """The record's page: the fields of the purpose, written to the access log before they leave.

    ``template`` and ``only``: another page about the person, which shows no more than these of the fields.
    """
    console = work.console
    entry = console.answering.catalogue.get(procedure or procedure_of(errand.purpose))
    fields = tuple(name for name in FIELDS if name in entry.releasable and (only is None or name in only))
    number = str(person.person.number)
    released = await console.answering.release(
        work.caller,
        Release(work.context(errand, entry.code), number, fields),
        exchange_of(request).request_id,
    )
    showing = Showing(console.pages.texts_for(request), console.references.places)
    more = {"compared": None, "broken": False, "card": "", "reason": "", "typed": {}, **more}
    return render(
        request,
        work,
        template,
        status,
        rows=showing.rows(released["values"]),  # type: ignore[arg-type]  # the values of a release are a mapping
        name=person.person.name.full,
        stated=errand,
        handle=work.handle(number),
        legal_basis=entry.legal_basis,
        sensitive=procedure is not None,
        correcting=errand.purpose is Purpose.CORRECT_DATA and Power.REQUEST_CORRECTION in work.officer.powers,
        now_said=said_of(person.person),
        to_identity=errand.purpose is Purpose.IDENTITY_ACTS and Power.ACT_ON_IDENTITY in work.officer.powers,
        to_eid=concerned(errand.purpose) and power_of(errand.purpose) in work.officer.powers,
        **more,
    )


@at_desk(Power.SEARCH, errand=True)
async def find(request: Request, work: Work) -> Response:
    """POST a number: the record, the reason why not, or that nobody has it."""
    form = await read_form(request)
    typed = form.text("number")
    try:
        number = str(parse_number(typed))
    except NumberRejectedError:
        return render(
            request, work, "desk.html", 400, errors={"number": "console.number.wrong"}, number=typed
        )
    return await opened(request, work, number)


@at_desk(Power.OPEN_RECORD, errand=True)
async def open_again(request: Request, work: Work) -> Response:
    """POST a handle: the same record once more, logged once more."""
    form = await read_form(request)
    return await opened(request, work, work.number_of(form.text("person")))


async def opened(request: Request, work: Work, number: str) -> Response:
    """The record of a number; beyond the territory the door of emergencies, without a word about the person."""
    try:
        found = await reached(work, Power.OPEN_RECORD, number)
    except Denied as denied:
        if denied.denial is not Denial.OUT_OF_AREA:
            raise
        return render(
            request,
            work,
            "out_of_area.html",
            403,
            handle=work.handle(number),
            errors={},
            reason="",
            present=work.errand is not None and in_person(work.errand.purpose),
        )
    if found is None:
        return render(
            request, work, "desk.html", 404, errors={"number": "console.number.nobody"}, number=number
        )
    person, errand = found
    return await shown(request, work, person, errand)

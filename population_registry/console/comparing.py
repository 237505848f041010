"""A card that lies on the desk beside the record, item by item."""

from starlette.requests import Request
from starlette.responses import Response

from population_registry.console.card_reading import LONGEST, CardUnreadable, compared
from population_registry.console.desk import Work, at_desk
from population_registry.console.records import reached, shown
from population_registry.operators.officers import Power
from web import PageProblem, exchange_of, read_form


@at_desk(Power.COMPARE_DOCUMENT, errand=True)
async def compare(request: Request, work: Work) -> Response:
    """POST what a reader typed for the officer; the record again, with a flag for each thing that the card says."""
    form = await read_form(request)
    number, typed = work.number_of(form.text("person")), form.text("card")[:LONGEST]
    found = await reached(work, Power.COMPARE_DOCUMENT, number)
    if found is None:
        raise PageProblem(404, "not-found")
    person, errand = found
    now = str(person.person.number)
    try:
        said = await compared(work, errand, now, typed, exchange_of(request).request_id)
    except CardUnreadable as unreadable:
        errors, again = {"card": unreadable.key}, typed if unreadable.keeps else ""
        return await shown(request, work, person, errand, status=400, errors=errors, card=again)
    return await shown(request, work, person, errand, compared=said)

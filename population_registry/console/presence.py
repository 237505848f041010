"""Somebody from elsewhere stands at the desk: an e-ID is given at any office, whatever the residence.

Sources: Decree 69/2024/NĐ-CP Art. 11, eid-accounts.md section 3, decision 0022. The officer types what a reader finds
on the card; number, name, birth date, sex and the card itself must all match the record. That opens the page of the
e-ID, in the errands of people who are present, and nothing else of the record. A line bears no signature and proves
no presence: it keeps officers from looking at numbers. The signed card of a phone proves its minute. In either case
the proof is what they compare before each act.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from keys.shown_card import presentation_in
from population_registry.console import eid
from population_registry.console.card_reading import LONGEST, CardUnreadable, compared
from population_registry.console.desk import Work, at_desk, render
from population_registry.console.records import person_of
from population_registry.operators.eid_acts import in_person
from population_registry.operators.errands import Errand
from population_registry.operators.officers import Power
from population_registry.operators.policy import Denial, Denied, must_have_errand
from web import exchange_of, read_form


@at_desk(Power.RAISE_LEVEL, errand=True)
async def receive(request: Request, work: Work) -> Response:
    """POST a handle and what the card says: the page of the e-ID, or the door again without a word of the person."""
    form = await read_form(request)
    number, typed = work.number_of(form.text("person")), form.text("card")[:LONGEST]
    errand = must_have_errand(work.officer, Power.RAISE_LEVEL, work.errand)
    if not in_person(errand.purpose):
        raise Denied(Denial.NO_ERRAND)
    person = await person_of(work, number)
    if person is not None and person.person.person_id == work.person_id:
        raise Denied(Denial.OWN_RECORD)
    if person is None or not await _agrees(request, work, errand, number, typed):
        errors = {"card": "console.present.wrong"}
        # A presentation counts once: the next one is scanned into an empty field.
        again = "" if presentation_in(typed) else typed
        more: dict[str, Any] = {"handle": work.handle(number), "errors": errors, "reason": "", "card": again}
        return render(request, work, "out_of_area.html", 400, present=True, **more)
    return await eid.opened(request, work, eid.Visit(person, errand, eid.presence(work, person, errand)))


async def _agrees(request: Request, work: Work, errand: Errand, number: str, typed: str) -> bool:
    """Whether the card is this person's in all it says."""
    try:
        said = await compared(work, errand, number, typed, exchange_of(request).request_id)
    except CardUnreadable:
        return False
    return said.agrees

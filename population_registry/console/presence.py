"""Somebody from elsewhere stands at the desk: an e-ID is given at any office, whatever the residence.

Sources: Decree 69/2024/NĐ-CP Art. 11, eid-accounts.md section 3, decision 0022. The officer types what a reader finds
on the card; number, name, birth date, sex and the card itself must all match the record. That opens the page of the
e-ID, in the errands of people who are present, and nothing else of the record. It is no proof of presence (the line
bears no signature): it keeps officers from looking at numbers; proof is what they compare before each act.
"""

from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from population_registry.console import eid
from population_registry.console.comparing import LONGEST, asked, results_of
from population_registry.console.desk import Work, at_desk, render
from population_registry.console.records import person_of
from population_registry.operators.eid_acts import in_person
from population_registry.operators.errands import Errand
from population_registry.operators.officers import Power
from population_registry.operators.policy import Denial, Denied, must_have_errand
from population_registry.papers.asking import read_document
from population_registry.verification.asking import Question
from population_registry.verification.refusals import Refusal, RefusalCode
from web import exchange_of, read_form

MATCH: Final = "match"
UNREADABLE: Final = frozenset({RefusalCode.DOCUMENT_UNREADABLE, RefusalCode.INVALID_REQUEST})


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
        more: dict[str, Any] = {"handle": work.handle(number), "errors": errors, "reason": "", "card": typed}
        return render(request, work, "out_of_area.html", 400, present=True, **more)
    return await eid.opened(request, work, eid.Visit(person, errand, eid.presence(work, person, errand)))


async def _agrees(request: Request, work: Work, errand: Errand, number: str, typed: str) -> bool:
    """Whether the card is this person's in all it says; asked as a verification, so it is logged and limited."""
    console = work.console
    try:
        paper, document = read_document(asked(typed), console.cards.current(), console.clock())
    except Refusal as refused:
        if refused.code not in UNREADABLE:
            raise
        return False
    context = work.context(errand)
    verifiable = console.answering.catalogue.get(context.procedure_code).verifiable
    claims = {name: value for name, value in paper.claims().items() if name in verifiable}
    answer = orjson.loads(
        await console.answering.verify(
            work.caller,
            Question(context, number, claims),
            exchange_of(request).request_id,
            beside={"document": document},
        )
    )
    flags = results_of(answer, same=str(paper.number) == number)
    return all(flag == MATCH for _, flag in flags)

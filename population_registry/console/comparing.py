"""A card that lies on the desk beside the record: its QR line or its machine-readable zone.

Both are help for typing, no proof (personal-id.md section 7); the page says so. Proof is the chip, by the API.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from population_registry.console.desk import Work, at_desk
from population_registry.console.records import reached, shown
from population_registry.operators.officers import Power
from population_registry.papers.asking import read_document
from population_registry.verification.asking import Question
from population_registry.verification.refusals import Refusal, RefusalCode
from web import PageProblem, exchange_of, read_form

LONGEST = 2_000


@at_desk(Power.COMPARE_DOCUMENT, errand=True)
async def compare(request: Request, work: Work) -> Response:
    """POST what a reader typed for the officer; the record again, with a flag for each thing that the card says."""
    form = await read_form(request)
    number, typed = work.number_of(form.text("person")), form.text("card")
    found = await reached(work, Power.COMPARE_DOCUMENT, number)
    if found is None:
        raise PageProblem(404, "not-found")
    person, errand = found
    console = work.console
    try:
        paper, document = read_document(asked(typed), console.cards.current(), console.clock())
    except Refusal as refused:
        if refused.code not in {RefusalCode.DOCUMENT_UNREADABLE, RefusalCode.INVALID_REQUEST}:
            raise
        errors = {"card": "console.card_unreadable"}
        return await shown(request, work, person, errand, status=400, errors=errors, card=typed[:LONGEST])
    verifiable = console.answering.catalogue.get(work.context(errand).procedure_code).verifiable
    claims = {name: value for name, value in paper.claims().items() if name in verifiable}
    answer = orjson.loads(
        await console.answering.verify(
            work.caller,
            Question(work.context(errand), number, claims),
            exchange_of(request).request_id,
            beside={"document": document},
        )
    )
    same = str(paper.number) == str(person.person.number)
    return await shown(request, work, person, errand, compared=results_of(answer, same=same))


def asked(typed: str) -> Mapping[str, Any]:
    """Three lines are a zone, one line is a QR code."""
    lines = [line.strip() for line in typed[:LONGEST].splitlines() if line.strip()]
    return {"mrz": lines} if len(lines) > 1 else {"qr": typed[:LONGEST].strip()}


def results_of(answer: Mapping[str, Any], *, same: bool) -> list[tuple[str, str]]:
    """Field and flag, the number first: a card of somebody else is seen at once."""
    first = ("number", "match" if same else "mismatch")
    return [first, *((name, result["flag"]) for name, result in answer["results"].items())]

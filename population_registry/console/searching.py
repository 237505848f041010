"""Officers' search at the console: fragments of a name, birth years, one household; within the territory, logged."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from population_registry.api.searching import Found, Inquiry
from population_registry.console.desk import Work, at_desk, render
from population_registry.console.party import CLIENT_ID
from population_registry.operators.criteria import read_criteria
from population_registry.operators.officers import Power
from population_registry.operators.policy import must_have_errand
from population_registry.verification.refusals import Refusal, RefusalCode
from web import Form, exchange_of, read_form

LONGEST = 100
"""Letters of a field as typed that are shown again."""
FIELDS = ("name", "from_year", "to_year", "file_number")


def criteria_of(form: Form) -> dict[str, Any]:
    """The criteria as `operators.criteria` reads them; what is not typed is not asked."""
    typed = {name: form.text(name) for name in FIELDS}
    if typed["file_number"]:
        return {"household": {"file_number": typed["file_number"]}}
    first, last = typed["from_year"] or typed["to_year"], typed["to_year"] or typed["from_year"]
    birth: dict[str, Any] = {"birth": {"from": number(first), "to": number(last)}} if first else {}
    return ({"name": typed["name"]} if typed["name"] else {}) | birth


def number(text: str) -> object:
    """A year as a number; anything else is left for the rule to refuse."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len("2026") else text


@at_desk(Power.SEARCH, errand=True)
async def search(request: Request, work: Work) -> Response:
    """POST fragments: a page of people of the territory, each of them with a line in their own log."""
    form = await read_form(request)
    typed = {name: form.text(name)[:LONGEST] for name in FIELDS}
    errand = must_have_errand(work.officer, Power.SEARCH, work.errand)
    try:
        inquiry = Inquiry(
            work.officer,
            CLIENT_ID,
            work.context(errand),
            read_criteria(criteria_of(form)),
            exchange_of(request).request_id,
        )
        found = await work.console.searching.search(inquiry, form.text("cursor") or None)
    except Refusal as refused:
        wrong = "wrong" if refused.code is RefusalCode.INVALID_REQUEST else "too_broad"
        errors = {"name": f"console.search.{wrong}"}
        return render(request, work, "search.html", 400, typed=typed, found=None, people=(), errors=errors)
    return render(request, work, "search.html", typed=typed, found=found, people=_people(work, found))


def _people(work: Work, found: Found) -> list[dict[str, str]]:
    units = work.console.references.places.communes
    shown = []
    for each in found.people:
        homes = [code for _, code, _ in each.places if code in units]
        shown.append(
            {
                "name": each.name.full,
                "number": each.number,
                "born": "/".join(reversed(each.birth.split("-"))),
                "home": units[homes[0]].name if homes else "",
                "handle": work.handle(each.number),
            }
        )
    return shown

"""``/account/history/report``: telling that a look at one's data should not have been."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.authentication import own_records
from idp.authentication.begin import SignedInPerson
from idp.authentication.own_records import Enough, MisuseReport
from idp.domain import paths
from idp.pages.account import own_act_form, render_section
from idp.pages.history import HISTORY, PROVIDER, REPORT, Place, joint_page, read_place, rows_in_words
from idp.pages.visit import browser_of, go, page, services_of, signed_in
from idp.shell import Services

LONGEST_REFERENCE: Final = 64


def routes() -> list[Route]:
    """Every page of this part."""
    return [page(REPORT, show_report), page(REPORT, post_report, "POST")]


async def show_report(request: Request) -> Response:
    """What is wrong with one entry."""
    person = await signed_in(request)
    if person is None:
        return go(paths.SIGN_IN)
    source, reference = _named(request.query_params)
    if not reference:
        return go(HISTORY)
    return await _report_page(request, person, source, reference, request.query_params.get("c", ""))


async def post_report(request: Request) -> Response:
    """Keep the report; saying it twice is saying it once."""
    form = await own_act_form(request)
    person = await signed_in(request)
    if person is None:
        return go(paths.SIGN_IN)
    source, reference = _named(form)
    said = " ".join(form.text("said").split())
    services, account_id = services_of(request), person.account.account_id
    if not reference:
        return go(HISTORY)
    if not said:
        return await _report_page(request, person, source, reference, form.text("c"), "report.said.missing")
    if source == PROVIDER and not await _is_mine(services, account_id, reference):
        return go(HISTORY)
    if all(
        (each.source, each.reference) != (source, reference)
        for each in await services.own.reports(account_id)
    ):
        act = MisuseReport(browser_of(request).session, account_id, source, reference, said)
        outcome = await services.loop.run(act, act.needs, own_records.report)
        if isinstance(outcome, Enough):
            return await _report_page(request, person, source, reference, form.text("c"), "report.enough")
    return go(f"{HISTORY}?done=reported")


async def _is_mine(services: Services, account_id: str, reference: str) -> bool:
    """Whether the row of our log that is reported is about this person (attack 49)."""
    found = await services.records.history(account_id, limit=1, before=int(reference) + 1)
    return bool(found) and found[0].seq == int(reference)


def _named(values: Mapping[str, str]) -> tuple[str, str]:
    """Source and reference of an entry; an empty reference for what cannot be one."""
    source, reference = values.get("source", ""), values.get("reference", "")[:LONGEST_REFERENCE]
    plain = reference.isascii() and reference.replace("-", "").isalnum()
    if source not in own_records.SOURCES or not plain:
        return "", ""
    if source == PROVIDER and not (reference.isdecimal() and len(reference) < len(str(2**62))):
        return "", ""
    return source, reference


async def _report_page(
    request: Request, person: SignedInPerson, source: str, reference: str, at: str, problem: str = ""
) -> Response:
    """The question, beside the entry that it is about where that stands on the page of the log named by ``at``."""
    services, place = services_of(request), read_place(at)
    texts = services.pages.texts_for(request)
    found = await joint_page(services, person, place)
    rows = await rows_in_words(services, found.rows, texts)
    here = "" if place == Place() else place.text()
    return render_section(
        request,
        "account_report.html",
        person,
        status=422 if problem else 200,
        action=REPORT,
        back_path=HISTORY + (f"?c={here}" if here else ""),
        source=source,
        reference=reference,
        here=here,
        row=next((row for row in rows if (row["source"], row["reference"]) == (source, reference)), None),
        longest=own_records.LONGEST_WORDS,
        errors={"said": texts.t(problem)} if problem else {},
    )

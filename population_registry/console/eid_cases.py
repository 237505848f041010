"""Requests to lock or unlock an e-ID: forwarded by the police, decided by the centre, never by who asked."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from population_registry.console.desk import HOME, Work, at_desk, render
from population_registry.console.eid_office import ActRefused
from population_registry.operators.officers import Power, covers
from population_registry.storage import load_facts
from web import PageProblem, read_form

PATH: Final = f"{HOME}/eid-cases"
ACTS: Final[Mapping[str, Power]] = {
    "forward": Power.REQUEST_LOCK,
    "approve": Power.DECIDE_LOCK,
    "reject": Power.DECIDE_LOCK,
}


@at_desk(Power.REQUEST_LOCK)
async def listed(request: Request, work: Work) -> Response:
    """What waits in the officer's territory; the centre sees the country."""
    return await _page(request, work)


@at_desk(Power.REQUEST_LOCK)
async def act(request: Request, work: Work) -> Response:
    """POST forward, approve or reject on one request that this officer's list shows."""
    form = await read_form(request)
    wanted, case_id = form.text("act"), form.text("case_id")
    try:
        found = next((each for each in await waiting(work) if each["case_id"] == case_id), None)
        if found is None:
            raise PageProblem(404, "not-found")
        if wanted not in allowed(work, found):
            raise PageProblem(400, "bad-request")
        await work.console.eid.done(work, wanted, case_id=case_id, case=found["case"] or "TK03")
    except ActRefused as refused:
        return await _page(request, work, 409, refused=refused.code)
    return RedirectResponse(PATH, 303)


async def waiting(work: Work) -> list[dict[str, Any]]:
    """The open requests about people of the territory. Raises ActRefused."""
    answer = await work.console.eid.done(work, "queue")
    found = [dict(each) for each in answer.get("cases", ())]
    if not found:
        return []
    async with work.console.database.pool() as pool:
        facts = await load_facts(pool, [str(each["number"]) for each in found])
    visible = []
    for each in found:
        person = facts.get(str(each["number"]))
        own = person is not None and person.person.person_id == work.person_id
        places = () if person is None else work.console.places_of(person)
        if covers(work.officer, places) and not own:
            visible.append(each)
    return visible


def allowed(work: Work, case: Mapping[str, Any]) -> tuple[str, ...]:
    """What this officer may do with a request now; the provider judges it again."""
    if case["state"] == "requested":
        return ("forward",)
    if case["state"] == "forwarded" and Power.DECIDE_LOCK in work.officer.powers and not case["mine"]:
        return ("approve", "reject")
    return ()


async def _page(request: Request, work: Work, status: int = 200, *, refused: str = "") -> Response:
    try:
        found = await waiting(work)
    except ActRefused as why:
        found, refused = [], refused or why.code
    rows = [{**each, "acts": allowed(work, each)} for each in found]
    return render(request, work, "eid_cases.html", status, cases=rows, refused=refused)

"""Dossiers to decide: the queue of the officer's agency and territory, one dossier with its checks, the acts.

A dossier is its own errand: purpose and case are those of the dossier. What may be done, and what is written, is the
engine's to say (`api.dossiers`); the console adds whose agency and territory it is: the police see residence and
identity, an insurer's officers insurance, and neither the other's.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, get_args

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from population_registry.api.dossiers import acting, linking, officiating
from population_registry.api.dossiers.authority import DECIDES, SCOPE_DECIDE
from population_registry.api.dossiers.models import ActRequest
from population_registry.console.dates import DATE_PARTS, day_of
from population_registry.console.desk import HOME, Work, at_desk, render
from population_registry.domain import Part
from population_registry.dossiers import Dossier, DossierRefused, DossierState, Form
from population_registry.dossiers.apologising import APOLOGISE, appointed_of, owes_apology
from population_registry.dossiers.terms import punctuality
from population_registry.operators.officers import Officer, Place, covers
from population_registry.operators.policy import Denial, Denied
from population_registry.papers.notices import TITLES
from population_registry.procedures.catalogue import PROCEDURES
from population_registry.storage import load_facts
from population_registry.storage.dossiers import read_dossier, read_queue
from population_registry.storage.loading import numbers_of
from population_registry.verification.asking import Caller
from population_registry.verification.refusals import Refusal
from web import PageProblem, exchange_of, read_form
from web.formatting import format_personal_number

S = DossierState
REASON_LENGTH: Final = range(5, 1_001)
"""A citizen reads it, so the least is a little more than what the API asks of a system."""
VERSION_DIGITS: Final = 6
OPEN: Final = (
    S.SUBMITTED,
    S.RECEIVED,
    S.PROCESSING,
    S.SUPPLEMENT_WANTED,
    S.FEE_DUE,
    S.WITHDRAWAL_ASKED,
    S.DONE,
)
ACTS: Final[Mapping[DossierState, tuple[str, ...]]] = {
    S.SUBMITTED: ("receive", "refuse_intake"),
    S.RECEIVED: ("approve", "ask_supplement", "refuse"),
    S.PROCESSING: ("approve", "ask_supplement", "refuse"),
    S.SUPPLEMENT_WANTED: ("stop",),
    S.FEE_DUE: ("stop",),
    S.WITHDRAWAL_ASKED: ("stop",),
    S.DONE: ("return_result",),
}
"""What an officer may do in each state; the engine has the last word."""
WITH_REASON: Final = frozenset({"refuse_intake", "ask_supplement", "refuse", "stop", APOLOGISE})
MOST_SHOWN: Final = 100
PRINTED: Final = frozenset(form.value for form in TITLES)
"""Forms that can be had as a file (`dossier_papers`)."""
KNOWN_ACTS: Final = frozenset(get_args(ActRequest.model_fields["act"].annotation))


def agencies_of(officer: Officer) -> tuple[str, ...]:
    """For which agencies the officer decides: those of the police, or the insurer. Raises Denied for nobody."""
    found = tuple(agency for agency, power in DECIDES.items() if power in officer.powers)
    if not found:
        raise Denied(Denial.NO_POWER)
    return found


def communes_of(work: Work) -> list[str] | None:
    """The communes of the officer's territory; None for the whole country, with what lies in no commune."""
    if covers(work.officer, ()):
        return None
    units = work.console.references.places.communes
    return [code for code, unit in units.items() if covers(work.officer, (Place(code, unit.above),))]


def caller_of(work: Work) -> Caller:
    """The officer, as the engine judges who acts: for their own agency."""
    return replace(work.caller, scopes=frozenset({SCOPE_DECIDE}), agency_code=agencies_of(work.officer)[0])


async def dossier_of(work: Work, code: str) -> Dossier:
    """The dossier, when it is this officer's to work on.

    Raises:
        Denied: another agency, another territory, or the officer's own case. PageProblem: 404.
    """
    agencies = agencies_of(work.officer)
    async with work.console.database.pool() as pool:
        found = await read_dossier(pool, code)
    if found is None:
        raise PageProblem(404, "not-found")
    if work.person_id in {found.applicant_id, *found.subject_ids}:
        raise Denied(Denial.OWN_RECORD)
    procedure = PROCEDURES.get(found.procedure_code)
    if procedure is not None and procedure.code_agency not in agencies:
        raise Denied(Denial.OTHER_AGENCY)
    unit = work.console.references.places.communes.get(found.commune_code or "")
    if not covers(work.officer, () if unit is None else (Place(unit.code, unit.above),)):
        raise Denied(Denial.OUT_OF_AREA)
    return found


@at_desk()
async def queue(request: Request, work: Work) -> Response:
    """What is open in the territory, those due first."""
    agencies = agencies_of(work.officer)
    procedures = [code for code, each in PROCEDURES.items() if each.code_agency in agencies]
    async with work.console.database.pool() as pool:
        found = await read_queue(pool, communes_of(work), procedures, OPEN, limit=MOST_SHOWN)
    now = work.console.clock()
    return render(request, work, "dossiers.html", dossiers=[_line(each, now) for each in found])


def _line(dossier: Dossier, now: datetime) -> dict[str, Any]:
    return {
        "code": dossier.code,
        "procedure": dossier.procedure_code,
        "state": dossier.state.value,
        "due_on": dossier.due_on,
        "punctuality": punctuality(dossier.history, dossier.term, now).value,
        "owes_apology": owes_apology(dossier, now),
    }


@at_desk()
async def show(request: Request, work: Work) -> Response:
    """One dossier with the checks of this moment; the applicant finds the look in their log."""
    return await shown(request, work, request.path_params["code"])


async def shown(request: Request, work: Work, code: str, status: int = 200, **more: Any) -> Response:
    """The page of a dossier, with what was typed."""
    dossier = await dossier_of(work, code)
    document = await acting.read(
        work.console.desk,
        caller_of(work),
        code,
        work.officer.officer_id,
        exchange_of(request).request_id,
    )
    applicant = await _named(work, dossier.applicant_id)
    more = {"reason": "", "chosen": "", "refused": "", "appointed": {}, **more}
    owed = owes_apology(dossier, work.console.clock())
    acts = (*((APOLOGISE,) if owed else ()), *ACTS.get(dossier.state, ()))
    return render(
        request,
        work,
        "dossier.html",
        status,
        dossier=document,
        applicant=applicant,
        acts=acts,
        owed=owed,
        promised=appointed_of(dossier),
        printed=PRINTED | ({Form.CONFIRMATION.value} if "confirmation_id" in dossier.result else set()),
        **more,
    )


async def _named(work: Work, person_id: int) -> str:
    """Whose dossier it is, by name and number; that it was read stands in their log already."""
    async with work.console.database.pool() as pool:
        found = await load_facts(pool, await numbers_of(pool, [person_id]), parts=Part.NONE)
    if found.subject is None:
        return "–"
    person = found.subject.person
    return f"{person.name.full}, {format_personal_number(str(person.number))}"


@at_desk()
async def act(request: Request, work: Work) -> Response:
    """POST an act on the version that the officer saw; a mistake brings the page back with what was typed."""
    form, code = await read_form(request), request.path_params["code"]
    await dossier_of(work, code)
    wanted, reason, version = form.text("act"), form.text("reason"), form.text("version")
    appointed = {part: form.text(f"appointed_{part}")[:4] for part in DATE_PARTS}
    typed: dict[str, Any] = {"reason": reason[:2_000], "chosen": wanted, "appointed": appointed}
    if wanted not in KNOWN_ACTS or not (
        version.isascii() and version.isdecimal() and len(version) <= VERSION_DIGITS
    ):
        errors = {"act": "console.act.choose"}
        return await shown(request, work, code, 400, errors=errors, **typed)
    if wanted in WITH_REASON and len(reason) not in REASON_LENGTH:
        errors = {"reason": "console.act.reason.wrong"}
        return await shown(request, work, code, 400, errors=errors, **typed)
    promised = day_of(appointed) if wanted == APOLOGISE else None
    if wanted == APOLOGISE and promised is None:
        errors = {"appointed": "console.act.appointed.wrong"}
        return await shown(request, work, code, 400, errors=errors, **typed)
    asked = ActRequest.model_validate(
        {
            "act": wanted,
            "officer": work.officer.officer_id,
            "version": int(version),
            "reason": reason or None,
            "confirmed": list(form.all("confirmed")),
            "appointed_on": promised,
        }
    )
    try:
        await officiating.officer_act(
            work.console.desk, caller_of(work), code, asked, exchange_of(request).request_id
        )
    except (DossierRefused, Refusal) as refused:
        return await shown(request, work, code, 409, refused=f"problem.{refused.code.value}.title", **typed)
    await linking.follow(work.console.desk, code)
    return RedirectResponse(f"{HOME}/dossiers/{code}", 303)

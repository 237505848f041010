"""Cards, numbers and status at the desk: what can be done, its checks laid out, its effect, then the act itself.

What only carries out an order is done at once; everything else waits for a second officer (`requests`), who sees the
checks of that moment and approves or rejects. Done is always the procedure of the engine, in the decider's name.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from population_registry.api.dossiers import filing
from population_registry.api.dossiers.models import FileRequest
from population_registry.console.desk import HOME, Work, at_desk
from population_registry.console.dossiers import caller_of
from population_registry.console.identity_orders import (
    NOTHING,
    Order,
    card_of,
    offered,
    order_in,
    typed_of,
    wrong,
)
from population_registry.console.records import reached, shown
from population_registry.console.second_officer import ask_second
from population_registry.domain import PersonFacts
from population_registry.dossiers import Check, CheckFlag, DossierRefused, DossierState, Filing, overall
from population_registry.dossiers.deciding import all_checks
from population_registry.operators.errands import Errand, Purpose
from population_registry.operators.four_eyes import FourEyesRequest, RequestKind
from population_registry.operators.identity_acts import IdentityAct
from population_registry.operators.officers import Place, Power, covers
from population_registry.operators.policy import Denial, Denied
from population_registry.procedures.catalogue import PROCEDURES
from population_registry.procedures.identity_people import commune_of
from population_registry.storage import Connection
from population_registry.storage.transactions import transaction
from web import Form, PageProblem, exchange_of, read_form

FIELDS: Final = frozenset({"number", "name", "birth_date", "sex", "status", "card"})


@at_desk(Power.ACT_ON_IDENTITY, errand=True)
async def look(request: Request, work: Work) -> Response:
    """POST a handle: the card, the record's state, and what can be done; an order that is mended comes along."""
    form = await read_form(request)
    person, errand = await _reached(work, form)
    return await _choosing(request, work, person, errand, typed=typed_of(form))


Ordering = Callable[[Request, Work, Order], Awaitable[Response]]


def ordered(handler: Ordering) -> Any:
    """A page that is sent an order: what cannot be read comes back with its mistakes, before anything is judged."""

    @at_desk(Power.ACT_ON_IDENTITY, errand=True)
    @wraps(handler)
    async def answered(request: Request, work: Work) -> Response:
        form = await read_form(request)
        person, errand = await _reached(work, form)
        typed = typed_of(form)
        errors = wrong(typed, person, work.console.references.places.provinces)
        if errors:
            return await _choosing(request, work, person, errand, status=400, errors=errors, typed=typed)
        return await handler(request, work, Order(person, errand, typed))

    return answered


@ordered
async def check(request: Request, work: Work, order: Order) -> Response:
    """POST what shall be done, on which ground and decision: the checks of now and the effect, nothing written."""
    return await _laid_out(request, work, order)


@ordered
async def act(request: Request, work: Work, order: Order) -> Response:
    """POST what was laid out: done at once, or left to a second officer."""
    person, errand, wanted, inputs = order.person, order.errand, order.wanted, order.inputs
    if any(each.flag is CheckFlag.FAIL for each in await checks_of(work, person, wanted, inputs)):
        return await _laid_out(request, work, order, status=409)
    if not wanted.alone:
        content = {"act": wanted.key, "inputs": inputs, "reason": inputs["decision"]}
        return await ask_second(work, RequestKind.IDENTITY_ACT, person, errand, content)
    async with work.console.database.pool() as pool, transaction(pool) as connection:
        code = await carried_out(
            request, work, connection, person, errand, wanted, inputs, work.officer.officer_id
        )
    return RedirectResponse(f"{HOME}/dossiers/{code}", 303)


async def examined(request: Request, work: Work, asked: FourEyesRequest, person: PersonFacts) -> Response:
    """The checks of now for the second officer; the person finds the look in their log."""
    wanted, inputs = order_in(asked)
    return await shown(
        request,
        work,
        person,
        asked.errand,
        template="identity_check.html",
        only=FIELDS,
        **await _order(work, person, wanted, inputs),
        asked=asked,
    )


async def approved(
    request: Request, work: Work, connection: Connection, after: FourEyesRequest, person: PersonFacts
) -> str:
    """The approved act, in the transaction of the approval; the code of its dossier. Raises Denied."""
    wanted, inputs = order_in(after)
    return await carried_out(
        request, work, connection, person, after.errand, wanted, inputs, after.officer_id
    )


async def carried_out(
    request: Request,
    work: Work,
    connection: Connection,
    person: PersonFacts,
    errand: Errand,
    wanted: IdentityAct,
    inputs: Mapping[str, str],
    asker: str,
) -> str:
    """File the procedure in this officer's name; a number's dossier is then decided by the centre on its own page.

    Raises:
        Denied: `expired`, a check fails by now, so that nothing is done; `other_request`, the engine refuses.
    """
    procedure = PROCEDURES[wanted.procedure]
    body = FileRequest.model_validate(
        {
            "procedure_code": wanted.procedure,
            "purpose": f"{procedure.name_vi}, vụ việc {errand.case}, cán bộ đề nghị {asker}",
            "filing": wanted.filing,
            "applicant": {"number": str(person.person.number)},
            "officer": work.officer.officer_id,
            "inputs": dict(inputs),
        }
    )
    try:
        done = orjson.loads(
            await filing.file_within(
                work.console.desk, connection, caller_of(work), body, exchange_of(request).request_id
            )
        )
    except DossierRefused as refused:
        raise Denied(Denial.REFUSED) from refused
    if procedure.automatic and done["state"] != DossierState.RETURNED.value:
        raise Denied(Denial.EXPIRED)
    return str(done["dossier_code"])


async def checks_of(
    work: Work, person: PersonFacts, wanted: IdentityAct, inputs: Mapping[str, str]
) -> tuple[Check, ...]:
    """What the procedure says of it on the facts of this moment."""
    desk, procedure = work.console.desk, PROCEDURES[wanted.procedure]
    async with desk.database.pool() as pool, transaction(pool) as connection:
        case = await desk.case(
            connection,
            procedure,
            procedure.read(dict(inputs)),
            applicant=str(person.person.number),
            filing=Filing(wanted.filing),
            now=desk.clock(),
        )
    if case is None:
        raise PageProblem(404, "not-found")
    return all_checks(procedure, case)


async def _reached(work: Work, form: Form) -> tuple[PersonFacts, Errand]:
    if work.errand is None or work.errand.purpose is not Purpose.IDENTITY_ACTS:
        raise Denied(Denial.NO_ERRAND)
    found = await reached(work, Power.ACT_ON_IDENTITY, work.number_of(form.text("person")))
    if found is None:
        raise PageProblem(404, "not-found")
    unit = work.console.references.places.communes.get(commune_of(found[0]) or "")
    if not covers(work.officer, () if unit is None else (Place(unit.code, unit.above),)):
        raise Denied(Denial.OTHER_OFFICE)
    return found


async def _order(
    work: Work, person: PersonFacts, wanted: IdentityAct, inputs: Mapping[str, str]
) -> dict[str, Any]:
    """What both officers are shown of it."""
    checks = await checks_of(work, person, wanted, inputs)
    return {
        "wanted": wanted,
        "inputs": inputs,
        "checks": checks,
        "fails": overall(checks) is CheckFlag.FAIL,
        "law": PROCEDURES[wanted.procedure].legal_basis,
        "province": work.console.references.places.provinces.get(inputs.get("province", "")),
    }


async def _choosing(
    request: Request, work: Work, person: PersonFacts, errand: Errand, *, status: int = 200, **more: Any
) -> Response:
    more = {"typed": NOTHING, **more}
    return await shown(
        request,
        work,
        person,
        errand,
        template="identity.html",
        only=FIELDS,
        status=status,
        newest=card_of(person),
        offers=offered(person),
        provinces=work.console.references.places.provinces.values(),
        **more,
    )


async def _laid_out(request: Request, work: Work, order: Order, *, status: int = 200) -> Response:
    return await shown(
        request,
        work,
        order.person,
        order.errand,
        template="identity_check.html",
        only=FIELDS,
        status=status,
        typed=order.typed,
        asked=None,
        **await _order(work, order.person, order.wanted, order.inputs),
    )

"""``/account/dependants``: for whom the registry names me as parent or guardian, and until which birthday."""

import binascii
from datetime import UTC, date, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.accounts.holding import (
    acts_until,
    dependant_of,
    may_represent,
    may_use_account_of,
    represents_until,
)
from idp.authentication import own_records
from idp.authentication.begin import SignedInPerson
from idp.authentication.own_records import Enough, NameDependant, OwnRecordAct
from idp.authentication.personal_number import read_personal_number
from idp.domain import paths
from idp.domain.assurance import reached
from idp.pages.account import own_act_form, render_section
from idp.pages.device import prove
from idp.pages.visit import browser_of, go, page, services_of, signed_in
from idp.ports import KnownDependant, Person
from web import Form
from web.formatting import VIETNAM, mask_personal_number

FORGET: Final = paths.DEPENDANTS + "/forget"
TWO_FACTORS: Final = 2
LONGEST_NAME: Final = 100
FIRST_YEAR: Final = 1900
DONE: Final = frozenset({"added", "forgotten"})


def routes() -> list[Route]:
    """Every page of this part."""
    return [
        page(paths.DEPENDANTS, show_dependants),
        page(paths.DEPENDANTS, post_dependants, "POST"),
        page(FORGET, post_forget, "POST"),
    ]


async def show_dependants(request: Request) -> Response:
    """Everybody I act for, with the day on which that ends by itself."""
    person = await signed_in(request)
    if person is None:
        return await prove(request, paths.DEPENDANTS, TWO_FACTORS)
    return await _page(request, person)


async def post_dependants(request: Request) -> Response:
    """Ask the registry whether I am parent or guardian of somebody, and keep its yes."""
    form = await own_act_form(request)
    person = await signed_in(request)
    if person is None:
        return await prove(request, paths.DEPENDANTS, TWO_FACTORS)
    level = reached(person.account.level, person.session.amr)
    if level.authentication_level < TWO_FACTORS:
        return await prove(request, paths.DEPENDANTS, TWO_FACTORS)
    texts = services_of(request).pages.texts_for(request)
    asked, mistakes = read(form)
    if asked is None:
        return await _page(request, person, form, {name: texts.t(key) for name, key in mistakes.items()})
    problem = await _confirmed(request, person, asked, level.acr)
    if problem:
        return await _page(request, person, form, {"": texts.t(problem)})
    return go(f"{paths.DEPENDANTS}?done=added")


async def post_forget(request: Request) -> Response:
    """Show somebody no more."""
    form = await own_act_form(request)
    person = await signed_in(request)
    if person is None:
        return await prove(request, paths.DEPENDANTS, TWO_FACTORS)
    try:
        reference = bytes.fromhex(form.text("reference"))
    except (ValueError, binascii.Error):
        return go(paths.DEPENDANTS)
    services, account_id = services_of(request), person.account.account_id
    if all(each.reference != reference for each in await services.own.dependants(account_id)):
        return go(paths.DEPENDANTS)
    act = NameDependant(browser_of(request).session, account_id, reference)
    await services.loop.run(act, act.needs, own_records.forget_dependant)
    return go(f"{paths.DEPENDANTS}?done=forgotten")


async def _confirmed(request: Request, person: SignedInPerson, asked: Person, acr: str) -> str:
    """Ask and keep; the text id of what stands in the way, or empty."""
    services, account = services_of(request), person.account
    if account.level < TWO_FACTORS:
        return "dependants.level"
    count = OwnRecordAct(browser_of(request).session, account.account_id)
    if isinstance(await services.loop.run(count, count.needs, own_records.may_ask), Enough):
        return "dependants.too_often"
    relation = await services.registry.relation(account.personal_number, acr, asked)
    if relation is None:
        return "dependants.not_known"
    known = await services.own.dependants(account.account_id)
    act = NameDependant(
        count.digest,
        account.account_id,
        services.own.reference(account.account_id, asked.number),
        asked.number,
        asked.name,
        asked.born,
        relation,
        len(known),
    )
    outcome = await services.loop.run(act, act.needs, own_records.name_dependant)
    return "dependants.enough" if isinstance(outcome, Enough) else ""


def read(form: Form) -> tuple[Person | None, dict[str, str]]:
    """Number, name and birth date as typed; or what is wrong with each."""
    mistakes = {}
    number = read_personal_number(form.text("number"))
    if number is None:
        mistakes["number"] = "signin.number.malformed"
    name = " ".join(form.text("name").split())[:LONGEST_NAME]
    if not name:
        mistakes["name"] = "dependants.name.missing"
    born = read_birth_date(form)
    if born is None:
        mistakes["born"] = "dependants.born.malformed"
    if number is None or born is None or mistakes:
        return None, mistakes
    return Person(number, name, born.isoformat()), {}


def read_birth_date(form: Form) -> date | None:
    """The day of three fields, when there is such a day."""
    try:
        parts = [int(form.text(f"born_{part}")[:4]) for part in ("year", "month", "day")]
        found = date(*parts)
    except (ValueError, OverflowError):
        return None
    return found if found.year >= FIRST_YEAR else None


async def _page(
    request: Request, person: SignedInPerson, form: Form | None = None, errors: dict[str, str] | None = None
) -> Response:
    services = services_of(request)
    known = await services.own.dependants(person.account.account_id)
    today = datetime.fromtimestamp(person.now, VIETNAM).date()
    typed = form or Form()
    said = request.query_params.get("done", "")
    return render_section(
        request,
        "account_dependants.html",
        person,
        status=422 if errors else 200,
        cards=[_card(each, today) for each in known],
        typed={
            "number": typed.text("number")[:32],
            "name": typed.text("name")[:LONGEST_NAME],
            "born": {part: typed.text(f"born_{part}")[:4] for part in ("day", "month", "year")},
        },
        action=paths.DEPENDANTS,
        forget_path=FORGET,
        errors=errors or {},
        done=said if said in DONE else "",
    )


def _card(known: KnownDependant, today: date) -> dict[str, object]:
    """What the clock says today: nothing that was agreed outlives a birthday (attack 52)."""
    who = known.person
    born = date.fromisoformat(who.born)
    dependant = dependant_of(who.number, who.name, born, known.relation, today)
    return {
        "reference": known.reference.hex(),
        "name": who.name,
        "number": mask_personal_number(who.number),
        "relation": known.relation,
        "account_until": acts_until(dependant),
        "represents_until": represents_until(dependant),
        "account": may_use_account_of(dependant, today),
        "represents": may_represent(dependant, today),
        "confirmed": datetime.fromtimestamp(known.confirmed_at, UTC),
    }

"""Somebody's e-ID at the desk: how it stands, level 2 in person, activation, recovery, contacts, locks.

The registry writes down what was compared before the provider is asked (`eid_act`); the provider writes the act with
officer and case into the person's own history. Who the person is was logged as a look when the page opened.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from population_registry.console.desk import Work, at_desk
from population_registry.console.eid_office import ActRefused
from population_registry.console.records import person_of, reached, shown
from population_registry.domain import PersonFacts
from population_registry.operators.eid_acts import (
    ASKED_REASONS,
    NEEDS_REPRESENTATIVE,
    Compared,
    EidAct,
    NotCompared,
    Standing,
    concerned,
    in_person,
    liftable,
    must_be_compared,
    offered,
    power_of,
)
from population_registry.operators.errands import Errand
from population_registry.operators.policy import Denial, Denied, must_have_errand
from population_registry.storage import eid_acts
from web import Form, PageProblem, read_form
from web.qr_codes import qr_code

EMAIL: Final = re.compile(r"\A[^@\s]{1,64}@[^@\s]{1,180}\Z")
PHONE: Final = re.compile(r"\A(?:\+84|0)[0-9]{9,10}\Z", re.ASCII)
LONGEST: Final = 254
WITH_CONTACTS: Final = frozenset({EidAct.ISSUE, EidAct.CONTACT})
FIELDS: Final = frozenset({"number", "name", "birth_date", "sex", "status", "card"})
"""All that the page of an e-ID shows of the record."""
FAILED: Final = "failed"
UNKNOWN: Final = Standing("unknown")
"""The provider did not say; nothing is offered."""
Known = tuple[Standing, tuple[Mapping[str, Any], ...]]


@dataclass(frozen=True, slots=True)
class Visit:
    """Whom the desk deals with and why; ``present`` is sealed where somebody from elsewhere showed their card."""

    person: PersonFacts
    errand: Errand
    present: str = ""


@at_desk(errand=True)
async def look(request: Request, work: Work) -> Response:
    """POST a handle: how the account stands, and what can be done in this errand."""
    return await opened(request, work, await _reached(work, await read_form(request)))


async def opened(request: Request, work: Work, visit: Visit) -> Response:
    """The page of the e-ID, as the account stands now."""
    try:
        known = await standing_of(work, visit.person, visit.errand)
    except ActRefused as refused:
        return await _page(request, work, visit, (UNKNOWN, ()), status=409, refused=refused.code)
    return await _page(request, work, visit, known)


@at_desk(errand=True)
async def act(request: Request, work: Work) -> Response:
    """POST an act: written down, asked of the provider, answered on the same page; a link is shown this once."""
    form = await read_form(request)
    visit = await _reached(work, form)
    person, errand = visit.person, visit.errand
    try:
        known = await standing_of(work, person, errand)
    except ActRefused as refused:
        return await _page(request, work, visit, (UNKNOWN, ()), status=409, refused=refused.code)
    standing, cases = known
    typed = typed_of(form)
    wanted = next((each for each in EidAct if each.value == typed["act"]), None)
    if wanted is None or wanted not in offered(standing, errand.purpose, work.officer):
        errors = {"act": "console.eid.choose"}
    else:
        errors = _wrong(wanted, form, typed, standing, person, work)
    if errors or wanted is None:
        return await _page(request, work, visit, known, status=400, errors=errors, typed=typed)
    members = _members(wanted, typed, person, errand)
    entry = uuid4()
    async with work.console.database.pool() as pool:
        await eid_acts.write(
            pool,
            eid_acts.EidActRecord(
                entry_id=entry,
                at=work.console.clock(),
                officer_id=work.officer.officer_id,
                agency=work.officer.agency,
                subject_id=person.person.person_id,
                errand=errand,
                act=wanted,
                compared=tuple(sorted(form.all("compared"))),
            ),
        )
    try:
        done = await work.console.eid.done(work, **members)
    except ActRefused as refused:
        await _ended(work, entry, refused.code)
        return await _page(request, work, visit, known, status=409, refused=refused.code, typed=typed)
    except PageProblem:
        await _ended(work, entry, FAILED)
        raise
    await _ended(work, entry, "done")
    link = str(done.get("link", ""))
    return await _page(
        request,
        work,
        visit,
        (after(standing, done), (done, *cases) if "case_id" in done else cases),
        done=wanted.value,
        raised=wanted is EidAct.ISSUE and standing.status is not None,
        mailed=bool(done.get("mailed")),
        link=link,
        picture=qr_code(link) if link else None,
    )


async def _ended(work: Work, entry: Any, outcome: str) -> None:
    async with work.console.database.pool() as pool:
        await eid_acts.end(pool, entry, outcome, work.console.clock())


async def _reached(work: Work, form: Form) -> Visit:
    """Whom the form is about. Raises Denied, and PageProblem 400, 404."""
    if work.errand is None or not concerned(work.errand.purpose):
        raise Denied(Denial.NO_ERRAND)
    power, number = power_of(work.errand.purpose), work.number_of(form.text("person"))
    errand = must_have_errand(work.officer, power, work.errand)
    present = form.text("present")
    if present and in_person(errand.purpose):
        person = await person_of(work, number)
        if person is not None and person.person.person_id == work.person_id:
            raise Denied(Denial.OWN_RECORD)
        if person is not None and _shown_before(work, present, number, errand):
            return Visit(person, errand, present)
    found = await reached(work, power, number)
    if found is None:
        raise PageProblem(404, "not-found")
    return Visit(*found)


def presence(work: Work, person: PersonFacts, errand: Errand) -> str:
    """That this person's card was shown in this errand; readable by nobody outside, good for this sign-in alone."""
    text = f"{person.person.number} {errand.purpose.value} {errand.case}"
    return work.console.sealer("presence").seal(text.encode(), work.session.digest.hex()).hex()


def _shown_before(work: Work, present: str, number: str, errand: Errand) -> bool:
    try:
        sealed = work.console.sealer("presence").open(bytes.fromhex(present), work.session.digest.hex())
    except ValueError:  # SealBroken is one
        raise PageProblem(400, "bad-request") from None
    return sealed.decode() == f"{number} {errand.purpose.value} {errand.case}"


async def standing_of(work: Work, person: PersonFacts, errand: Errand) -> Known:
    """How the account stands at the provider, and the requests about it. Raises ActRefused but for no account."""
    try:
        found = await work.console.eid.done(
            work, act="look", number=str(person.person.number), case=errand.case
        )
    except ActRefused as refused:
        if refused.code != "no_account":
            raise
        return Standing(None), ()
    reasons = frozenset(map(str, found.get("lock_reasons", ())))
    return Standing(str(found["status"]), int(found["level"]), reasons), tuple(found.get("cases", ()))


def typed_of(form: Form) -> dict[str, Any]:
    """What was typed, bounded."""
    texts = {name: form.text(name).strip()[:LONGEST] for name in ("act", "email", "phone", "reason")}
    return {**texts, "compared": tuple(form.all("compared"))[: len(Compared)]}


def _wrong(
    wanted: EidAct, form: Form, typed: Mapping[str, Any], standing: Standing, person: PersonFacts, work: Work
) -> dict[str, str]:
    errors: dict[str, str] = {}
    stated = {each for each in Compared if each.value in form.all("compared")}
    born = person.person.birth
    child = not born.certainly_reached(NEEDS_REPRESENTATIVE, work.console.clock().date())
    try:
        must_be_compared(wanted, stated, 0 if child else NEEDS_REPRESENTATIVE)
    except NotCompared:
        errors["compared"] = "console.eid.compared.missing"
    if wanted in WITH_CONTACTS:
        if typed["email"] and EMAIL.match(typed["email"]) is None:
            errors["email"] = "console.eid.email.wrong"
        if wanted is EidAct.ISSUE and standing.status is not None and not typed["email"]:
            errors["email"] = "console.eid.email.needed"
        if typed["phone"] and PHONE.match(typed["phone"]) is None:
            errors["phone"] = "console.eid.phone.wrong"
        if wanted is EidAct.CONTACT and not (typed["email"] or typed["phone"]):
            errors["email"] = "console.eid.contact.none"
    if wanted is EidAct.REQUEST_LOCK and typed["reason"] not in ASKED_REASONS:
        errors["reason"] = "console.eid.reason.choose"
    if wanted is EidAct.REQUEST_UNLOCK and typed["reason"] not in liftable(standing):
        errors["reason"] = "console.eid.reason.choose"
    return errors


def _members(wanted: EidAct, typed: Mapping[str, Any], person: PersonFacts, errand: Errand) -> dict[str, str]:
    """The order as the provider reads it."""
    base = {"act": wanted.value, "number": str(person.person.number), "case": errand.case}
    if wanted in {EidAct.REQUEST_LOCK, EidAct.REQUEST_UNLOCK}:
        kind = "lock" if wanted is EidAct.REQUEST_LOCK else "unlock"
        return {**base, "act": "request", "kind": kind, "reason": typed["reason"]}
    if wanted in WITH_CONTACTS:
        phone = typed["phone"]
        phone = f"+84{phone[1:]}" if phone.startswith("0") else phone
        return {**base, "email": typed["email"], "phone": phone}
    return base


def after(before: Standing, done: Mapping[str, Any]) -> Standing:
    """How the account stands after an act, as far as the provider's answer says so."""
    status = done.get("status", before.status)
    return Standing(
        None if status is None else str(status),
        int(done.get("level", before.level)),
        frozenset(map(str, done.get("lock_reasons", before.reasons))),
    )


async def _page(
    request: Request, work: Work, visit: Visit, known: Known, *, status: int = 200, **more: Any
) -> Response:
    standing, cases = known
    person, errand = visit.person, visit.errand
    nothing = {"act": "", "email": "", "phone": "", "reason": "", "compared": ()}
    said: dict[str, Any] = {
        "refused": "",
        "done": "",
        "raised": False,
        "mailed": False,
        "link": "",
        "picture": None,
    }
    said |= {"typed": nothing, **more}
    acts = offered(standing, errand.purpose, work.officer)
    child = not person.person.birth.certainly_reached(NEEDS_REPRESENTATIVE, work.console.clock().date())
    return await shown(
        request,
        work,
        person,
        errand,
        template="eid.html",
        only=FIELDS,
        status=status,
        standing=standing,
        cases=cases,
        acts=acts,
        asked_reasons=ASKED_REASONS,
        liftable=liftable(standing),
        comparisons=[each for each in Compared if child or each is not Compared.REPRESENTATIVE],
        present=visit.present,
        **said,
    )

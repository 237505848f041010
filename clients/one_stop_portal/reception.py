"""Somebody is received: who is here as their card says, compared with the registry, and what for; a case begins."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.one_stop_portal.card_line import CardLine
from clients.one_stop_portal.card_reading import card_in
from clients.one_stop_portal.cases import ASSISTED, Case, begun, known_of, reserved
from clients.one_stop_portal.people import arrived, clerk_of, hands_of, name_of
from clients.one_stop_portal.services import OFFERED, SERVICES
from clients.portal_kit.answers import Reading
from clients.portal_kit.filing import first_of_each
from clients.portal_kit.portal import Portal
from clients.portal_kit.refusals import REFUSALS, refused
from clients.portal_kit.storage.sessions import PortalSession
from clients.relying_party import SignInFailed
from web import Form, PageProblem, csrf, read_form

router = APIRouter(prefix="/cases", include_in_schema=False)
RECEPTION: Final = "counter.reception"
PURPOSE: Final = "Tiếp nhận công dân tại bộ phận một cửa"
OLDEST: Final = 1900
"""No year of birth is earlier."""


@router.get("/new")
async def receive(request: Request) -> Response:
    """Who is here, and what for."""
    portal, session, answer = await arrived(request, staff=True)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request)
    return _reception(request, portal, Form(), {})


@router.post("/new")
async def received(request: Request) -> Response:
    """Compare number, name and birth date with the registry; with a yes a case begins."""
    portal, session, answer = await arrived(request, staff=True)
    form = await read_form(request)
    await csrf.check(request, form)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request)
    try:
        scanned = await card_in(portal, form.text("card"))
    except SignInFailed as failed:
        raise PageProblem(503, "provider-unreachable", headers={"Retry-After": "5"}) from failed
    case, mistakes = read_reception(form, scanned)
    texts = portal.pages.texts_for(request)
    if mistakes:
        errors = first_of_each((name, texts.t(key)) for name, key in mistakes)
        return _reception(request, portal, form, errors)
    case = replace(case, code=await reserved(portal))
    try:
        flags = await verified(portal, session, case, PURPOSE)
        if any(flag != "match" for flag in flags.values()):
            return _reception(request, portal, form, {"number": texts.t("receive.no_match")})
        case = await begun(portal, session.signed_in.subject, replace(case, flags=flags))
        await hands_of(portal).received(case.code, clerk_of(session), name_of(session))
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True, draft="/cases/new")
    return RedirectResponse(f"/cases/{case.code}", status_code=303)


def read_reception(form: Form, scanned: CardLine | str | None) -> tuple[Case, list[tuple[str, str]]]:
    """Who is here as typed or ``scanned`` (or why that counts for nothing), and what for; what is wrong with it."""
    reading = Reading(form)
    if isinstance(scanned, str):
        reading.wrong("card", scanned)
    service = reading.choice("service", set(SERVICES), "receive.service.missing")
    if isinstance(scanned, CardLine):
        number, name, born = scanned.number, scanned.name, scanned.born.isoformat()
    else:
        number = reading.personal_number("number", "receive.number.wrong")
        name = reading.words("name", "receive.name.missing", longest=100)
        day = reading.day("born", "receive.born.wrong", first=OLDEST)
        born = day.isoformat() if day is not None else ""
    case = Case(
        code="",
        service_code=service,
        party=ASSISTED,
        number=number,
        name=name,
        born=born,
        own=known_of(number, name, born),
    )
    return case, reading.errors


async def verified(portal: Portal, session: PortalSession, case: Case, purpose: str) -> Mapping[str, str]:
    """The flags of the registry; the staff member stands in the citizen's own log."""
    token = await portal.party.own_token("registry:verify")
    body = {
        "purpose": purpose,
        "procedure_code": RECEPTION,
        "dossier_code": case.code,
        "officer": session.signed_in.subject,
        "subject": {"number": case.number},
        "claims": {"name": case.name, "birth_date": case.born, "alive": True},
    }
    answer = await portal.registry.wire.send(
        "POST", "/v1/verifications", token=token, body=body, key=str(uuid4())
    )
    return {name: str(each["flag"]) for name, each in answer["results"].items()}


def _reception(request: Request, portal: Portal, form: Form, errors: Mapping[str, str]) -> Response:
    typed = {name: form.text(name)[:100] for name in ("number", "name", "service")}
    typed |= {f"born_{part}": form.text(f"born_{part}")[:4] for part in ("day", "month", "year")}
    return portal.render(
        request,
        "receive.html",
        422 if errors else 200,
        services=OFFERED,
        typed=typed,
        born={part: typed[f"born_{part}"] for part in ("day", "month", "year")},
        errors=errors,
    )

"""The staff's side: receive somebody, fill in what is not known yet, have them confirm, file, hand over."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.one_stop_portal.card_line import CardLine
from clients.one_stop_portal.card_reading import card_in
from clients.one_stop_portal.cases import (
    ASSISTED,
    CONFIRM,
    FILED,
    FORM,
    HANDED,
    Case,
    begun,
    found,
    kept,
    reserved,
)
from clients.one_stop_portal.filing import filed
from clients.one_stop_portal.people import arrived, provider_of, said_no
from clients.one_stop_portal.provider import NotDone
from clients.one_stop_portal.services import SERVICES
from clients.portal_kit.answers import Reading
from clients.portal_kit.filing import first_of_each
from clients.portal_kit.portal import Portal, now
from clients.portal_kit.refusals import REFUSALS, refused
from clients.portal_kit.storage.sessions import PortalSession
from clients.relying_party import SignInFailed
from web import Form, PageProblem, csrf, read_form

router = APIRouter(prefix="/cases", include_in_schema=False)
RECEPTION: Final = "counter.reception"
PURPOSE: Final = "Tiếp nhận công dân tại bộ phận một cửa"
WAYS: Final = ("code", "app", "paper")
LONGEST_SCAN: Final = 64
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
        flags = await _verified(portal, session, case)
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True, draft="/cases/new")
    if any(flag != "match" for flag in flags.values()):
        return _reception(request, portal, form, {"number": texts.t("receive.no_match")})
    case = await begun(portal, session.signed_in.subject, replace(case, flags=flags))
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
    case = Case(code="", service_code=service, party=ASSISTED, number=number, name=name, born=born)
    return case, reading.errors


async def _verified(portal: Portal, session: PortalSession, case: Case) -> Mapping[str, str]:
    """The flags of the registry; the staff member stands in the citizen's own log."""
    token = await portal.party.own_token("registry:verify")
    body = {
        "purpose": PURPOSE,
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
        services=tuple(SERVICES),
        typed=typed,
        born={part: typed[f"born_{part}"] for part in ("day", "month", "year")},
        errors=errors,
    )


@router.get("/{code}")
async def show(request: Request, code: str) -> Response:
    """Where the case stands, and the one thing to do next."""
    portal, session, answer = await arrived(request, staff=True)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request)
    case = await found(portal, session.signed_in.subject, code)
    return _page(request, portal, case)


@router.post("/{code}/form")
async def fill_in(request: Request, code: str) -> Response:
    """What no database holds; then the citizen is asked to confirm."""
    portal, session, case, form, answer = await _acting(request, code)
    if session is None or case is None:
        return answer
    if case.stage != FORM:
        return _to(code)
    read = case.service.read(form, now().date())
    answers = {name: form.text(name) for name in form if name != csrf.FIELD}
    case = replace(case, answers=answers, inputs=read.inputs)
    if read.errors:
        texts = portal.pages.texts_for(request)
        errors = first_of_each((name, texts.t(key)) for name, key in read.errors)
        return _page(request, portal, case, errors)
    await kept(portal, replace(case, stage=CONFIRM))
    return _to(code)


@router.post("/{code}/way")
async def choose_way(request: Request, code: str) -> Response:
    """Ask the citizen in the way that they chose; a code leaves at once."""
    portal, session, case, form, answer = await _acting(request, code)
    if session is None or case is None:
        return answer
    way = form.text("way")
    if case.stage != CONFIRM or way not in WAYS:
        return _to(code)
    provider, texts = provider_of(portal), portal.pages.texts_for(request)
    try:
        staff = await portal.token(session)
        message = texts.t("confirm.message", code=case.code[-4:])
        asked = await provider.ask_citizen(staff, case.number, case.detail, way, message)
        sent = await provider.confirm(staff, asked, "send_code") if way == "code" else {}
    except NotDone as refusal:
        return said_no(request, refusal, f"/cases/{code}")
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True, draft=f"/cases/{code}")
    await kept(portal, replace(case, request=asked, way=way, sent_to=str(sent.get("to", ""))))
    return _to(code)


@router.post("/{code}/again")
async def begin_again(request: Request, code: str) -> Response:
    """Another way, or anew when the time was over; what waited ends by itself."""
    portal, session, case, _, answer = await _acting(request, code)
    if session is None or case is None:
        return answer
    if case.stage == CONFIRM:
        await kept(portal, replace(case, request="", way="", sent_to=""))
    return _to(code)


@router.post("/{code}/confirm")
async def confirm(request: Request, code: str) -> Response:
    """The code, the paper, or a look whether the citizen answered in the app; with a yes it is filed at once."""
    portal, session, case, form, answer = await _acting(request, code)
    if session is None or case is None:
        return answer
    if case.stage != CONFIRM or not case.request:
        return answer
    try:
        left = await _brought(portal, session, case, form)
        if left is not None:
            errors = {"code": portal.pages.texts_for(request).t("confirm.code.wrong", left=left)}
            return _page(request, portal, case, errors)
        token = await provider_of(portal).citizens_token(case.request)
        await filed(portal, session.signed_in.subject, case, token)
    except NotDone as refusal:
        silent = refusal.code == "authorization_pending"
        waits = _page(request, portal, case, waiting=True) if silent else None
        answer = waits or said_no(request, refusal, f"/cases/{code}")
    except REFUSALS as refusal:
        answer = refused(request, session, refusal, filing=True, draft=f"/cases/{code}")
    return answer


async def _brought(portal: Portal, session: PortalSession, case: Case, form: Form) -> int | None:
    """Bring code or paper to the provider; the tries that are left after a wrong code, else None."""
    provider, staff = provider_of(portal), await portal.token(session)
    if case.way == "paper":
        await provider.confirm(staff, case.request, "record_paper", **paper_of(form))
    if case.way != "code":
        return None
    said = await provider.confirm(staff, case.request, "confirm_code", code=form.text("code")[:16])
    return int(said["left"]) if said["status"] == "wrong_code" else None


def paper_of(form: Form) -> dict[str, str]:
    """Number, witness, and the fingerprint that the scanner gave the scan; the scan itself never comes here."""
    scan = form.text("paper_scan").strip().lower()[:LONGEST_SCAN]
    return {
        "paper_number": form.text("paper_number").strip()[:40],
        "paper_scan": scan,
        "paper_witness": form.text("paper_witness").strip()[:40],
    }


@router.get("/{code}/receipt")
async def receipt(request: Request, code: str) -> Response:
    """Form 01 of Circular 01/2018 on paper: what was received, when, when the result is due."""
    portal, session, answer = await arrived(request, staff=True)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request)
    case = await found(portal, session.signed_in.subject, code)
    if case.stage not in {FILED, HANDED}:
        return _to(code)
    return portal.render(request, "counter_receipt.html", case=case, printed=now().isoformat())


@router.post("/{code}/hand-over")
async def hand_over(request: Request, code: str) -> Response:
    """The result is in the citizen's hands; the case is done."""
    portal, session, case, _, answer = await _acting(request, code)
    if session is None or case is None:
        return answer
    if case.stage == FILED:
        await kept(portal, replace(case, stage=HANDED))
    return _to(code)


def _page(
    request: Request,
    portal: Portal,
    case: Case,
    errors: Mapping[str, str] | None = None,
    *,
    waiting: bool = False,
) -> Response:
    shown = {"case": case, "ways": WAYS, "errors": errors or {}, "waiting": waiting}
    return portal.render(request, "case.html", 422 if errors else 200, **shown)


async def _acting(
    request: Request, code: str
) -> tuple[Portal, PortalSession | None, Case | None, Form, Response]:
    portal, session, answer = await arrived(request, staff=True)
    form = await read_form(request)
    await csrf.check(request, form)
    if session is None or answer is not None:
        return portal, None, None, form, answer or portal.to_sign_in(request)
    case = await found(portal, session.signed_in.subject, code)
    return portal, session, case, form, _to(code)


def _to(code: str) -> Response:
    return RedirectResponse(f"/cases/{code}", status_code=303)

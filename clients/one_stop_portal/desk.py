"""The staff's side of a case: fill in what is not known yet, have the person confirm, file, hand over."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.one_stop_portal.cases import (
    CONFIRM,
    FILED,
    FORM,
    HANDED,
    Case,
    found,
    kept,
)
from clients.one_stop_portal.filing import filed, refreshed
from clients.one_stop_portal.forms import form_parts, taken
from clients.one_stop_portal.paper_pages import papers_of
from clients.one_stop_portal.people import arrived, clerk_of, hands_of, name_of, provider_of, said_no
from clients.one_stop_portal.provider import NotDone
from clients.one_stop_portal.storage.papers import Paper
from clients.portal_kit.dossiers import MAX_CODE
from clients.portal_kit.portal import Portal, now, portal_of
from clients.portal_kit.refusals import REFUSALS, refused
from clients.portal_kit.storage.sessions import PortalSession
from web import Form, PageProblem, csrf, read_form

router = APIRouter(prefix="/cases", include_in_schema=False)
WAYS: Final = ("code", "app", "paper")
LONGEST_SCAN: Final = 64


@router.get("/{code}")
async def show(request: Request, code: str) -> Response:
    """Where the case stands, and the one thing to do next."""
    portal, session, answer = await arrived(request, staff=True)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request)
    try:
        case = await refreshed(portal, await found(portal, session.signed_in.subject, code))
    except PageProblem:
        if not await _went_on(portal, session, code):
            raise
        return RedirectResponse(f"/colleagues/{code}", status_code=303)
    return await _page(request, session, case)


async def _went_on(portal: Portal, session: PortalSession, code: str) -> bool:
    """Whether somebody else of the office holds the case now."""
    hands = await hands_of(portal).of(code[:MAX_CODE], clerk_of(session).office)
    return any(each.subject == session.signed_in.subject for each in hands[:-1])


@router.post("/{code}/form")
async def fill_in(request: Request, code: str) -> Response:
    """What no database holds; then the citizen is asked to confirm."""
    portal, session, case, form, answer = await _acting(request, code)
    if session is None or case is None:
        return answer
    if case.stage != FORM:
        return _to(code)
    try:
        case, errors, anchor = await taken(request, portal, case, form)
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True, draft=f"/cases/{code}")
    if anchor:
        return _to(code + anchor)
    if errors:
        return await _page(request, session, case, errors)
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
        return said_no(request, refusal, f"/cases/{code}", "asking")
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
            return await _page(request, session, case, errors)
        token = await provider_of(portal).citizens_token(case.request)
        await filed(portal, session.signed_in.subject, case, token)
    except NotDone as refusal:
        silent = refusal.code == "authorization_pending"
        waits = await _page(request, session, case, waiting=True) if silent else None
        answer = waits or said_no(request, refusal, f"/cases/{code}", "confirming")
    except REFUSALS as refusal:
        answer = refused(request, session, refusal, filing=True, draft=f"/cases/{code}")
    return answer


async def _brought(portal: Portal, session: PortalSession, case: Case, form: Form) -> int | None:
    """Bring code or paper to the provider; the tries that are left after a wrong code, else None."""
    provider, staff = provider_of(portal), await portal.token(session)
    if case.way == "paper":
        said_on_it = paper_of(form)
        await provider.confirm(staff, case.request, "record_paper", **said_on_it)
        await papers_of(portal).record(
            case.code,
            case.service_code,
            clerk_of(session),
            Paper(
                name=case.name,
                number=case.number,
                clerk=name_of(session),
                paper_number=said_on_it["paper_number"],
                scan=said_on_it["paper_scan"],
                witness=said_on_it["paper_witness"],
            ),
        )
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
    try:
        parts = await form_parts(request, portal, case)
    except REFUSALS as refusal:
        return refused(request, session, refusal)
    return portal.render(request, "counter_receipt.html", case=case, printed=now().isoformat(), **parts)


@router.post("/{code}/hand-over")
async def hand_over(request: Request, code: str) -> Response:
    """The result is in the citizen's hands; the case is done."""
    portal, session, case, _, answer = await _acting(request, code)
    if session is None or case is None:
        return answer
    if case.stage == FILED:
        await kept(portal, replace(case, stage=HANDED))
    return _to(code)


async def _page(
    request: Request,
    session: PortalSession,
    case: Case,
    errors: Mapping[str, str] | None = None,
    *,
    waiting: bool = False,
) -> Response:
    portal = portal_of(request)
    try:
        parts = await form_parts(request, portal, case)
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True, draft=f"/cases/{case.code}")
    hands = await hands_of(portal).of(case.code, clerk_of(session).office)
    shown = {"case": case, "hands": hands, "ways": WAYS, "errors": errors or {}, "waiting": waiting, **parts}
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

"""Filing here for oneself or for a dependant: on whose behalf, for what, the form, and it is filed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.dpop import HeldToken
from clients.one_stop_portal.cases import DEPENDANT, FORM, OWN, Case, begun, found, reserved
from clients.one_stop_portal.filing import filed
from clients.one_stop_portal.forms import form_parts, taken
from clients.one_stop_portal.people import arrived, provider_of, said_no
from clients.one_stop_portal.provider import Dependant, NotDone
from clients.one_stop_portal.services import OFFERED, SERVICES
from clients.portal_kit.answers import Reading
from clients.portal_kit.filing import first_of_each
from clients.portal_kit.kin import known_of
from clients.portal_kit.portal import Portal, personal_number_of, portal_of
from clients.portal_kit.refusals import REFUSALS, refused
from clients.portal_kit.registry import Question
from clients.portal_kit.storage.sessions import PortalSession
from web import csrf, read_form

router = APIRouter(prefix="/file", include_in_schema=False)
MYSELF = "myself"


@router.get("")
async def choose(request: Request) -> Response:
    """On whose behalf, and what."""
    portal, session, answer = await arrived(request, staff=False)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request)
    return await _choosing(request, portal, session)


@router.post("")
async def chosen(request: Request) -> Response:
    """Begin a case for whom was chosen; the list is asked anew, so nobody is chosen who is no longer in it."""
    portal, session, answer = await arrived(request, staff=False)
    form = await read_form(request)
    await csrf.check(request, form)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request)
    try:
        people = await _people(portal, session)
    except NotDone as refusal:
        return said_no(request, refusal, "/")
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True)
    reading = Reading(form)
    whom = reading.choice("whom", {MYSELF, *(each.subject for each in people)}, "file.whom.missing")
    service = reading.choice("service", set(SERVICES), "receive.service.missing")
    if whom and whom != MYSELF and service and not SERVICES[service].procedure.on_behalf:
        reading.wrong("service", "file.own_only")
    if reading.errors:
        return await _choosing(request, portal, session, tuple(reading.errors))
    chosen_one = next((each for each in people if each.subject == whom), None)
    case = Case(code=await reserved(portal), service_code=service, party=OWN)
    try:
        case = await begun(portal, session.signed_in.subject, await _about(portal, session, case, chosen_one))
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True)
    return RedirectResponse(f"/file/{case.code}", status_code=303)


async def _about(portal: Portal, session: PortalSession, case: Case, dependant: Dependant | None) -> Case:
    """For whom it is: oneself by the released record, a dependant as named, in the household that both share."""
    question = Question(case.service.purpose, case.service_code, case.code)
    fields, token = case.service.procedure.releases, await portal.token(session)
    if dependant is not None:
        return replace(
            case,
            party=DEPENDANT,
            name=dependant.name,
            number=dependant.number,
            whom=dependant.subject,
            own=await known_of(portal, token, question, dependant, fields),
        )
    released = await portal.registry.release(token, question, fields)
    own = released["values"]
    return replace(case, name=str(own["name"]["full"]), number=personal_number_of(session), own=own)


@router.get("/{code}")
async def show(request: Request, code: str) -> Response:
    """The form, or what became of it."""
    portal, session, answer = await arrived(request, staff=False)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request)
    case = await found(portal, session.signed_in.subject, code)
    return await _page(request, session, case)


@router.post("/{code}")
async def take(request: Request, code: str) -> Response:
    """Read the form and file it, with one's own token or the dependant's."""
    portal, session, answer = await arrived(request, staff=False)
    form = await read_form(request)
    await csrf.check(request, form)
    if session is None or answer is not None:
        return answer or portal.to_sign_in(request)
    case = await found(portal, session.signed_in.subject, code)
    if case.stage != FORM:
        return RedirectResponse(f"/file/{code}", status_code=303)
    try:
        case, errors, anchor = await taken(request, portal, case, form)
        if errors:
            return await _page(request, session, case, errors)
        if not anchor:
            await filed(portal, session.signed_in.subject, case, await _token(portal, session, case))
    except NotDone as refusal:
        return said_no(request, refusal, f"/file/{code}")
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True, draft=f"/file/{code}")
    return RedirectResponse(f"/file/{code}{anchor}", status_code=303)


async def _page(
    request: Request, session: PortalSession, case: Case, errors: Mapping[str, str] | None = None
) -> Response:
    portal = portal_of(request)
    try:
        parts = await form_parts(request, portal, case)
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True, draft=f"/file/{case.code}")
    status = 422 if errors else 200
    return portal.render(request, "own_case.html", status, case=case, errors=errors or {}, **parts)


async def _token(portal: Portal, session: PortalSession, case: Case) -> HeldToken:
    own = await portal.token(session)
    if case.party == OWN:
        return own
    return await provider_of(portal).dependants_token(own, case.whom, case.detail)


async def _people(portal: Portal, session: PortalSession) -> tuple[Dependant, ...]:
    return await provider_of(portal).dependants(await portal.token(session))


async def _choosing(
    request: Request, portal: Portal, session: PortalSession, errors: tuple[tuple[str, str], ...] = ()
) -> Response:
    try:
        people = await _people(portal, session)
    except NotDone as refusal:
        return said_no(request, refusal, "/")
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True)
    texts = portal.pages.texts_for(request)
    context: dict[str, Any] = {"errors": first_of_each((name, texts.t(key)) for name, key in errors)}
    name = session.signed_in.claims.get("name", "")
    return portal.render(
        request,
        "own_choose.html",
        422 if errors else 200,
        people=people,
        services=OFFERED,
        me=name,
        myself=MYSELF,
        **context,
    )

"""The pages every portal has for dossiers: list, one dossier as the registry tells it, supplement, withdrawal."""

import re
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.portal_kit.dossiers import CODE, MAX_CODE, Dossier
from clients.portal_kit.linked import parts_of
from clients.portal_kit.payments.desk import ShownPayment
from clients.portal_kit.portal import Portal, portal_of
from clients.portal_kit.receipt_pages import checked
from clients.portal_kit.refusals import REFUSALS, refused
from clients.portal_kit.storage.drafts import Draft
from clients.portal_kit.storage.filed import FiledDossier
from clients.portal_kit.storage.sessions import PortalSession
from clients.portal_kit.wire import RegistryGone
from web import PageProblem, csrf, read_form

router = APIRouter(include_in_schema=False)
PAPERS: Final = {"pdf": "application/pdf", "json": "application/json"}
CURSOR: Final = re.compile(r"\A[A-Za-z0-9_=-]{1,100}\Z")


def readable(code: str) -> str:
    """A code as it can be one; anything else is the same 404 as a dossier of somebody else."""
    if len(code) > MAX_CODE or not CODE.match(code):
        raise PageProblem(404, "not-found")
    return code


@router.get("/dossiers")
async def list_dossiers(request: Request) -> Response:
    """The person's dossiers of this portal's procedures, wherever they were filed, and drafts; newest first."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request)
    cursor = request.query_params.get("cursor")
    page: dict[str, Any] = {"dossiers": (), "known": (), "following": None, "gone": False}
    page["drafts"] = await _drafts(portal, session)
    try:
        found, page["following"] = await portal.dossiers.own(
            await portal.token(session), cursor if cursor and CURSOR.match(cursor) else None
        )
        page["dossiers"] = [each for each in found if is_listed(portal, each.procedure_code)]
    except RegistryGone:  # an outage hides nobody's dossier: what was filed here, as far as it is known
        page |= {"known": await portal.filed.of(session.keeper), "gone": True}
    except REFUSALS as refusal:
        return refused(request, session, refusal)
    return portal.render(request, "dossiers.html", **page)


def is_listed(portal: Portal, procedure_code: str) -> bool:
    """A portal lists what can be filed there; a counter, which has no procedures of its own, everything."""
    return not portal.procedures or procedure_code in portal.procedures


async def _drafts(portal: Portal, session: PortalSession) -> list[dict[str, object]]:
    return [
        {"code": each.code, "since": each.created_at, "procedure_code": each.procedure_code, "path": path}
        for each in await portal.drafts.of(session.keeper)
        if (path := portal.procedures.get(each.procedure_code)) is not None
    ]


@router.get("/dossiers/{code}")
async def show_dossier(request: Request, code: str) -> Response:
    """One dossier: what to do next, state, term, fee, consents, history, result, receipts."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request)
    filed = await portal.filed.one(readable(code), session.keeper)
    try:
        dossier = await portal.dossiers.one(await portal.token(session), code)
    except RegistryGone as refusal:
        if filed is None:
            return refused(request, session, refusal)
        return portal.render(
            request, "dossier_known.html", filed=filed, receipts=await _checked_all(portal, filed)
        )
    except REFUSALS as refusal:
        return refused(request, session, refusal)
    return portal.render(
        request,
        "dossier.html",
        dossier=dossier,
        details=filed.details if filed else {},
        payment=await _payment(portal, dossier, session),
        can_pay=portal.gateway is not None,
        parts=parts_of(dossier),
        may_supplement=filed is not None
        and dossier.supplement_asked is not None
        and dossier.procedure_code in portal.procedures,
        receipts=await _checked_all(portal, filed) if filed else [],
    )


async def _payment(portal: Portal, dossier: Dossier, session: PortalSession) -> ShownPayment | None:
    """The latest payment of a dossier."""
    desk = portal.payments
    payment = None if desk is None else await desk.payments.of_dossier(dossier.code, session.keeper)
    return None if payment is None else ShownPayment(payment)


async def _checked_all(portal: Portal, filed: FiledDossier) -> list[object]:
    return [await checked(portal, receipt) for receipt in filed.receipts]


@router.post("/dossiers/{code}/supplement")
async def begin_supplement(request: Request, code: str) -> Response:
    """Open the form again with the answers given before, to answer a request of the officer (CT05)."""
    portal = portal_of(request)
    session = await portal.session(request)
    await csrf.check(request, await read_form(request))
    if session is None or not portal.may_file(session):
        return portal.to_sign_in(request, filing=True, back_to=f"/dossiers/{code}")
    subject = session.keeper
    filed = await portal.filed.one(readable(code), subject)
    path = portal.procedures.get(filed.procedure_code) if filed else None
    if filed is None or path is None:
        raise PageProblem(404, "not-found")
    try:
        dossier = await portal.dossiers.one(await portal.token(session), code)
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True, back_to=f"/dossiers/{code}")
    asked = dossier.supplement_asked
    if asked is None:
        return RedirectResponse(f"/dossiers/{code}", status_code=303)
    kept = await portal.drafts.find(subject, code)
    if kept is None or kept.supplements != asked.number:
        details = filed.details
        fresh = Draft(code, filed.procedure_code, own=details["own"], answers=details["answers"])
        await portal.drafts.start(subject, replace(fresh, supplements=asked.number))
    return RedirectResponse(f"{path}/{code}", status_code=303)


@router.post("/dossiers/{code}/withdraw")
async def withdraw(request: Request, code: str) -> Response:
    """The person asks to withdraw, before there is a decision; the authority confirms with its notice of stop."""
    portal = portal_of(request)
    session = await portal.session(request)
    await csrf.check(request, await read_form(request))
    if session is None or not portal.may_file(session):
        return portal.to_sign_in(request, filing=True, back_to=f"/dossiers/{readable(code)}")
    try:
        await portal.dossiers.withdraw(await portal.token(session), readable(code))
    except REFUSALS as refusal:
        return refused(request, session, refusal, filing=True, back_to=f"/dossiers/{code}")
    return RedirectResponse(f"/dossiers/{code}", status_code=303)


@router.get("/dossiers/{code}/paper.{form}")
async def download_paper(request: Request, code: str, form: str) -> Response:
    """The paper CT07 that the decision issued: the signed PDF, or the signed JSON."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request, back_to=f"/dossiers/{readable(code)}")
    if form not in PAPERS:
        raise PageProblem(404, "not-found")
    try:
        token = await portal.token(session)
        dossier = await portal.dossiers.one(token, readable(code))
        paper = dossier.result.get("confirmation_id")
        if paper is None:
            raise PageProblem(404, "not-found")
        content = await portal.dossiers.paper(token, str(paper), form)
    except REFUSALS as refusal:
        return refused(request, session, refusal, back_to=f"/dossiers/{code}")
    named = f'attachment; filename="CT07-{code}.{form}"'
    headers = {"Content-Disposition": named, "Cache-Control": "no-store"}
    return Response(content, media_type=PAPERS[form], headers=headers)

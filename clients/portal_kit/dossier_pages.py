"""The pages every portal has for dossiers that were filed: list, one dossier, its receipts, withdrawal."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from clients.portal_kit.dossiers import CODE, MAX_CODE, Dossier, DossierState, MoveRefused, may_withdraw
from clients.portal_kit.portal import portal_of
from clients.portal_kit.receipt_pages import checked
from web import PageProblem, csrf, read_form
from web.qr_codes import qr_code

router = APIRouter(include_in_schema=False)


async def own_dossier(request: Request, code: str, subject: str) -> Dossier:
    """The person's own dossier; somebody else's and an unknown one are the same 404 (no look into others)."""
    found = None
    if len(code) <= MAX_CODE and CODE.match(code):
        found = await portal_of(request).dossiers.one(code, subject)
    if found is None:
        raise PageProblem(404, "not-found")
    return found


@router.get("/dossiers")
async def list_dossiers(request: Request) -> Response:
    """Everything the signed-in person filed here, newest first."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request)
    subject = session.signed_in.subject
    drafts = [
        {"code": each.code, "since": each.created_at, "procedure_code": each.procedure_code, "path": path}
        for each in await portal.drafts.of(subject)
        if (path := portal.procedures.get(each.procedure_code)) is not None
    ]
    return portal.render(request, "dossiers.html", dossiers=await portal.dossiers.of(subject), drafts=drafts)


@router.get("/dossiers/{code}")
async def show_dossier(request: Request, code: str) -> Response:
    """One dossier: state, due date, checks with their reasons, receipts, history."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request)
    found = await own_dossier(request, code, session.signed_in.subject)
    return portal.render(
        request,
        "dossier.html",
        dossier=found,
        receipts=[await checked(portal, receipt) for receipt in found.receipts],
        may_withdraw=may_withdraw(found.state),
    )


@router.get("/dossiers/{code}/receipts/{number}")
async def download_receipt(request: Request, code: str, number: int) -> Response:
    """A signed receipt as the registry sent it, to keep or to have checked by anybody."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request)
    found = await own_dossier(request, code, session.signed_in.subject)
    if not 1 <= number <= len(found.receipts):
        raise PageProblem(404, "not-found")
    name = f"receipt-{code}-{number}.jwt"
    return PlainTextResponse(
        found.receipts[number - 1],
        media_type="application/jwt",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@router.get("/dossiers/{code}/receipts/{number}/paper")
async def print_receipt(request: Request, code: str, number: int) -> Response:
    """A receipt to print: its content in words, and the whole of it as a QR code that any checker reads."""
    portal = portal_of(request)
    session = await portal.session(request)
    if session is None:
        return portal.to_sign_in(request)
    found = await own_dossier(request, code, session.signed_in.subject)
    if not 1 <= number <= len(found.receipts):
        raise PageProblem(404, "not-found")
    text = found.receipts[number - 1]
    return portal.render(
        request,
        "receipt_paper.html",
        dossier=found,
        number=number,
        receipt=await checked(portal, text),
        picture=qr_code(text, error="l"),
    )


@router.post("/dossiers/{code}/withdraw")
async def withdraw(request: Request, code: str) -> Response:
    """The person asks to withdraw; with no decision yet, the counter stops the dossier (7, then 8)."""
    portal = portal_of(request)
    session = await portal.session(request)
    await csrf.check(request, await read_form(request))
    if session is None:
        return portal.to_sign_in(request)
    found = await own_dossier(request, code, session.signed_in.subject)
    try:
        await portal.dossiers.move(found.code, DossierState.WITHDRAWAL_ASKED)
        await portal.dossiers.move(found.code, DossierState.STOPPED)
    except MoveRefused as refusal:
        raise PageProblem(409, "move-refused", cause=refusal) from refusal
    return RedirectResponse(f"/dossiers/{code}", status_code=303)

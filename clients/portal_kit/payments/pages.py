"""The citizen's way to the gateway and back, and the door through which the gateway tells us how an order stands."""

import logging

import httpx2
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.payment_messages import NOTIFICATIONS_PATH, Named, NotUnderstood, OrderRequest, PaymentState
from clients.portal_kit.dossier_pages import readable
from clients.portal_kit.dossiers import Dossier
from clients.portal_kit.payments.desk import PaymentDesk
from clients.portal_kit.payments.gateway import GatewayGone, GatewayRefused
from clients.portal_kit.payments.payment import Payment, StatementRefused
from clients.portal_kit.portal import Portal, portal_of
from clients.portal_kit.refusals import REFUSALS, refused
from clients.portal_kit.sender_keys import UnknownSender
from clients.signed_messages import MAX_BYTES, MEDIA_TYPE, MessageRefused
from web import Language, PageProblem, Problem, csrf, read_form

router = APIRouter(include_in_schema=False)
log = logging.getLogger(__name__)


@router.post("/dossiers/{code}/payment")
async def begin(request: Request, code: str) -> Response:
    """To the gateway's page for the fee that the registry says is due; nothing of it comes from the browser."""
    portal = portal_of(request)
    session = await portal.session(request)
    await csrf.check(request, await read_form(request))
    page = f"/dossiers/{readable(code)}"
    if session is None:
        return portal.to_sign_in(request, back_to=page)
    try:
        dossier = await portal.dossiers.one(await portal.token(session), code)
    except REFUSALS as refusal:
        return refused(request, session, refusal, back_to=page)
    if not dossier.must_pay:
        return RedirectResponse(page, status_code=303)
    desk = desk_of(portal)
    payment = await desk.payments.begin(code, session.keeper, dossier.fee.amount)
    try:
        after = await desk.payments.accept(await desk.gateway.ask(_order(portal, dossier, payment)))
    except (GatewayGone, GatewayRefused, StatementRefused) as refusal:
        raise PageProblem(
            503, "gateway-unreachable", cause=refusal, headers={"Retry-After": "30"}
        ) from refusal
    if after is None or after.state is not PaymentState.OPEN or after.page is None:
        return RedirectResponse(page, status_code=303)
    return RedirectResponse(after.page, status_code=303)


@router.get("/payments/{key}/back")
async def back(request: Request, key: str) -> Response:
    """The browser comes back. It proves nothing: we ask the gateway, and show the dossier as it stands then."""
    portal = portal_of(request)
    desk = desk_of(portal)
    session = await portal.session(request)
    payment = await desk.payments.one(key)
    if session is None or payment is None or payment.subject != session.keeper:
        return RedirectResponse("/dossiers", status_code=303)
    await desk.settling.settle(key)
    return RedirectResponse(f"/dossiers/{payment.dossier_code}", status_code=303)


@router.post(NOTIFICATIONS_PATH)
async def notified(request: Request) -> Response:
    """204 once a statement is applied, also when it was before; 400, 404 or 409 for what is none of ours."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise Problem(415, "unsupported-media-type")
    desk = desk_of(portal_of(request))
    message = (await request.body())[: MAX_BYTES + 1].decode("ascii", "replace")
    try:
        after = await desk.payments.accept(await desk.gateway.read(message))
    except (MessageRefused, UnknownSender, NotUnderstood) as refusal:
        raise Problem(400, "payment-statement-refused", cause=refusal) from refusal
    except StatementRefused as refusal:
        log.warning("a statement of the gateway is not about the payment as it was opened")
        raise Problem(409, "payment-statement-refused", cause=refusal) from refusal
    except httpx2.HTTPError as error:
        raise Problem(503, "unavailable", cause=error, headers={"Retry-After": "5"}) from error
    if after is None:
        raise Problem(404, "payment-unknown")
    return Response(status_code=204)


def desk_of(portal: Portal) -> PaymentDesk:
    """The payments of a portal; 404 where nothing can be paid online."""
    if portal.payments is None:
        raise PageProblem(404, "not-found")
    return portal.payments


def _order(portal: Portal, dossier: Dossier, payment: Payment) -> OrderRequest:
    texts = portal.pages.texts
    subject = {
        language: dossier.names.get(language.value, dossier.procedure_code)
        for language in (Language.VI, Language.EN)
    }
    return OrderRequest(
        payment.key,
        payment.dossier_code,
        payment.amount,
        Named(texts[Language.VI].t("site.name"), texts[Language.EN].t("site.name")),
        Named(subject[Language.VI], subject[Language.EN]),
        f"{portal.settings.public_url}/payments/{payment.key}/back",
    )

"""The citizen's pages: choose a bank that does not exist, pay, be refused or go back; the receipt to print.

Nobody signs in here: the address of the page is the secret, and the page knows a dossier's code and a sum.
"""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clients.payment_gateway.amounts import in_words
from clients.payment_gateway.gateway import Gateway, gateway_of
from clients.payment_gateway.orders import BANKS, Order, OrderRefused, cancel, fail, pay
from clients.payment_gateway.storage.orders import UnknownOrder
from clients.payment_messages import PaymentState
from web import PageProblem, csrf, read_form
from web.qr_codes import qr_code

router = APIRouter(include_in_schema=False)
LONGEST_TOKEN: Final = 64
MOST_FIELDS: Final = 8


@router.get("/")
async def front(request: Request) -> Response:
    """What this service is; nothing can be done without an order."""
    return gateway_of(request).pages.render(request, "front.html")


@router.get("/pay/{token}")
async def show(request: Request, token: str) -> Response:
    """The order: to pay while it is open, and how it ended afterwards."""
    gateway = gateway_of(request)
    return page(request, gateway, await order_at(gateway, token), token)


@router.post("/pay/{token}")
async def choose(request: Request, token: str) -> Response:
    """Pay, fail or cancel; then the browser goes back to the body, which has it from us and not from the browser."""
    gateway = gateway_of(request)
    form = await read_form(request, max_fields=MOST_FIELDS)
    await csrf.check(request, form)
    order = await order_at(gateway, token)
    wish, bank = form.text("wish"), form.text("bank")
    if wish not in {"pay", "fail", "cancel"}:
        raise PageProblem(400, "bad-request")
    if wish != "cancel" and bank not in BANKS:
        missing = {"bank": gateway.pages.texts_for(request).t("pay.bank_missing")}
        return page(request, gateway, order, token, 422, missing)

    def act(now_standing: Order) -> Order:
        if wish == "cancel":
            return cancel(now_standing)
        if wish == "fail":
            return fail(now_standing, bank, gateway.clock())
        return pay(now_standing, bank, gateway.reference("TT"), gateway.clock())

    try:
        after = await gateway.orders.act(order.payee_url, order.key, act)
    except OrderRefused:  # paid in another window, or its time is over: the page says so
        return RedirectResponse(f"/pay/{token}", status_code=303)
    if wish == "fail" and after.state is PaymentState.OPEN:
        return RedirectResponse(f"/pay/{token}?bank=refused", status_code=303)
    return RedirectResponse(order.back_to, status_code=303)


@router.get("/pay/{token}/receipt")
async def receipt(request: Request, token: str) -> Response:
    """The receipt (biên lai) to print, once it is paid; what went back stands on it too."""
    gateway = gateway_of(request)
    order = await order_at(gateway, token)
    if order.reference is None:
        raise PageProblem(404, "not-found")
    address = f"{gateway.settings.public_url}/pay/{token}/receipt"
    return gateway.pages.render(
        request, "receipt.html", order=order, words=in_words(order.amount), picture=qr_code(address)
    )


async def order_at(gateway: Gateway, token: str) -> Order:
    """The order of that page, or 404 with the word that nothing was taken."""
    if len(token) <= LONGEST_TOKEN:
        try:
            return await gateway.orders.at_page(token)
        except UnknownOrder:
            pass
    raise PageProblem(404, "no-order")


def page(
    request: Request,
    gateway: Gateway,
    order: Order,
    token: str,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response:
    """The order as it stands, with the form while it is open; the form may lead back to the body."""
    template = "pay.html" if order.state is PaymentState.OPEN else "ended.html"
    return gateway.pages.render(
        request,
        template,
        status,
        form_action=(order.payee_url,),
        order=order,
        token=token,
        banks=BANKS,
        refused=request.query_params.get("bank") == "refused",
        errors=errors or {},
    )

"""What bodies ask, each request signed by one that the settings name; every answer is a signed statement."""

from collections.abc import Mapping
from typing import Any

import httpx2
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from clients.payment_gateway.gateway import Gateway, gateway_of
from clients.payment_gateway.orders import Order, OrderRefused, refund
from clients.payment_gateway.storage.orders import UnknownOrder
from clients.payment_messages import (
    OPEN_PATH,
    REFUND_PATH,
    REQUEST,
    TELL_PATH,
    NotUnderstood,
    read_order,
    read_question,
    read_refund,
)
from clients.portal_kit.sender_keys import UnknownSender
from clients.signed_messages import MAX_BYTES, MEDIA_TYPE, MessageRefused, read_message, who_says
from web import Problem

router = APIRouter(include_in_schema=False)


@router.post(OPEN_PATH)
async def open_order(request: Request) -> Response:
    """An order for a dossier's fee; the same request again is the same order."""
    gateway, sender, claims = await asked(request)
    try:
        wanted = read_order(claims, sender)
        order = await gateway.orders.open(wanted, sender)
    except NotUnderstood as error:
        raise not_understood(error) from error
    except OrderRefused as refusal:
        raise refused(refusal) from refusal
    return answer(gateway, order)


@router.post(REFUND_PATH)
async def give_back(request: Request) -> Response:
    """Money goes back to where it came from: at once, since no bank is behind this gateway."""
    gateway, sender, claims = await asked(request)
    try:
        wanted = read_refund(claims)
        order = await gateway.orders.act(
            sender, wanted.key, lambda order: refund(order, wanted, gateway.reference("HT"), gateway.clock())
        )
    except NotUnderstood as error:
        raise not_understood(error) from error
    except UnknownOrder as error:
        raise Problem(404, "order-unknown", cause=error) from error
    except OrderRefused as refusal:
        raise refused(refusal) from refusal
    return answer(gateway, order)


@router.post(TELL_PATH)
async def tell(request: Request) -> Response:
    """How an order stands: what a body asks whose notification was lost."""
    gateway, sender, claims = await asked(request)
    try:
        order = await gateway.orders.one(sender, read_question(claims).key)
    except NotUnderstood as error:
        raise not_understood(error) from error
    except UnknownOrder as error:
        raise Problem(404, "order-unknown", cause=error) from error
    return answer(gateway, order)


@router.get("/.well-known/jwks.json")
async def public_keys(request: Request) -> Response:
    """The public keys of the gateway, for those who receive its statements."""
    ring = gateway_of(request).ring
    ring.reload_if_changed()
    return JSONResponse(ring.jwks(), headers={"Cache-Control": "public, max-age=300"})


async def asked(request: Request) -> tuple[Gateway, str, Mapping[str, Any]]:
    """Who asks, and the claims of the request; bounded and judged before anything is believed."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise Problem(415, "unsupported-media-type")
    gateway = gateway_of(request)
    message = (await request.body())[: MAX_BYTES + 1].decode("ascii", "replace")
    try:
        sender, kid = who_says(message)
        jwks = await gateway.payees.of(sender, kid)
        receiver = gateway.settings.public_url
        return gateway, sender, read_message(message, jwks, typ=REQUEST, sender=sender, receiver=receiver)
    except (MessageRefused, UnknownSender) as refusal:
        raise Problem(401, "payment-request-refused", cause=refusal) from refusal
    except httpx2.HTTPError as error:
        raise Problem(503, "unavailable", cause=error, headers={"Retry-After": "5"}) from error


def answer(gateway: Gateway, order: Order) -> Response:
    """The statement of an order."""
    headers = {"Cache-Control": "no-store"}
    return Response(gateway.statement(order), media_type=MEDIA_TYPE, headers=headers)


def not_understood(error: NotUnderstood) -> Problem:
    """400, naming the member."""
    return Problem(400, "payment-request-invalid", member=str(error), cause=error)


def refused(refusal: OrderRefused) -> Problem:
    """409: the request is fine, the order does not allow it."""
    return Problem(409, "order-refused", code=refusal.code, cause=refusal)

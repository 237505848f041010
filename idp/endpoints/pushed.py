"""``/par``: a client brings its authorization request itself, and gets a name for it."""

from __future__ import annotations

from idp.domain.errors import ProtocolError
from idp.endpoints import answers, possession, request_objects, signing
from idp.endpoints.answers import Answer
from idp.endpoints.exchange import Exchange
from idp.protocol import rfc9126_pushed_requests
from idp.protocol.rfc9101_request_objects import reading
from idp.protocol.rfc9126_pushed_requests import PushRequest


async def push(exchange: Exchange) -> Answer:
    """RFC 9126 2: the pushed authorization request endpoint."""
    parameters = await exchange.form()
    presented = possession.presented(exchange, parameters, dpop=True)
    ring = exchange.services.ring
    brought = request_objects.by_value(parameters, ring)
    hint = signing.verified_hint(reading.hint_of(brought, parameters), ring)
    request = PushRequest(parameters, presented, exchange.address, hint, brought)
    outcome = await exchange.services.loop.run(request, request.needs, rfc9126_pushed_requests.decide)
    if isinstance(outcome, ProtocolError):
        return answers.refused(outcome)
    # 2.2: "the server MUST generate a request URI and provide it in the response with a "201" HTTP status code".
    return answers.json(201, {"request_uri": outcome.request_uri, "expires_in": outcome.expires_in})

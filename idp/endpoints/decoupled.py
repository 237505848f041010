"""``/device_authorization`` and ``/bc-authorize``: a client asks, and somebody will answer elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from idp.domain.errors import ProtocolError
from idp.endpoints import answers, possession, signing
from idp.endpoints.answers import Answer
from idp.endpoints.exchange import Exchange
from idp.protocol import oidc_ciba, rfc8628_device
from idp.protocol.oidc_ciba import BackchannelRequest, Search
from idp.protocol.oidc_ciba.assisted import ACTOR
from idp.protocol.oidc_ciba.signed import peeked
from idp.protocol.rfc8628_device import DeviceRequest
from idp.protocol.rfc8693_token_exchange import shown


async def device_authorization(exchange: Exchange) -> Answer:
    """RFC 8628 3.1: the device authorization endpoint."""
    parameters = await exchange.form()
    presented = possession.presented(exchange, parameters)
    agent = exchange.header(b"user-agent") or ""
    request = DeviceRequest(parameters, presented, exchange.address, agent)
    outcome = await exchange.services.loop.run(request, request.needs, rfc8628_device.decide)
    if isinstance(outcome, ProtocolError):
        return answers.refused(outcome)
    return answers.json(200, asdict(outcome))


async def backchannel_authentication(exchange: Exchange) -> Answer:
    """CIBA Core 7: the client is proven first, then its person is looked for."""
    parameters, loop = await exchange.form(), exchange.services.loop
    presented = possession.presented(exchange, parameters)
    hint = signing.verified_hint(peeked(parameters).get("id_token_hint"), exchange.services.ring)
    verified = partial(signing.verified_access, ring=exchange.services.ring)
    helper = shown(parameters.get(ACTOR), verified) if ACTOR in parameters else None
    request = BackchannelRequest(parameters, presented, exchange.address, hint, helper)
    admitted = await loop.run(request, request.needs, oidc_ciba.admit)
    if isinstance(admitted, ProtocolError):
        return answers.refused(admitted)
    search = Search(admitted)
    outcome = await loop.run(search, search.needs, oidc_ciba.open_request)
    if isinstance(outcome, ProtocolError):
        return answers.refused(outcome)
    return answers.json(200, asdict(outcome))

"""``/token``, ``/introspect`` and ``/revoke``: a client speaks by a form, and is answered in JSON."""

from __future__ import annotations

from functools import partial

from idp.domain.errors import ProtocolError
from idp.domain.tokens import Handle
from idp.endpoints import answers, possession, representing, signing
from idp.endpoints.answers import Answer
from idp.endpoints.exchange import Exchange
from idp.protocol import (
    rfc7009_revocation,
    rfc7662_introspection,
    rfc8693_token_exchange,
    rfc9701_jwt_introspection,
    token,
)
from idp.protocol.rfc7009_revocation import RevocationRequest
from idp.protocol.rfc7662_introspection import IntrospectionRequest
from idp.protocol.token import TokenRequest
from keys import KeyPurpose


async def issue(exchange: Exchange) -> Answer:
    """RFC 6749 3.2: the token endpoint."""
    parameters = await exchange.form()
    presented = possession.presented(exchange, parameters, dpop=True)
    exchanged = rfc8693_token_exchange.read(
        parameters, partial(signing.verified_access, ring=exchange.services.ring)
    )
    handle = token.secret_of(parameters)
    request = TokenRequest(parameters, presented, exchange.address, handle, exchanged)
    if exchanged is not None and exchanged.dependant is not None:
        found = await representing.asked(exchange, request)
        if isinstance(found, ProtocolError):
            return answers.refused(found)
        request = found
    outcome = await exchange.services.loop.run(request, request.needs, token.decide)
    if isinstance(outcome, ProtocolError):
        return answers.refused(outcome)
    return answers.json(200, signing.token_document(outcome, exchange.services.ring))


async def introspect(exchange: Exchange) -> Answer:
    """RFC 7662 2: the introspection endpoint."""
    parameters = await exchange.form()
    presented = possession.presented(exchange, parameters)
    text = parameters.get("token")
    handle = Handle.parse(text)
    jwt = signing.verified_access(text, exchange.services.ring) if handle is None else None
    signed = rfc9701_jwt_introspection.wants_jwt(exchange.header(b"accept"))
    request = IntrospectionRequest(parameters, presented, exchange.address, handle, jwt, signed)
    outcome = await exchange.services.loop.run(request, request.needs, rfc7662_introspection.decide)
    if isinstance(outcome, ProtocolError):
        return answers.refused(outcome)
    if outcome.jwt is not None:
        text = signing.answer_text(outcome.jwt, KeyPurpose.INTROSPECTION, exchange.services.ring)
        return answers.token(rfc9701_jwt_introspection.MEDIA_TYPE.encode("ascii"), text)
    return answers.json(200, outcome.claims)


async def revoke(exchange: Exchange) -> Answer:
    """RFC 7009 2: the revocation endpoint; 200 says that the token, if it was one, is dead."""
    parameters = await exchange.form()
    presented = possession.presented(exchange, parameters)
    text = parameters.get("token")
    handle = Handle.parse(text)
    jwt = signing.verified_access(text, exchange.services.ring) if handle is None else None
    request = RevocationRequest(parameters, presented, exchange.address, handle, jwt)
    outcome = await exchange.services.loop.run(request, request.needs, rfc7009_revocation.decide)
    if isinstance(outcome, ProtocolError):
        return answers.refused(outcome)
    return answers.json(200, {})

"""``/userinfo``: GET and POST, token in the header or the form body (OIDC Core 5.3.1), with its proof."""

from __future__ import annotations

from idp.domain.errors import ProtocolError
from idp.endpoints import answers, possession, signing
from idp.endpoints.answers import Answer
from idp.endpoints.exchange import Exchange
from idp.protocol import oidc_userinfo, rfc9728_resource_metadata
from idp.protocol.rfc6750_bearer import BearerRequest
from keys import KeyPurpose


async def userinfo(exchange: Exchange) -> Answer:
    """The person's claims, as far as the token goes."""
    body = await exchange.form() if exchange.method == "POST" else None
    request = BearerRequest.read(
        exchange.header(b"authorization"), body, exchange.query, possession.shown(exchange)
    )
    outcome = await exchange.services.loop.run(request, request.needs, oidc_userinfo.decide)
    if isinstance(outcome, ProtocolError):
        return answers.refused(rfc9728_resource_metadata.pointed(outcome, exchange.services.policy))
    if outcome.jwt is not None:
        text = signing.answer_text(outcome.jwt, KeyPurpose.USERINFO, exchange.services.ring)
        return answers.token(b"application/jwt", text)
    return answers.json(200, outcome.claims)

"""``/userinfo``: GET and POST, token in the header or the form body (OIDC Core 5.3.1), with its proof."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final
from uuid import uuid4

from idp.domain.errors import ProtocolError
from idp.endpoints import answers, possession, signing
from idp.endpoints.answers import Answer
from idp.endpoints.exchange import Exchange
from idp.protocol import oidc_userinfo, rfc9728_resource_metadata
from idp.protocol.rfc6750_bearer import BearerRequest
from idp.protocol.sender_constraint import NOTHING, Shown
from keys import KeyPurpose

INTERACTION: Final = b"x-fapi-interaction-id"
UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


async def userinfo(exchange: Exchange) -> Answer:
    """The person's claims, as far as the token goes; with the interaction's name where FAPI clients ask."""
    shown = possession.shown(exchange)
    answer = await claims(exchange, shown)
    named = exchange.header(INTERACTION)
    # Only who names an interaction or shows a key can be a FAPI client; the others' answers stay as they are.
    if named is None and shown is NOTHING:
        return answer
    # FAPI 1.0 part 1, 6.2.1 (11), which the tests of FAPI 2.0 ask for too: "shall set the response header
    # x-fapi-interaction-id to the value received from the corresponding FAPI client request header or to a RFC4122
    # UUID value if the request header was not provided".
    if named is None or UUID.fullmatch(named) is None:
        named = str(uuid4())
    return replace(answer, headers=(*answer.headers, (INTERACTION, named.encode("ascii"))))


async def claims(exchange: Exchange, shown: Shown) -> Answer:
    """The answer itself."""
    body = await exchange.form() if exchange.method == "POST" else None
    request = BearerRequest.read(exchange.header(b"authorization"), body, exchange.query, shown)
    outcome = await exchange.services.loop.run(request, request.needs, oidc_userinfo.decide)
    if isinstance(outcome, ProtocolError):
        return answers.refused(rfc9728_resource_metadata.pointed(outcome, exchange.services.policy))
    if outcome.jwt is not None:
        text = signing.answer_text(outcome.jwt, KeyPurpose.USERINFO, exchange.services.ring)
        return answers.token(b"application/jwt", text)
    return answers.json(200, outcome.claims)

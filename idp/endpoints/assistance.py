"""``/eid/v1/assistance``: a helper's portal sends a code, brings the one that was read out, records a paper."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from idp.domain.errors import ProtocolError
from idp.domain.needs import Needs
from idp.domain.tokens import Handle
from idp.endpoints import answers, possession, signing
from idp.endpoints.answers import Answer
from idp.endpoints.exchange import Exchange
from idp.protocol import assisted_confirmation
from idp.protocol.assisted_confirmation import ConfirmationRequest, NotDone, Sent, Wrong
from idp.protocol.oidc_ciba.assisted import ACTOR
from idp.protocol.rfc8693_token_exchange import shown


async def confirm(exchange: Exchange) -> Answer:
    """200 with ``status``: ``code_sent``, ``wrong_code`` or ``confirmed``; 409 with a code for what may not be."""
    parameters = await exchange.form()
    presented = possession.presented(exchange, parameters)
    verified = partial(signing.verified_access, ring=exchange.services.ring)
    handle, loop = Handle.parse(parameters.get("auth_req_id")), exchange.services.loop
    request = ConfirmationRequest(
        *(parameters, presented, exchange.address),
        handle=handle,
        actor=shown(parameters.get(ACTOR), verified),
    )
    known = await loop.loading.load(Needs(decoupled_id=handle.grant_id)) if handle is not None else None
    asked = known.decoupled.request if known is not None and known.decoupled is not None else None
    if asked is not None and asked.assistance is not None:
        request = replace(request, citizen=asked.account_id or "", helper=asked.assistance.helper)
    outcome = await loop.run(request, request.needs, assisted_confirmation.decide)
    if isinstance(outcome, ProtocolError):
        return answers.refused(outcome)
    if isinstance(outcome, NotDone):
        return answers.json(409, {"error": outcome.code, "error_description": "not allowed"})
    if isinstance(outcome, Sent):
        return answers.json(200, {"status": "code_sent", "to": outcome.to})
    if isinstance(outcome, Wrong):
        return answers.json(200, {"status": "wrong_code", "left": outcome.left})
    return answers.json(200, {"status": "confirmed"})

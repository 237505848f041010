"""``/eid/v1/device-challenges``, ``/devices`` and ``/device-acts``: the e-ID app registers and speaks for itself.

The app's own script calls here from its own origin: no cookie is ever looked at. A challenge wants an access token
with ``eid:device``; everything after it is signed by the phone's key.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from idp.accounts.device_acts import DeviceRefused, read_act
from idp.authentication import device_enrolment
from idp.authentication.device_enrolment import Enrolling, Enrolment, hashed
from idp.authentication.pool import Busy
from idp.domain.decision import Decision
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.policy import Policy
from idp.endpoints import answers, possession
from idp.endpoints.answers import Answer
from idp.endpoints.device_handlers import handler_of, pool_of
from idp.endpoints.exchange import Exchange, TooLarge
from idp.ports import Unavailable
from idp.protocol import rfc6750_bearer
from idp.protocol.rfc6750_bearer import BearerRequest
from keys import strict_json

SCOPE: Final = "eid:device"
LONGEST: Final = 8_192
LONGEST_NAME: Final = 200
LONGEST_PIN: Final = 16
MAX_ID: Final = 32


async def challenge(exchange: Exchange) -> Answer:
    """A challenge for a new phone of the token's account."""
    shown = possession.shown(exchange)
    request = BearerRequest.read(exchange.header(b"authorization"), None, exchange.query, shown)

    def begun(asked: BearerRequest, facts: Facts, policy: Policy) -> Decision[Enrolling]:
        found = rfc6750_bearer.proven(asked, facts, policy, scope=SCOPE)
        client = facts.client
        if client is None or client.disabled or SCOPE not in client.scopes:
            raise rfc6750_bearer.refused("insufficient_scope", asked.scheme, SCOPE)
        decision = device_enrolment.invite(found.grant, facts, policy)
        return Decision(decision.outcome, (*found.writes, *decision.writes))

    try:
        begun_now = await exchange.services.loop.run(request, request.needs, begun)
    except ProtocolError as refused:
        return answers.refused(refused)
    except DeviceRefused as refused:
        return not_done(refused)
    return answers.json(
        200,
        {
            "i": begun_now.interaction_id,
            "challenge": begun_now.challenge,
            "expires_in": begun_now.expires_in,
        },
    )


async def register(exchange: Exchange) -> Answer:
    """201 with the device's name once its key and PIN are kept; 4xx with a code, and the challenge still stands."""
    try:
        body = await document_of(exchange)
        enrolment = Enrolment(
            text_of(body, "i", MAX_ID),
            body.get("jwk"),
            text_of(body, "proof", LONGEST),
            text_of(body, "name", LONGEST_NAME),
            text_of(body, "pin", LONGEST_PIN),
        )
        services = exchange.services
        # Everything but the PIN's hash is judged before anything is hashed.
        await services.loop.run(enrolment, enrolment.needs, device_enrolment.judge)
        whole = hashed(enrolment, await pool_of(services).hash(enrolment.pin))
        done = await services.loop.run(whole, whole.needs, device_enrolment.judge)
    except DeviceRefused as refused:
        return not_done(refused)
    except Busy as busy:
        raise Unavailable("passwords", busy.retry_after) from busy
    return answers.json(201, {"device": done.device_id})


async def act(exchange: Exchange) -> Answer:
    """One signed act; 200 with what became of it, else a code."""
    try:
        body = await document_of(exchange)
        signed = read_act(body.get("signed"))
        return answers.json(200, await handler_of(signed)(exchange, signed, body))
    except DeviceRefused as refused:
        return not_done(refused)
    except Busy as busy:
        raise Unavailable("passwords", busy.retry_after) from busy


# ---------------------------------------------------------------- parts


def not_done(refused: DeviceRefused) -> Answer:
    """The code, and what goes with it."""
    extra = ((b"retry-after", b"60"),) if refused.status == HTTPStatus.TOO_MANY_REQUESTS else ()
    return answers.json(refused.status, {"error": refused.code, **refused.values}, extra)


async def document_of(exchange: Exchange) -> dict[str, object]:
    """The body's JSON object, bounded before it is parsed. Raises DeviceRefused and TooLarge."""
    body = await exchange.body()
    if len(body) > LONGEST:
        raise TooLarge
    try:
        return strict_json.parse_object(body)
    except ValueError:
        raise DeviceRefused("malformed", 400) from None


def text_of(body: dict[str, object], name: str, longest: int) -> str:
    """A member that is a text. Raises DeviceRefused."""
    value = body.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise DeviceRefused("malformed", 400)
    return value

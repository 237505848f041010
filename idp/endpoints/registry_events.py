"""``/registry-events``: the population registry pushes Security Event Tokens here (RFC 8935 section 2)."""

from __future__ import annotations

import logging
import time
from typing import Final

from idp.accounts.registry_events import ALGORITHMS, TYP, EventRefused, read_events
from idp.endpoints import answers
from idp.endpoints.answers import Answer
from idp.endpoints.exchange import Exchange, TooLarge
from keys import VerificationFailed

log = logging.getLogger("idp.endpoints")

KIND: Final = "application/secevent+jwt"
LONGEST: Final = 16_384


async def receive(exchange: Exchange) -> Answer:
    """202 once every event of the token is true here; 400 with a code of section 2.4 for what is no event for us."""
    body = await exchange.body()
    if len(body) > LONGEST:
        raise TooLarge
    kind = (exchange.header(b"content-type") or "").partition(";")[0].strip().lower()
    if kind != KIND:
        return refusal("invalid_request", f"the media type is {KIND}")
    services = exchange.services
    try:
        claims = await services.registry.signed(body.decode("ascii"), typ=TYP, algorithms=ALGORITHMS)
        events = read_events(
            claims,
            issuer=services.policy.registry_audience,
            audience=services.policy.issuer,
            now=int(time.time()),
            tolerance=services.policy.clock_tolerance,
        )
    except EventRefused as refused:
        return refusal(refused.err, refused.description)
    except (VerificationFailed, UnicodeDecodeError):
        return refusal("invalid_key", "no signature of the registry")
    for event in events:
        outcome = await services.hearing.hear(event)
        log.info("registry event", extra={"event_kind": event.kind.value, "outcome": outcome})
    return Answer(202, b"", answers.NO_STORE)


def refusal(err: str, description: str) -> Answer:
    """RFC 8935 section 2.3: 400 with ``err`` and ``description``."""
    return answers.json(400, {"err": err, "description": description})

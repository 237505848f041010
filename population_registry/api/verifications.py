"""POST /v1/verifications: the question read once, without pydantic."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from population_registry.api.idempotency import repetition_of
from population_registry.api.json_bodies import read_body
from population_registry.api.service import service_of
from population_registry.verification.asking import read_question
from web import exchange_of

PATH: Final = "/v1/verifications"
OUTCOME: Final = "registry.outcome"
"""Scope key of what came of a question in the hot path (`hot_path`) when it was no answer."""


async def answer_of(request: Request) -> bytes:
    """Values in, flags and a signed receipt out.

    Raises:
        Refusal, Problem: as token, body, question and database have it.
    """
    service = service_of(request)
    caller = await service.gate.caller(request)
    body, parsed = await read_body(request)
    return await service.answering.verify(
        caller,
        read_question(parsed),
        exchange_of(request).request_id,
        repetition_of(request, caller, body, service.answering.ring),
    )


async def verify(request: Request) -> Response:
    """The route behind the hot path, and the answer where the length of a body was not declared."""
    outcome = request.scope.get(OUTCOME)
    if isinstance(outcome, Exception):
        raise outcome
    return Response(await answer_of(request), media_type="application/json")

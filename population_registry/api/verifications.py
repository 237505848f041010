"""POST /v1/verifications: the hot path, a plain route without pydantic."""

from starlette.requests import Request
from starlette.responses import Response

from population_registry.api.idempotency import repetition_of
from population_registry.api.json_bodies import read_body
from population_registry.api.service import service_of
from population_registry.verification.asking import read_question
from web import exchange_of


async def verify(request: Request) -> Response:
    """Values in, flags and a signed receipt out."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    body, parsed = await read_body(request)
    answer = await service.answering.verify(
        caller,
        read_question(parsed),
        exchange_of(request).request_id,
        repetition_of(request, caller, body, service.answering.ring),
    )
    return Response(answer, media_type="application/json")

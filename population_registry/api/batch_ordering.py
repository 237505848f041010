"""POST /v1/batches: order a batch, once for each Idempotency-Key."""

from uuid import uuid4

import orjson
from fastapi import APIRouter, Request, Response

from population_registry.api import batch_models as models
from population_registry.api.answering import ATTEMPTS, Answering
from population_registry.api.batch_documents import PREFIX, batch_document
from population_registry.api.batches import batch_caller
from population_registry.api.database import RETRY_AFTER
from population_registry.api.idempotency import IDEMPOTENCY_KEY, Repetition, repetition_of
from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.batch.asking import Order, permit_batch, read_order
from population_registry.batch.jobs import make_job, open_jobs, show
from population_registry.storage import Pool
from population_registry.storage.answering import recall_answers, remember
from population_registry.storage.transactions import transaction
from population_registry.verification.asking import Caller
from web import Problem

router = APIRouter(route_class=StrictBodyRoute, tags=["batches"])
MOST_OPEN = 20
"""Jobs of one client that have not ended."""


@router.post(
    "/v1/batches",
    status_code=201,
    response_model=models.BatchAnswer,
    summary="Order a batch · Tạo lô xác minh",
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
)
async def order_batch(request: Request, asked: models.BatchRequest) -> Response:
    """A job under one purpose and procedure; its file is sent next, to `content`.

    With an Idempotency-Key the order repeated within a day finds the job that was made, and makes no second one.
    """
    service, caller = await batch_caller(request)
    answering, limits = service.answering, service.batches
    order = read_order(asked.model_dump(exclude_none=True), largest=limits.largest_bytes)
    permit_batch(caller, order, answering.catalogue, answering.clock())
    repetition = repetition_of(request, caller, await request.body(), answering.ring)
    async with answering.database.pool() as pool:
        for _ in range(ATTEMPTS):
            body = await _order_once(pool, answering, caller, order, repetition)
            if body is not None:
                where = f"{PREFIX}{orjson.loads(body)['batch_id']}"
                return Response(body, 201, {"Location": where}, media_type="application/json")
    raise Problem(503, "busy", headers={"Retry-After": str(RETRY_AFTER)})


async def _order_once(
    pool: Pool, answering: Answering, caller: Caller, order: Order, repetition: Repetition | None
) -> bytes | None:
    """The answer, made or remembered; None when the key was used by somebody at the same moment."""
    now = answering.clock()
    if repetition is not None:
        (kept,) = await recall_answers(pool, [(repetition.key, now)])
        if kept is not None and (said := repetition.recalled(kept, answering.ring)) is not None:
            return said
    if await open_jobs(pool, caller.client_id) >= MOST_OPEN:
        raise Problem(
            429,
            "too-many-requests",
            detail_key="problem.too-many-requests.open_batches",
            text_values={"most": MOST_OPEN},
            headers={"Retry-After": "60"},
            reason="open_batches",
        )
    batch_id = uuid4()
    try:
        async with transaction(pool) as connection:
            await make_job(connection, batch_id, caller, order, now)
            job = await show(connection, batch_id, caller.client_id, faults=0)
            assert job is not None
            body = orjson.dumps(batch_document(batch_id, job))
            if repetition is not None and not await remember(
                connection, repetition.kept(body, answering.ring, now)
            ):
                raise _KeyTakenError  # noqa: TRY301 - the block undoes the job of whoever came second
    except _KeyTakenError:
        return None
    return body


class _KeyTakenError(Exception):
    """The key was used for another order meanwhile."""

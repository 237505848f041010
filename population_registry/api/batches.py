"""Batches over HTTP: order, upload in pieces, look at progress, cancel, fetch results.

The upload follows the fields of the IETF draft "Resumable Uploads for HTTP" (draft-ietf-httpbis-resumable-upload):
`Upload-Offset` says where a piece begins, `Upload-Complete: ?0` that more will come; HEAD answers how much is here.
"""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, cast
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Request, Response
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from population_registry.api import batch_models as models
from population_registry.api.batch_documents import batch_document
from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.api.service import Service, service_of
from population_registry.batch.asking import Outcome
from population_registry.batch.jobs import (
    Job,
    State,
    append,
    cancel,
    complete,
    read_job,
    show,
    upload_state,
)
from population_registry.batch.results import Fetch, result_file
from population_registry.verification.asking import Caller, require_scope
from population_registry.verification.authorising import SCOPE_VERIFY
from population_registry.verification.refusals import malformed
from web import Problem

router = APIRouter(route_class=StrictBodyRoute, tags=["batches"])
FAULTS_SHOWN = 100
PIECE = 512 * 1024
"""Bytes of one piece in the database: what an upload holds in memory."""
_OFFSET = re.compile(r"[0-9]{1,15}", re.ASCII)
MEDIA = {
    Outcome.CSV: "text/csv; charset=utf-8",
    Outcome.NDJSON: "application/x-ndjson",
    Outcome.PARQUET: "application/vnd.apache.parquet",
}

BatchId = Annotated[UUID, Path(description="The id that the order was answered with")]


@router.get("/v1/batches/{batch_id}", response_model=models.BatchAnswer, summary="Progress · Tiến độ")
async def batch(request: Request, batch_id: BatchId) -> Response:
    """State, exact progress, counts, the first row faults, and after the end the signed summary."""
    service, caller = await batch_caller(request)
    async with service.answering.database.pool() as pool:
        job = await show(pool, batch_id, caller.client_id, faults=FAULTS_SHOWN)
    if job is None:
        raise Problem(404, "not-found")
    return _json(batch_document(batch_id, job))


@router.post(
    "/v1/batches/{batch_id}/cancellation", response_model=models.BatchAnswer, summary="Cancel · Hủy lô"
)
async def cancel_batch(request: Request, batch_id: BatchId) -> Response:
    """Ends the job now: nothing more is answered or logged, its rows are erased."""
    service, caller = await batch_caller(request)
    async with service.answering.database.pool() as pool:
        done = await cancel(pool, batch_id, caller.client_id, service.answering.clock())
        job = await show(pool, batch_id, caller.client_id, faults=0)
    if job is None:
        raise Problem(404, "not-found")
    if not done and job["state"] != State.CANCELLED.value:
        raise Problem(409, "batch-state", state=job["state"])
    return _json(batch_document(batch_id, job))


@router.head(
    "/v1/batches/{batch_id}/content", status_code=204, summary="How much has arrived · Đã nhận bao nhiêu"
)
async def content_state(request: Request, batch_id: BatchId) -> Response:
    """`Upload-Offset` is where the next piece must begin."""
    service, caller = await batch_caller(request)
    state, received, _ = await _upload(service, caller, batch_id)
    return Response(status_code=204, headers=_upload_headers(state, received) | {"Cache-Control": "no-store"})


@router.put(
    "/v1/batches/{batch_id}/content",
    status_code=204,
    summary="Send the file, or a piece of it · Gửi tệp",
    openapi_extra={
        "parameters": [
            {
                "name": "Upload-Offset",
                "in": "header",
                "schema": {"type": "integer", "minimum": 0, "default": 0},
            },
            {
                "name": "Upload-Complete",
                "in": "header",
                "schema": {"type": "string", "enum": ["?0", "?1"], "default": "?1"},
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                media: {"schema": {"type": "string", "format": "binary"}}
                for media in ("application/octet-stream", "text/csv", "application/x-ndjson")
            },
        },
    },
)
async def send_content(request: Request, batch_id: BatchId) -> Response:
    """Streamed in constant memory; what has arrived stays when the connection breaks."""
    service, caller = await batch_caller(request)
    at, last = _piece_headers(request)
    state, received, length = await _upload(service, caller, batch_id)
    if state is not State.UPLOADING:
        raise Problem(409, "batch-state", state=state.value)
    if at != received:
        raise Problem(409, "upload-offset", expected=received, headers=_upload_headers(state, received))
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Problem(415, "unsupported-media-type")
    most = service.batches.largest_bytes if length is None else length
    received = await _receive(request, service, batch_id, at, most)
    if not last:
        return Response(status_code=204, headers=_upload_headers(State.UPLOADING, received))
    if length is not None and received != length:
        raise Problem(422, "upload-length", expected=length, received=received)
    async with service.answering.database.pool() as pool:
        if not await complete(pool, batch_id, received, service.answering.clock()):
            raise Problem(409, "upload-offset")
    return Response(status_code=204, headers=_upload_headers(State.UPLOADED, received))


@router.get(
    "/v1/batches/{batch_id}/results.{layout}",
    summary="Results · Kết quả",
    responses={
        200: {"content": {media: {} for media in MEDIA.values()}, "description": "One line for each row"}
    },
)
async def results(request: Request, batch_id: BatchId, layout: Outcome) -> Response:
    """One line for each row, in the order of the file; the SHA-256 of CSV and NDJSON stands in the signed summary."""
    service, job = await finished_job(request, batch_id)
    pieces = result_file(pages_of(service), batch_id, layout, job.kind, job.columns)
    return file_of(pieces, layout, f"{batch_id}")


async def finished_job(request: Request, batch_id: UUID) -> tuple[Service, Job]:
    """The caller's own job, when it is finished and its rows are still here."""
    service, caller = await batch_caller(request)
    async with service.answering.database.pool() as pool:
        shown = await show(pool, batch_id, caller.client_id, faults=0)
        job = await read_job(pool, batch_id)
    if shown is None or job is None:
        raise Problem(404, "not-found")
    if shown["erased_at"] is not None or shown["erase_after"] <= service.answering.clock():
        raise Problem(410, "gone")
    if shown["state"] != State.FINISHED.value:
        raise Problem(409, "batch-state", state=shown["state"])
    return service, job


def pages_of(service: Service) -> Fetch:
    """Runs one query of a file, with a connection of its own for each page."""

    async def page(query: str, *values: object) -> Sequence[Sequence[Any]]:
        async with service.answering.database.pool() as pool:
            return cast("Sequence[Sequence[Any]]", await pool.fetch(query, *values))

    return page


def file_of(pieces: AsyncIterator[bytes], layout: Outcome, name: str) -> StreamingResponse:
    """The download."""
    named = f'attachment; filename="{name}.{layout.value}"'
    headers = {"Content-Disposition": named, "Cache-Control": "no-store"}
    return StreamingResponse(pieces, media_type=MEDIA[layout], headers=headers)


async def batch_caller(request: Request) -> tuple[Service, Caller]:
    """The caller of any endpoint of batches, with the scope for it."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    require_scope(caller, SCOPE_VERIFY)
    return service, caller


async def _upload(service: Service, caller: Caller, batch_id: UUID) -> tuple[State, int, int | None]:
    async with service.answering.database.pool() as pool:
        found = await upload_state(pool, batch_id, caller.client_id)
    if found is None:
        raise Problem(404, "not-found")
    return found


def _piece_headers(request: Request) -> tuple[int, bool]:
    offset = request.headers.get("upload-offset", "0")
    if not _OFFSET.fullmatch(offset):
        raise malformed("Upload-Offset")
    said = request.headers.get("upload-complete", "?1")
    if said not in {"?0", "?1"}:
        raise malformed("Upload-Complete")
    return int(offset), said == "?1"


async def _receive(request: Request, service: Service, batch_id: UUID, at: int, most: int) -> int:
    """Keep the body piece by piece; answers how much is here then. What came before a broken connection is kept."""
    held = bytearray()
    try:
        async for data in request.stream():
            if at + len(held) + len(data) > most:
                raise Problem(413, "body-too-large", headers={"Connection": "close"})
            held += data
            if len(held) >= PIECE:
                at = await _keep(service, batch_id, at, bytes(held))
                held.clear()
    except ClientDisconnect:
        if held:
            await _keep(service, batch_id, at, bytes(held))
        raise
    return await _keep(service, batch_id, at, bytes(held)) if held else at


async def _keep(service: Service, batch_id: UUID, at: int, content: bytes) -> int:
    async with service.answering.database.pool() as pool:
        if not await append(pool, batch_id, at, content):
            raise Problem(409, "upload-offset")
    return at + len(content)


def _upload_headers(state: State, received: int) -> dict[str, str]:
    return {
        "Upload-Offset": str(received),
        "Upload-Complete": "?0" if state is State.UPLOADING else "?1",
    }


def _json(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(value), status, headers, media_type="application/json")

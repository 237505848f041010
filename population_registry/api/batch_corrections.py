"""What a reconciliation leaves to do: for each unit the records that it must correct (insurance.md section 6)."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from population_registry.api.batches import MEDIA, BatchId, file_of, finished_job, pages_of
from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.batch.asking import Kind, Outcome
from population_registry.batch.results import LONGEST_UNIT, UNITS_OF_A_PAGE, correction_file, units_of
from web import Problem

router = APIRouter(route_class=StrictBodyRoute, tags=["batches"])
Unit = Annotated[str | None, Query(max_length=LONGEST_UNIT, description="As the file names it")]


class UnitAnswer(BaseModel):
    """One unit and how its records came out; rows without a unit have the empty one."""

    unit: str
    rows: int
    to_correct: int
    statuses: dict[str, int] = Field(description="Rows by status; `refused` are those with a row error")


class UnitsAnswer(BaseModel):
    """Units in the order of their names; `next` continues the list."""

    units: list[UnitAnswer]
    next: str | None


@router.get(
    "/v1/batches/{batch_id}/units",
    response_model=UnitsAnswer,
    summary="Units and their records · Đơn vị và dữ liệu cần sửa",
)
async def units(request: Request, batch_id: BatchId, after: Unit = None) -> Response:
    """How many records each unit must correct."""
    service, job = await finished_job(request, batch_id)
    if job.kind is not Kind.RECONCILE:
        raise Problem(404, "not-found")
    found = await units_of(pages_of(service), batch_id, after)
    last = found[-1]["unit"] if len(found) == UNITS_OF_A_PAGE else None
    return Response(orjson.dumps({"units": found, "next": last}), media_type="application/json")


@router.get(
    "/v1/batches/{batch_id}/corrections.{layout}",
    summary="Records to correct · Danh sách cần sửa",
    responses={
        200: {"content": {media: {} for media in MEDIA.values()}, "description": "One line for each row"}
    },
)
async def corrections(request: Request, batch_id: BatchId, layout: Outcome, unit: Unit = None) -> Response:
    """The rows that are not verified, of one unit or of all, in the order of the file."""
    service, job = await finished_job(request, batch_id)
    if job.kind is not Kind.RECONCILE:
        raise Problem(404, "not-found")
    pieces = correction_file(pages_of(service), batch_id, unit, layout, job.columns)
    return file_of(pieces, layout, f"{batch_id}-corrections")

"""POST /v1/references/addresses: which communes of today an address in the words of either time may lie in.

Public reference work on the text alone: nobody is looked up and nothing is kept. A POST, so that no address of
anybody stands in a log of addresses.
"""

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.api.lookup_models import CommuneOut
from population_registry.api.models import Strict
from population_registry.api.service import service_of
from population_registry.matching import Reading, graded, resolve
from population_registry.matching.addresses import MAX_ADDRESS

router = APIRouter(route_class=StrictBodyRoute, tags=["references"])


class AddressRequest(Strict):
    """An address, the smallest part first."""

    text: str = Field(
        min_length=1,
        max_length=MAX_ADDRESS,
        examples=["Số 5, đường Hoa Sen, Phường Trúc Bạch, Quận Ba Đình, Thành phố Hà Nội"],
    )


class CandidateOut(BaseModel):
    """One commune of today that the text may mean."""

    commune: CommuneOut
    former_ward: str | None = Field(description="The code of the ward of before 1 July 2025 that led there")
    detail: str = Field(description="House, street or hamlet, as written")
    grade: str = Field(examples=["exact", "equal_after_normalisation", "near"])
    reasons: list[str] = Field(examples=[["unit_merged"], ["unit_split"], ["unit_ambiguous"]])


class AddressAnswer(BaseModel):
    """All candidates, the surest first; none where the text names no commune."""

    candidates: list[CandidateOut]


@router.post(
    "/v1/references/addresses",
    response_model=AddressAnswer,
    summary="Read an address of either time · Đọc địa chỉ trước và sau 01/7/2025",
)
async def addresses(request: Request, asked: AddressRequest) -> Response:
    """Old four-part wording and today's: every commune that it may lie in, graded, with reasons. Public."""
    references = service_of(request).references
    found = resolve(asked.text, references.places, references.successors)
    candidates = [_candidate(reading, references.places.describe(reading.commune)) for reading in found]
    return Response(orjson.dumps({"candidates": candidates}), media_type="application/json")


def _candidate(reading: Reading, commune: dict[str, str] | None) -> dict[str, Any]:
    said = graded(reading.reasons)
    return {
        "commune": commune or {"code": reading.commune},
        "former_ward": reading.ward,
        "detail": reading.detail,
        "grade": said.grade.value,
        "reasons": [reason.value for reason in said.reasons],
    }

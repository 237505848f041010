"""The papers of a dossier's acts, for the applicant and the portal that filed it: signed PDF, signed JSON."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from keys import SealBroken
from population_registry.api.dossiers import acting
from population_registry.api.dossiers.act_papers import paper_of
from population_registry.api.dossiers.routes import Code
from population_registry.api.service import service_of
from population_registry.domain.confirmations import ConfirmationRow
from population_registry.papers.confirmation.issuing import Opened, opened, signed_document
from web import Problem, exchange_of

router = APIRouter(tags=["dossiers"])
Line = Annotated[
    int, Path(ge=1, le=99_999, description="The number of a line of `history` that names a form")
]


class ActPaperAnswer(BaseModel):
    """The paper in its signed forms, and where its files are; the paper of an act has no end."""

    confirmation_id: str
    form: str = Field(examples=["CT05"])
    issued_at: str
    valid_until: str | None
    confirmation: str = Field(description="JWS, typ dossier-paper+jwt (of CT07: residence-confirmation+jwt)")
    stamp: str = Field(description="JWS, typ dossier-stamp+jwt (of CT07: residence-stamp+jwt): the QR code")
    pdf: str
    json_: str = Field(alias="json")


@router.get(
    "/v1/dossiers/{code}/papers/{number}.json",
    response_model=ActPaperAnswer,
    summary="An act's paper as signed JSON · Giấy của hồ sơ, JSON có chữ ký",
)
async def as_json(request: Request, code: Code, number: Line) -> Response:
    """Signed when first asked for, then the same again. Whether it was withdrawn: `/v1/confirmations/checks`."""
    row, paper = await _paper(request, code, number)
    document = orjson.dumps(signed_document(row, paper.confirmation, paper.stamp))
    return Response(document, headers={"Cache-Control": "no-store"}, media_type="application/json")


@router.get(
    "/v1/dossiers/{code}/papers/{number}.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The form, signed (PAdES-B-B)"}},
    summary="An act's paper as signed PDF · Giấy của hồ sơ, PDF ký số",
)
async def as_pdf(request: Request, code: Code, number: Line) -> Response:
    """CT04, CT05, CT06, CT07, CT08, notice of stop, apology: tagged, with its QR code."""
    row, paper = await _paper(request, code, number)
    file = await service_of(request).paper_press.pressed(row, paper)
    headers = {
        "Content-Disposition": f'attachment; filename="{row.form}-{code}.pdf"',
        "Cache-Control": "no-store",
    }
    return Response(file, headers=headers, media_type="application/pdf")


async def _paper(request: Request, code: str, number: int) -> tuple[ConfirmationRow, Opened]:
    service = service_of(request)
    caller = await service.gate.caller(request)
    dossier = await acting.mine(service.desk, caller, code)
    request_id = exchange_of(request).request_id
    row = await paper_of(service.desk, caller, dossier, number, None, request_id)
    try:
        return row, opened(row, service.desk.ring)
    except SealBroken as broken:
        raise Problem(410, "gone", cause=broken) from broken

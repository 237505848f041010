"""Confirmations of residence, form CT07: issue one, fetch it as signed JSON or as a signed PDF."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from keys import SealBroken
from population_registry.api.checking import CheckAnswered, CheckAsked
from population_registry.api.confirming import read_order
from population_registry.api.dossiers.authority import SCOPE_DOSSIERS
from population_registry.api.idempotency import repetition_of
from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.api.models import DossierCode, Officer, Purpose, Strict
from population_registry.api.service import service_of
from population_registry.domain.confirmations import ConfirmationRow
from population_registry.papers.confirmation.code import read_code
from population_registry.papers.confirmation.issuing import Opened, opened, signed_document
from population_registry.papers.confirmation.judging import PaperState
from population_registry.verification.asking import require_scope
from population_registry.verification.authorising import SCOPE_RELEASE
from population_registry.verification.refusals import Refusal, RefusalCode, malformed
from web import Problem, address_seen, exchange_of

router = APIRouter(route_class=StrictBodyRoute, tags=["confirmations"])
PROCEDURE = "1.010041"

ConfirmationId = Annotated[UUID, Path(description="The id that issuing answered with")]


class ConfirmationRequest(Strict):
    """What a CT07 is asked for; it is about the person of the token."""

    purpose: Purpose
    procedure_code: str = Field(max_length=64, examples=[PROCEDURE])
    dossier_code: DossierCode | None = None
    officer: Officer | None = None


class ConfirmationAnswer(BaseModel):
    """The paper in its signed forms, and where its files are."""

    confirmation_id: UUID
    form: str = Field(examples=["CT07"])
    issued_at: str
    valid_until: str
    confirmation: str = Field(description="JWS, typ residence-confirmation+jwt, ES256: the whole content")
    stamp: str = Field(
        description="JWS, typ residence-stamp+jwt: what the QR code on the paper says by itself"
    )
    pdf: str
    json_: str = Field(alias="json")


@router.post(
    "/v1/confirmations",
    status_code=201,
    response_model=ConfirmationAnswer,
    summary="Confirm residence (CT07) · Xác nhận thông tin về cư trú",
)
async def confirm(request: Request, asked: ConfirmationRequest) -> Response:
    """Void at once when any listed datum changes, at the latest after a year; logged about everybody it names."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    answering = service.answering
    wanted = read_order(asked.model_dump(exclude_none=True), caller, answering.catalogue, answering.clock())
    repetition = repetition_of(request, caller, await request.body(), answering.ring)
    answer = await service.confirming.issue(caller, wanted, exchange_of(request).request_id, repetition)
    return Response(answer, 201, media_type="application/json")


@router.get(
    "/v1/confirmations/{confirmation_id}.json",
    response_model=ConfirmationAnswer,
    summary="A confirmation as signed JSON · Bản JSON có chữ ký",
)
async def as_json(request: Request, confirmation_id: ConfirmationId) -> Response:
    """The same signed texts again; whether the paper still holds is asked of `checks`."""
    row, paper = await _own(request, confirmation_id)
    document = signed_document(row, paper.confirmation, paper.stamp)
    return Response(orjson.dumps(document), media_type="application/json")


@router.get(
    "/v1/confirmations/{confirmation_id}.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "Form CT07, signed (PAdES-B-B)"}},
    summary="A confirmation as signed PDF · Bản PDF ký số",
)
async def as_pdf(request: Request, confirmation_id: ConfirmationId) -> Response:
    """The printed form: tagged, with its QR code; the same bytes for as long as the same signer signs."""
    row, paper = await _own(request, confirmation_id)
    file = await service_of(request).paper_press.pressed(row, paper)
    named = f'attachment; filename="CT07-{paper.claims["code"]}.pdf"'
    return Response(
        file,
        headers={"Content-Disposition": named, "Cache-Control": "no-store"},
        media_type="application/pdf",
    )


@router.get(
    "/v1/confirmations/authorities",
    response_class=Response,
    responses={200: {"content": {"application/x-pem-file": {}}, "description": "Certificates, PEM"}},
    summary="Whose signature a PDF bears · Chứng thư ký giấy",
)
async def authorities(request: Request) -> Response:
    """The authorities that signed PDF files are believed by. Public."""
    return Response(
        service_of(request).paper_press.authorities(),
        headers={"Cache-Control": "public, max-age=300"},
        media_type="application/x-pem-file",
    )


class CheckRequest(Strict):
    """What stands on the paper, or the digest of its PDF file."""

    code: str | None = Field(default=None, max_length=40, examples=["7KQ4-0M2R-XV9A-3T6B"])
    number_ending: str | None = Field(
        default=None, pattern="^[0-9]{4}$", description="Last four digits of the holder's personal number"
    )
    pdf_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")


class SupersedingAct(BaseModel):
    """The newest act of the dossier after the one of this paper."""

    form: str = Field(examples=["04"])
    at: str


class CheckAnswer(BaseModel):
    """What is printed on it only of one that holds or was overtaken: of a CT07 `home`, else dossier and day."""

    state: PaperState
    form: str | None = None
    issued_at: str | None = None
    valid_until: str | None = None
    superseded_by: SupersedingAct | None = None
    name: str | None = None
    home: str | None = None
    dossier_code: str | None = None
    procedure: str | None = None
    at: str | None = None


@router.post(
    "/v1/confirmations/checks",
    response_model=CheckAnswer,
    response_model_exclude_none=True,
    summary="Check a paper · Kiểm tra giấy xác nhận",
)
async def check(request: Request, asked: CheckRequest) -> Response:
    """Public: `code` with `number_ending`, or `pdf_sha256`. An unknown code and a wrong ending are answered alike."""
    if (asked.pdf_sha256 is None) == (asked.code is None or asked.number_ending is None):
        raise malformed("pdf_sha256" if asked.code is None else "number_ending")
    if asked.pdf_sha256 is not None and (asked.code is not None or asked.number_ending is not None):
        raise malformed("pdf_sha256")
    wanted = (
        CheckAsked(file=bytes.fromhex(asked.pdf_sha256))
        if asked.pdf_sha256 is not None
        else CheckAsked(read_code(asked.code or ""), asked.number_ending or "")
    )
    answered = await checked(request, wanted)
    return Response(orjson.dumps(answered.document()), media_type="application/json")


async def checked(request: Request, wanted: CheckAsked) -> CheckAnswered:
    """A check from this request's address.

    Raises:
        Problem: 429 or 503.
    """
    service = service_of(request)
    peer = request.client.host if request.client else "unknown"
    address = address_seen(peer, request.headers.getlist("x-forwarded-for"), service.forwarded_hops)
    return await service.paper_checks.check(wanted, address, exchange_of(request).request_id)


async def _own(request: Request, confirmation_id: UUID) -> tuple[ConfirmationRow, Opened]:
    """A paper of this client; with a person's token, of that person, whoever filed the dossier it was issued for."""
    service = service_of(request)
    caller = await service.gate.caller(request)
    if SCOPE_DOSSIERS not in caller.scopes:
        require_scope(caller, SCOPE_RELEASE)
    row = await service.confirming.kept(confirmation_id)
    if row.event is not None:  # the paper of a dossier's act is given out with its dossier
        raise Problem(404, "not-found")
    try:
        paper = opened(row, service.confirming.ring)
    except SealBroken as broken:
        raise Problem(410, "gone", cause=broken) from broken
    own = caller.person_number == paper.claims["identity"]["number"]
    mine = caller.client_id == row.client_id and (own or caller.person_number is None)
    if not (mine or (own and SCOPE_DOSSIERS in caller.scopes and row.dossier_code is not None)):
        raise Problem(404, "not-found")
    # RFC 9396: a token that the person limited to another procedure or dossier opens no paper beside it.
    agreed = caller.details
    if agreed is not None and not any(
        each.procedure == row.procedure_code and each.dossier in {None, row.dossier_code} for each in agreed
    ):
        raise Refusal(RefusalCode.OUTSIDE_AUTHORIZATION_DETAILS, member="dossier_code")
    return row, paper

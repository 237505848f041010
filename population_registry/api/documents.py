"""POST /v1/documents/checks: a card's QR line, zone or chip against itself and against the record."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from population_registry.api.idempotency import IDEMPOTENCY_KEY, repetition_of
from population_registry.api.json_bodies import StrictBodyRoute
from population_registry.api.models import (
    ClaimAnswer,
    DossierCode,
    Officer,
    Purpose,
    Strict,
    VerificationAnswer,
)
from population_registry.api.service import service_of
from population_registry.papers.asking import read_check
from web import exchange_of

router = APIRouter(route_class=StrictBodyRoute)
_LONGEST_FILE = 60_000


class ChipFilesIn(Strict):
    """Elementary files as read from the chip, base64."""

    sod: str = Field(max_length=_LONGEST_FILE, description="EF.SOD")
    dg1: str = Field(max_length=_LONGEST_FILE)
    dg13: str = Field(max_length=_LONGEST_FILE)


class DocumentIn(Strict):
    """Exactly one of the three."""

    qr: str | None = Field(default=None, max_length=2_000, description="The line of the QR code; no proof")
    mrz: list[str] | None = Field(
        default=None, max_length=3, description="Three lines of thirty letters; no proof"
    )
    chip: ChipFilesIn | None = Field(default=None, description="Proof by passive authentication")


class DocumentCheckRequest(Strict):
    """A card that was shown, for a dossier."""

    purpose: Purpose
    procedure_code: str = Field(max_length=64, examples=["1.004194"])
    dossier_code: DossierCode | None = Field(default=None, description="Mandatory for document checks")
    officer: Officer | None = None
    document: DocumentIn


class DocumentAnswer(BaseModel):
    """What the card shows without the record; `authentic` is `match` only for a genuine chip."""

    kind: str = Field(examples=["qr", "mrz", "chip"])
    authentic: ClaimAnswer
    checks: dict[str, ClaimAnswer] = Field(
        description="structure, and for chips signature, chain, hashes, agreement"
    )


class DocumentCheckAnswer(VerificationAnswer):
    """As a verification; `results.card` says whether the card may be used today."""

    document: DocumentAnswer


@router.post(
    "/v1/documents/checks",
    response_model=DocumentCheckAnswer,
    summary="Check a card · Kiểm tra thẻ căn cước",
    tags=["documents"],
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
)
async def check_document(request: Request, asked: DocumentCheckRequest) -> Response:
    """Flags and a signed receipt; the QR line and the zone are data entry help, only a chip is proof."""
    service = service_of(request)
    answering = service.answering
    caller = await service.gate.caller(request)
    body: dict[str, Any] = asked.model_dump(exclude_none=True)
    check = read_check(body, caller, answering.catalogue, service.cards.current(), answering.clock())
    answer = await answering.verify(
        caller,
        check.question,
        exchange_of(request).request_id,
        repetition_of(request, caller, await request.body(), answering.ring),
        beside={"document": check.document},
    )
    return Response(answer, media_type="application/json")

"""The shapes of batches; the rules read the same JSON strictly again."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from population_registry.api.models import DossierCode, Officer, Purpose, Strict


class BatchRequest(Strict):
    """Why, what, and which column of the file holds which value."""

    purpose: Purpose
    procedure_code: str = Field(max_length=64, examples=["bhxh.reconcile"])
    dossier_code: DossierCode | None = None
    officer: Officer | None = None
    kind: str = Field(default="verify", max_length=16, examples=["verify", "reconcile"])
    format: str = Field(max_length=16, examples=["csv", "ndjson"])
    columns: dict[str, str] = Field(
        description="`number`, `name`, `birth_date`, and further claims, each with the name of its column; `ref` is "
        "your own key of a row and comes back with the answer",
        examples=[{"ref": "ma_so", "number": "so_dinh_danh", "name": "ho_ten", "birth_date": "ngay_sinh"}],
    )
    length: int | None = Field(
        default=None, gt=0, description="Bytes of the whole file; another length is refused"
    )
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$", description="Of the whole file")


class RowErrorAnswer(BaseModel):
    """Why a row was not asked."""

    line: int
    ref: str | None
    code: str = Field(examples=["number-malformed", "number-twice"])
    column: str | None
    message: dict[str, str] = Field(description="The sentence in `vi` and `en`")


class BatchAnswer(BaseModel):
    """A job and how far it is."""

    batch_id: str
    state: str = Field(
        examples=[
            "uploading",
            "uploaded",
            "working",
            "finished",
            "refused",
            "stopped",
            "cancelled",
            "expired",
        ]
    )
    kind: str
    format: str
    procedure_code: str
    dossier_code: str | None
    purpose: str
    bytes: dict[str, int | None]
    rows: dict[str, int | None] = Field(
        description="`total`, `done`, and of those done `established`, `not_established`, `no_such_person`, `refused`"
    )
    row_errors: list[RowErrorAnswer] = Field(description="The first hundred; all are in the results")
    problem: dict[str, Any] | None
    created_at: datetime
    uploaded_at: datetime | None
    ended_at: datetime | None
    erase_after: datetime | None
    erased_at: datetime | None
    results: dict[str, str] | None
    receipt: str | None = Field(description="JWS, typ batch-receipt+jwt: counts, digests, purpose, times")

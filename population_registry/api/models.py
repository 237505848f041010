"""The shapes of the JSON that people explore; the rules read the same JSON strictly again."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from population_registry.procedures.inputs import FIRST_YEAR, LAST_YEAR

FIRST_MOMENT = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
END_OF_TIME = datetime(LAST_YEAR, 1, 1, tzinfo=UTC)
"""No dossier is received before or after; the calendar of working days need not be made for other years."""
Purpose = Annotated[str, Field(min_length=5, max_length=500, examples=["Thẩm định hồ sơ đăng ký tạm trú"])]
DossierCode = Annotated[str, Field(max_length=64, examples=["G01.899.05-261121-010042"])]
Officer = Annotated[str, Field(max_length=64, examples=["CA-00004-017"])]


class Strict(BaseModel):
    """A request: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Subject(Strict):
    """The person asked about."""

    number: str = Field(max_length=40, description="Personal number, or an old nine-digit number")


class VerificationRequest(Strict):
    """Values in."""

    purpose: Purpose
    procedure_code: str = Field(max_length=64, examples=["1.004194"])
    dossier_code: DossierCode | None = None
    officer: Officer | None = None
    subject: Subject
    claims: dict[str, Any] = Field(
        min_length=1, examples=[{"name": "Phạm Thị Kiểm Thử", "birth_date": "1990-05-17"}]
    )


class ClaimAnswer(BaseModel):
    """How one claim stands."""

    flag: str = Field(examples=["match", "close", "mismatch", "unknown"])
    reasons: list[str]
    members: list[str] | None = None
    detail: dict[str, Any] | None = None
    member_details: list[dict[str, Any] | None] | None = None


class VerificationAnswer(BaseModel):
    """Flags out; never a value."""

    verification_id: str
    procedure_code: str
    dossier_code: str | None
    answered_at: datetime
    data_as_of: datetime
    identity: str = Field(examples=["established", "not_established"])
    results: dict[str, ClaimAnswer]
    receipt: str = Field(description="JWS, typ identity-receipt+jwt, ES256")


class AssessmentRequest(Strict):
    """Inputs of a procedure; without `subject` nobody is looked up."""

    purpose: Purpose
    dossier_code: DossierCode | None = None
    officer: Officer | None = None
    subject: Subject | None = None
    claims: dict[str, Any] = Field(default_factory=dict, description="Usually name and birth_date")
    received_at: Annotated[AwareDatetime, Field(strict=False, ge=FIRST_MOMENT, lt=END_OF_TIME)]
    inputs: dict[str, Any]


class CheckAnswer(BaseModel):
    """One condition of the procedure."""

    code: str
    flag: str = Field(examples=["pass", "fail", "unknown"])
    reasons: list[str]


class AssessmentAnswer(BaseModel):
    """Checks, deadline, and a fee or a premium."""

    checks: list[CheckAnswer]
    outcome: str
    deadline: dict[str, Any]
    fee: dict[str, Any] | None = None
    premium: dict[str, Any] | None = None
    verification: VerificationAnswer | None = None


class ReleaseRequest(Strict):
    """Which fields of the token's person are wanted."""

    purpose: Purpose
    procedure_code: str = Field(max_length=64)
    dossier_code: DossierCode | None = None
    officer: Officer | None = None
    subject: Subject | None = None
    fields: list[str] = Field(min_length=1, max_length=30)


class ReleaseAnswer(BaseModel):
    """Values out, logged as released."""

    release_id: str
    released_at: datetime
    values: dict[str, Any]


class AccessEntryAnswer(BaseModel):
    """Who looked at me."""

    entry_id: str
    at: datetime
    client: str
    agency: str
    officer: str | None
    purpose: str
    procedure_code: str
    dossier_code: str | None
    fields: dict[str, str]
    outcome: str
    cursor: str = Field(description="What is older than this entry, for a page that ends with it")


class AccessLogAnswer(BaseModel):
    """One page, newest first; pass `next_cursor` as `cursor` for the next."""

    entries: list[AccessEntryAnswer]
    next_cursor: str | None


class CommunesAnswer(BaseModel):
    """Communes of today."""

    communes: list[dict[str, str]]


class ProceduresAnswer(BaseModel):
    """The catalogue."""

    procedures: list[dict[str, Any]]

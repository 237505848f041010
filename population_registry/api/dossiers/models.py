"""The shapes of the JSON of dossiers; inputs of a procedure are read strictly by the procedure itself."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from population_registry.api.models import (
    END_OF_TIME,
    FIRST_MOMENT,
    DossierCode,
    Officer,
    Purpose,
    Strict,
    Subject,
)


def _legible(text: str) -> str:
    """Letters, spaces and line ends; no control character reaches the database."""
    if not text.replace("\n", " ").isprintable():
        raise ValueError("control characters")
    return text


Words = Annotated[str, Field(min_length=3, max_length=1000), AfterValidator(_legible)]
Evidence = Annotated[str, Field(min_length=3, max_length=200), AfterValidator(_legible)]
OfficerId = Annotated[Officer, Field(pattern=r"^[A-Za-z0-9._:\-]{1,64}$")]
Version = Annotated[int, Field(ge=1, le=100_000, description="The version that was seen")]
Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:\-]{6,64}$", examples=["PAY-20261122-000017"])]
Moment = Annotated[AwareDatetime, Field(strict=False, ge=FIRST_MOMENT, lt=END_OF_TIME)]


class FileRequest(Strict):
    """A new dossier. `applicant` and `officer` only when an officer files on paper or ex officio."""

    procedure_code: str = Field(max_length=64, examples=["1.004194"])
    purpose: Purpose
    inputs: dict[str, Any]
    dossier_code: DossierCode | None = None
    filing: Literal["online", "paper", "ex_officio"] = "online"
    applicant: Subject | None = None
    officer: OfficerId | None = None


class SupplementRequest(Strict):
    """The answer to CT05: the inputs anew, whole."""

    version: Version
    inputs: dict[str, Any]
    note: Words | None = None


class ConsentRequest(Strict):
    """Yes or no of the person of the token, in every capacity in which that person was asked, or in those named."""

    given: bool
    roles: list[str] | None = Field(default=None, max_length=6)
    channel: Literal["app", "portal"] = "portal"
    signed: str | None = Field(
        default=None,
        max_length=12_288,
        description="With a yes: what the phone signed and the identity provider attested (eid-consent+jwt)",
    )


class PaymentRequest(Strict):
    """What the payment system says."""

    amount: int = Field(ge=1, le=1_000_000_000)
    reference: Reference


class RefundRequest(Strict):
    """What the payment system says."""

    reference: Reference


class HoldRequest(Strict):
    """Whether the e-identity of a person is locked now."""

    subject: Subject
    locked: bool


class ActRequest(Strict):
    """What an officer does. `occurred_at`: when it was done, if it is entered later."""

    act: Literal[
        "receive",
        "refuse_intake",
        "ask_supplement",
        "record_consent",
        "renew_consents",
        "approve",
        "refuse",
        "return_result",
        "stop",
        "apologise",
    ]
    officer: OfficerId
    version: Version
    occurred_at: Moment | None = None
    reason: Words | None = None
    appointed_on: Annotated[date, Field(strict=False)] | None = Field(
        default=None, description="With `apologise`: the day on which the result is promised anew"
    )
    confirmed: list[str] = Field(default_factory=list, max_length=40)
    person: Subject | None = None
    roles: list[str] | None = Field(default=None, max_length=6)
    given: bool | None = None
    channel: Literal["signature", "recorded", "paper"] | None = None
    evidence: Evidence | None = None


class DossierAnswer(BaseModel):
    """A dossier as its applicant sees it."""

    dossier_code: str
    procedure_code: str
    procedure_name: dict[str, str] | None
    state: int = Field(description="State of the national catalogue, 1 to 10")
    version: int
    filing: str
    assisted: bool
    filed_by: dict[str, str] | None = Field(
        description="Who filed for the applicant; null when the applicant did"
    )
    filed_at: str
    received_on: str | None
    due_on: str | None
    half_days: int
    punctuality: str
    fee: dict[str, Any]
    consents: list[dict[str, Any]]
    inputs: dict[str, Any]
    history: list[dict[str, Any]]
    decision: dict[str, Any] | None
    result: dict[str, Any]
    linked_to: str | None


class DossiersAnswer(BaseModel):
    """One page, newest first; pass `next_cursor` as `cursor` for the next."""

    dossiers: list[DossierAnswer]
    next_cursor: str | None


class ConsentsAnswer(BaseModel):
    """Dossiers that ask the person of the token for consent."""

    consents: list[dict[str, Any]]

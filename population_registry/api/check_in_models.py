"""The shapes of a hospital's check-in."""

from typing import Annotated

from pydantic import BaseModel, Field

from population_registry.api.models import DossierCode, Officer, Purpose, Strict, VerificationAnswer

Day = Annotated[str, Field(max_length=10, examples=["2026-11-22"], description="yyyy-mm-dd")]
FullName = Annotated[str, Field(max_length=200, examples=["Nguyễn Thị Lan"])]


class OfficerIdentity(Strict):
    """The officer at the desk, whom the facility registered."""

    number: str = Field(max_length=40, examples=["099189000134"])
    name: FullName


class OfficersRequest(Strict):
    """All officers of the facility; whoever is not in the list may no longer look up."""

    officers: list[OfficerIdentity] = Field(max_length=500)


class NewbornIn(Strict):
    """A child without card and number: the mother is `insured`, `name` and `birth_date` are hers."""

    medical_id: str = Field(max_length=10, description="Ten digits of the hospital", examples=["0123456789"])
    born: Day


class InsuredIn(Strict):
    """Who stands at the desk, as they say and show."""

    shown: str = Field(
        max_length=40,
        description="The 15 characters of the card, the ten digits of social insurance, or the personal number",
        examples=["DN4999900000101", "9900000101", "099194000101"],
    )
    name: FullName
    birth_date: str = Field(max_length=10, examples=["1994-05-17"])
    sex: str | None = Field(default=None, max_length=10, examples=["female"])
    facility: str | None = Field(
        default=None, max_length=200, description="Initial facility, where it matters"
    )


class CheckInRequest(Strict):
    """One patient at one desk on one day."""

    purpose: Purpose
    procedure_code: str = Field(max_length=64, examples=["bhyt.check-in"])
    dossier_code: DossierCode | None = None
    officer: Officer
    officer_identity: OfficerIdentity
    insured: InsuredIn
    on: Day | None = Field(default=None, description="The day of the visit; today when left out")
    primary_level: bool = Field(
        default=False, description="At a commune station or the like everything is paid"
    )
    newborn: NewbornIn | None = None


class CodeNote(BaseModel):
    """What the code means."""

    vi: str
    en: str


class CheckInAnswer(VerificationAnswer):
    """One code of the insurer's table, and what the desk needs of the card; never the right name."""

    code: str = Field(examples=["000", "010", "060", "130"])
    note: CodeNote
    pays: bool
    accepted_as: str = Field(examples=["card_code", "social_insurance_number", "personal_number"])
    benefit_percent: int | None = None
    group: str | None = None
    card_code: str | None = Field(
        default=None, description="The card that counts; for a newborn the temporary code"
    )
    facility: str | None = None
    valid_from: str | None = None
    valid_until: str | None = None
    five_years_since: str | None = None


class SocialRecord(Strict):
    """One record of the insurer; a date may lack its day, or day and month."""

    social_insurance_number: str = Field(max_length=10, examples=["9900000101"])
    number: str = Field(
        max_length=40, description="The personal number, or an older one, that the record bears"
    )
    name: FullName
    birth_date: str = Field(max_length=10, examples=["1994-05-17", "1958", "05/1958"])
    birth_date_kind: int | None = Field(
        default=None,
        ge=0,
        le=2,
        description="`loaiNgaySinh`: 0 whole date, 1 only the year, 2 year and month",
    )
    sex: str | None = Field(default=None, max_length=10, description="male, female, Nam, Nữ, 1 or 2")


class SocialMatchRequest(Strict):
    """Does this record belong to this person?"""

    purpose: Purpose
    procedure_code: str = Field(max_length=64, examples=["bhxh.reconcile"])
    dossier_code: DossierCode | None = None
    officer: Officer | None = None
    record: SocialRecord


class SocialMatchAnswer(VerificationAnswer):
    """The outcome of reconciling one record, and whom it is up to."""

    outcome: str = Field(
        examples=[
            "verified",
            "name_diff",
            "dob_diff",
            "sex_diff",
            "pin_not_found",
            "pin_cancelled",
            "duplicate_pin",
            "duplicate_bhxh",
            "deceased",
        ]
    )

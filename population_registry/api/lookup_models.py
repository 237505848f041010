"""The shapes of single questions; the rules read the same JSON strictly again."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from population_registry.api.models import DossierCode, Officer, Purpose, Strict, Subject, VerificationAnswer

Day = Annotated[str, Field(max_length=10, examples=["2026-11-22"], description="yyyy-mm-dd")]
Number = Annotated[str, Field(max_length=40, examples=["099068000102"])]


class PersonIn(Strict):
    """The person asked about; name and birth date may be left out with that person's own token."""

    number: str = Field(
        max_length=40,
        description="Personal number, cancelled number or nine-digit number",
        examples=["099000102"],
    )
    name: str | None = Field(default=None, max_length=200, examples=["Trần Văn Phúc"])
    birth_date: str | None = Field(default=None, max_length=10, examples=["1968-02-09"])


class Lookup(Strict):
    """Why, for which procedure and dossier, about whom."""

    purpose: Purpose
    procedure_code: str = Field(max_length=64)
    dossier_code: DossierCode | None = None
    officer: Officer | None = None
    subject: PersonIn


class NumberCheckRequest(Lookup):
    """An old number, and the number it should lead to; or the wish to be told it."""

    procedure_code: str = Field(max_length=64, examples=["lookup.number"])
    current_number: Number | None = Field(default=None, description="Does the old number lead to this one?")
    release: bool = Field(
        default=False, description="Give out the current number, where the catalogue allows"
    )


class HouseholdCheckRequest(Lookup):
    """Who was registered together with the subject on a day."""

    procedure_code: str = Field(max_length=64, examples=["lookup.family"])
    on: Day | None = Field(default=None, description="The day; today when left out")
    members: list[Number] | None = Field(default=None, min_length=1, max_length=20)
    head: Number | None = Field(default=None, description="Who should have headed that household")


class KinshipCheckRequest(Lookup):
    """What the subject is to another person, on a day where the day matters."""

    procedure_code: str = Field(max_length=64, examples=["lookup.family"])
    relation: str = Field(
        max_length=20,
        description="What the subject is to other: parent, child, spouse, sibling, guardian, ward, representative",
        examples=["representative"],
    )
    other: Subject
    on: Day | None = Field(
        default=None, description="For guardian, ward, representative; today when left out"
    )
    matter: str | None = Field(
        default=None,
        max_length=20,
        description="For representative: general (ends at 18), residence (at 18), account (at 14)",
        examples=["account"],
    )


class ResidenceHistoryRequest(Lookup):
    """Which registrations are wanted."""

    procedure_code: str = Field(max_length=64, examples=["residence.history"])
    begins: Day | None = Field(default=None, alias="from")
    until: Day | None = None
    kinds: list[str] | None = Field(
        default=None,
        min_length=1,
        max_length=3,
        description="permanent, temporary, current; all when left out",
    )


class LookupAnswer(VerificationAnswer):
    """A verification, with one plain answer to the one question."""

    answer: str = Field(examples=["yes", "no", "unknown"])
    reasons: list[str] = Field(description="Why, in words without language")
    asked: dict[str, Any] = Field(description="The question without anybody's number; also in the receipt")


class NumberCheckAnswer(LookupAnswer):
    """Yes or no; the number itself only where it was released."""

    current_number: str | None = None


class CommuneOut(BaseModel):
    """A commune of today."""

    code: str
    name: str | None = None
    kind: str | None = None
    province_code: str | None = None
    province: str | None = None


class PeriodOut(BaseModel):
    """One registration of residence."""

    kind: str = Field(examples=["permanent", "temporary", "current"])
    text: str
    commune: CommuneOut
    as_issued: str | None = Field(description="The wording of an older paper, with units that may be gone")
    successors: list[CommuneOut] = Field(description="The communes of today that the older wording leads to")
    tenure: str
    since: str
    until: str | None = Field(description="End of the term")
    ended: str | None = Field(description="The day it was deleted")
    end_reason: str | None = Field(
        description="The ground of Law on Residence Art. 24 or 29", examples=["moved", "lease_ended", "death"]
    )


class ResidenceHistoryAnswer(LookupAnswer):
    """The registrations, the newest first; logged as released."""

    periods: list[PeriodOut]
    complete: bool = Field(description="False where older ones were left off")

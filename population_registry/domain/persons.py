"""The person: what the population database records about one human being (Law on Identity Art. 9)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from population_registry.domain.dates import PartialDate
from population_registry.domain.names import PersonName
from population_registry.domain.numbers import PersonalNumber
from population_registry.domain.sex import Sex

__all__ = [
    "FormerNumber",
    "FormerNumberKind",
    "MaritalStatus",
    "NumberChange",
    "Person",
    "PersonStatus",
    "Sex",
]


class PersonStatus(StrEnum):
    """Whether the record stands for a living person with a valid number."""

    ACTIVE = "active"
    DECEASED = "deceased"
    MISSING_DECLARED = "missing_declared"
    NATIONALITY_LOST = "nationality_lost"
    NUMBER_CANCELLED = "number_cancelled"


class MaritalStatus(StrEnum):
    """Marital status (`tình trạng hôn nhân`)."""

    SINGLE = "single"
    MARRIED = "married"
    WIDOWED = "widowed"
    DIVORCED = "divorced"
    UNKNOWN = "unknown"


class FormerNumberKind(StrEnum):
    """What a number that is no longer the person's current one used to be."""

    CMND = "cmnd"
    CANCELLED = "cancelled"


class NumberChange(StrEnum):
    """Why a personal number was cancelled and set anew (Decree 70/2024 Art. 11(7), points a to d)."""

    CIVIL_STATUS = "civil_status"
    WRONGLY_RECORDED = "wrongly_recorded"
    FALSIFIED_FILE = "falsified_file"
    BIRTH_CERTIFICATE_REVOKED = "birth_certificate_revoked"


@dataclass(frozen=True, slots=True)
class FormerNumber:
    """A nine-digit number, or a number cancelled and re-established (Decree 70/2024 Art. 11(7))."""

    kind: FormerNumberKind
    value: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One record of the registry; `person_id` is internal and never leaves the service.

    `status_since` is the date of death, loss or cancellation; `replaced_by` the number that follows a
    cancelled one.
    """

    person_id: int
    number: PersonalNumber
    name: PersonName
    birth: PartialDate
    sex: Sex
    nationality: str
    marital_status: MaritalStatus
    status: PersonStatus
    status_since: date | None = None
    replaced_by: PersonalNumber | None = None
    social_insurance: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether the person is alive, Vietnamese, not declared missing, and the number stands."""
        return self.status is PersonStatus.ACTIVE

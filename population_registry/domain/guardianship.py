"""Who acts for whom: guardians (Civil Code 2015 Art. 46-63) and parents after a divorce (Law 52/2014 Art. 81)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Capacity(StrEnum):
    """Civil capacity of an adult (`năng lực hành vi dân sự`, Civil Code Art. 19-24)."""

    FULL = "full"
    LIMITED = "limited"
    LIMITED_COGNITION = "limited_cognition"
    NONE = "none"


class GuardianshipBasis(StrEnum):
    """Why somebody needs a guardian (Civil Code Art. 47(1))."""

    MINOR = "minor"
    """No parents left, or none who can act."""
    INCAPACITY = "incapacity"
    """An adult without capacity."""
    LIMITED_COGNITION = "limited_cognition"
    """An adult with difficulties in cognition and control of behaviour."""


class AppointedBy(StrEnum):
    """How the guardian came to be one."""

    LAW = "law"
    """`giám hộ đương nhiên` (Art. 52, 53)."""
    COMMUNE = "commune"
    """Chosen by the commune People's Committee (Art. 54(1))."""
    COURT = "court"
    """Named by a court (Art. 54(4))."""
    CHOICE = "choice"
    """Chosen beforehand by the ward with full capacity (Art. 48(2))."""


@dataclass(frozen=True, slots=True)
class Guardianship:
    """One guardian of one ward; `until` is None while it lasts, `guardian_id` None where only the name is known."""

    person_id: int
    guardian_id: int | None
    guardian_name: str
    basis: GuardianshipBasis
    appointed_by: AppointedBy
    since: date
    until: date | None
    recorded_at: datetime

    def in_force(self, day: date) -> bool:
        """Whether the guardian acts for the ward on that day."""
        return self.since <= day and (self.until is None or day < self.until)


class CustodyBasis(StrEnum):
    """What gave one parent the child to bring up (Law 52/2014 Art. 81)."""

    COURT = "court"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class Custody:
    """Which parent brings up a child after a divorce; the other stays a parent in everything else."""

    person_id: int
    parent_id: int | None
    parent_name: str
    basis: CustodyBasis
    decision: str
    since: date
    until: date | None
    recorded_at: datetime

    def in_force(self, day: date) -> bool:
        """Whether that parent has the child on that day."""
        return self.since <= day and (self.until is None or day < self.until)

"""Short stays and absences (Law on Residence Art. 30, 31)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from population_registry.domain.addresses import Address


class AbsenceCategory(StrEnum):
    """The four kinds of absence that must be declared (Art. 31(1)): points a, b, c, d."""

    ACCUSED = "accused"
    ADMINISTRATIVE = "administrative"
    DUTY = "duty"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Absence:
    """A declared absence (`tạm vắng`); `until` is the day announced, `returned` the day that came true."""

    person_id: int
    category: AbsenceCategory
    destination: str
    since: date
    until: date | None
    returned: date | None
    recorded_at: datetime

    def in_force(self, day: date) -> bool:
        """Whether the person counts as absent on that day."""
        last = self.returned or self.until
        return self.since <= day and (last is None or day < last)


class StayHost(StrEnum):
    """Who gives notice of a stay (Art. 30(1))."""

    HOUSEHOLD = "household"
    TOURIST_LODGING = "tourist_lodging"
    HEALTH_FACILITY = "health_facility"
    INDUSTRIAL_LODGING = "industrial_lodging"
    VEHICLE = "vehicle"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay of less than 30 days away from home (`lưu trú`): a notice, never a registration."""

    person_id: int
    host: StayHost
    address: Address
    reason: str
    since: date
    until: date
    recorded_at: datetime

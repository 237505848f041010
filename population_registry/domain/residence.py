"""Permanent, temporary and current residence, and the dwellings (Law on Residence 68/2020)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from population_registry.domain.addresses import Address


class ResidenceKind(StrEnum):
    """`nơi thường trú`, `nơi tạm trú`, `nơi ở hiện tại`."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    CURRENT = "current"


class Tenure(StrEnum):
    """By what right a person lives there."""

    OWNED = "owned"
    FAMILY = "family"
    RENTED = "rented"
    BORROWED = "borrowed"
    LODGING = "lodging"


class EndReason(StrEnum):
    """Why a registration ended (Law on Residence Art. 24 and 29); the letters of the two articles differ."""

    DEATH = "death"
    SETTLED_ABROAD = "settled_abroad"
    ANNULLED = "annulled"
    ABSENT = "absent"
    NATIONALITY_LOST = "nationality_lost"
    LEASE_ENDED = "lease_ended"
    OWNER_CHANGED = "owner_changed"
    OWNER_REFUSED = "owner_refused"
    DWELLING_GONE = "dwelling_gone"
    MOVED = "moved"
    """Registered at another place, or permanently at the same place."""
    EXPIRED = "expired"
    """The term of a temporary registration ran out."""
    CORRECTED = "corrected"
    """It was recorded wrong: ended on the day it began, so it was never in force."""


class DwellingKind(StrEnum):
    """What the lawful dwelling is."""

    HOUSE = "house"
    APARTMENT = "apartment"
    ROOM = "room"
    VEHICLE = "vehicle"


@dataclass(frozen=True, slots=True)
class Residence:
    """One registration; `until` ends its term, `ended` is the day it was deleted (None while it stands)."""

    kind: ResidenceKind
    address: Address
    dwelling_id: int | None
    tenure: Tenure
    since: date
    until: date | None = None
    ended: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether the registration stands on that day."""
        return (
            self.since <= day
            and (self.until is None or day <= self.until)
            and (self.ended is None or day < self.ended)
        )


@dataclass(frozen=True, slots=True)
class Dwelling:
    """A lawful dwelling (`chỗ ở hợp pháp`) and its owners, who need not live there; area in square metres."""

    dwelling_id: int
    kind: DwellingKind
    address: Address
    floor_area_m2: float
    owner_ids: tuple[int, ...]
    disputed: bool = False

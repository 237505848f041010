"""Deaths and declarations of death or disappearance (item 24 of the national record)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class DeathKind(StrEnum):
    """What the civil-status office or a court recorded (Civil Code Art. 68, 71)."""

    DEATH = "death"
    DECLARED_DEAD = "declared_dead"
    DECLARED_MISSING = "declared_missing"


@dataclass(frozen=True, slots=True)
class Death:
    """`occurred_at` is the day it happened, or from which the court counts; `recorded_at` when the registry knew."""

    person_id: int
    kind: DeathKind
    occurred_at: date
    recorded_at: datetime
    certificate: str | None = None
    commune_code: str | None = None

"""What civil status writes into the registry: births with a new personal number, deaths, marriages ended by death.

Sources: Decree 70/2024 Art. 11(2) as amended (what the civil-status system sends, what the registry answers), Law on
Identity Art. 9 (items 1 to 8, 15, 21, 24). A record that began or ended is never deleted; a number is never reused.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from population_registry.domain import DeathKind, KinKind, MaritalStatus, PartialDate, PersonName, Sex


class CivilReason(StrEnum):
    """Which act of civil status stands behind a change."""

    BIRTH = "birth"
    DEATH = "death"
    CORRECTED = "corrected"
    SPOUSE_DIED = "spouse_died"


@dataclass(frozen=True, slots=True)
class Parent:
    """A parent of a child; `person_id` is None where only the name is known."""

    kind: KinKind
    person_id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class RegisterBirth:
    """A child comes into the record and gets its personal number; `person_id` reports the birth.

    The number is drawn when it is written: nobody, not even this decision, knows it before. The certificate bears the
    code of the dossier.
    """

    reference: str
    person_id: int
    name: PersonName
    sex: Sex
    born: date
    nationality: str
    birth_place: str
    hometown: str
    commune_code: str
    parents: tuple[Parent, ...]


@dataclass(frozen=True, slots=True)
class CorrectBirth:
    """The record of a birth said something wrong: name, sex or date are what the certificate says now."""

    person_id: int
    name: PersonName
    sex: Sex
    birth: PartialDate
    reason: CivilReason = CivilReason.CORRECTED


@dataclass(frozen=True, slots=True)
class RecordDeath:
    """Item 24 of the national record: the day it happened, where and under which number it was registered."""

    person_id: int
    kind: DeathKind
    on: date
    certificate: str
    commune_code: str | None


@dataclass(frozen=True, slots=True)
class SetMaritalStatus:
    """A person's marital status since that day (item 21)."""

    person_id: int
    status: MaritalStatus
    on: date
    reason: CivilReason


CivilChange = RegisterBirth | CorrectBirth | RecordDeath | SetMaritalStatus

"""Corrections of somebody's name, sex or birth date at the desk: asked for on evidence, approved by a second officer.

Law on Identity 26/2023/QH15 Art. 16, Decree 70/2024/NĐ-CP Art. 11: on a civil-status paper or a court decision. What
was asked stays as it is from the first moment on; it is applied only while the record says what it said then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from population_registry.domain import PartialDate, PersonName, Sex
from population_registry.domain.dates import PartialDateError
from population_registry.domain.persons import Person
from population_registry.dossiers.civil_changes import CorrectBirth
from population_registry.matching import is_legible

LONGEST_PART, LONGEST_REFERENCE = 60, 80
LEAST_REFERENCE: Final = 4
FIELDS: Final = ("family", "middle", "given", "sex", "birth")


class Evidence(StrEnum):
    """The paper that shows what is right."""

    BIRTH_CERTIFICATE = "birth_certificate"
    CIVIL_STATUS_DECISION = "civil_status_decision"
    COURT_DECISION = "court_decision"


class CorrectionRefused(Exception):
    """``errors``: the fields that are wrong, with what is wrong: `wrong`, or `same` for a correction of nothing."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Correction:
    """What the record said when it was asked, and what it shall say; both as texts by field."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    evidence: Evidence
    reference: str

    @property
    def changed(self) -> tuple[str, ...]:
        """The fields that differ."""
        return tuple(name for name in FIELDS if self.before[name] != self.after[name])

    def content(self) -> dict[str, Any]:
        """As a request of four eyes keeps it."""
        return {
            "before": dict(self.before),
            "after": dict(self.after),
            "evidence": self.evidence.value,
            "reason": self.reference,
        }

    def change(self, person_id: int) -> CorrectBirth:
        """What the registry learns."""
        said = self.after
        return CorrectBirth(
            person_id=person_id,
            name=PersonName(said["family"], said["middle"], said["given"]),
            sex=Sex(said["sex"]),
            birth=PartialDate.parse(said["birth"]),
        )


def said_of(person: Person) -> dict[str, str]:
    """What the record says now, field by field."""
    name = person.name
    return {
        "family": name.family,
        "middle": name.middle,
        "given": name.given,
        "sex": person.sex.value,
        "birth": str(person.birth),
    }


def read_correction(person: Person, typed: Mapping[str, str]) -> Correction:
    """A correction as it was typed. Raises CorrectionRefused."""
    after = {name: " ".join(typed.get(name, "").split()) for name in FIELDS}
    errors: dict[str, str] = {}
    for part in ("family", "middle", "given"):
        missing = not after[part] and part != "middle"
        if missing or len(after[part]) > LONGEST_PART or (after[part] and not is_legible(after[part])):
            errors[part] = "wrong"
    if after["sex"] not in set(Sex):
        errors["sex"] = "wrong"
    try:
        after["birth"] = str(PartialDate.parse(after["birth"]))
    except PartialDateError:
        errors["birth"] = "wrong"
    if typed.get("evidence") not in set(Evidence):
        errors["evidence"] = "wrong"
    reference = " ".join(typed.get("reference", "").split())
    if not LEAST_REFERENCE <= len(reference) <= LONGEST_REFERENCE:
        errors["reference"] = "wrong"
    before = said_of(person)
    if not errors and after == before:
        errors["given"] = "same"
    if errors:
        raise CorrectionRefused(errors)
    return Correction(before, after, Evidence(typed["evidence"]), reference)


def correction_of(content: Mapping[str, Any]) -> Correction:
    """The correction that a request keeps."""
    return Correction(content["before"], content["after"], Evidence(content["evidence"]), content["reason"])

"""Kin as recorded with a person (Law on Identity Art. 9(15)): parents, spouse, children, guardians."""

from dataclasses import dataclass
from enum import StrEnum


class KinKind(StrEnum):
    """What the kin is to the person."""

    FATHER = "father"
    MOTHER = "mother"
    SPOUSE = "spouse"
    CHILD = "child"
    GUARDIAN = "guardian"
    WARD = "ward"


@dataclass(frozen=True, slots=True)
class Kin:
    """The kin of a person; `person_id` is None where only the name was recorded."""

    kind: KinKind
    person_id: int | None
    name: str

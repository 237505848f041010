"""Errands: why an officer looks, and for which case. Without one nobody's record opens (attack 49)."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CASE: Final = re.compile(r"\A[A-Z0-9][A-Z0-9./-]{4,39}\Z", re.ASCII)
"""A dossier's code (`G01.899.05-261121-010042`) or a case number of the agency's own register."""


class Purpose(StrEnum):
    """The purposes an officer can state; each has a legal basis and texts in both languages."""

    RESIDENCE_DOSSIER = "residence_dossier"
    ISSUE_EID = "issue_eid"
    VERIFY_IN_PERSON = "verify_in_person"
    CORRECT_DATA = "correct_data"
    LOCK_EID = "lock_eid"
    PROCEEDINGS = "proceedings"
    SUPPLY_DATA = "supply_data"
    IDENTITY_ACTS = "identity_acts"


LEGAL_BASIS: Final = {
    Purpose.RESIDENCE_DOSSIER: "Luật Cư trú 68/2020/QH14, Điều 21, 28",
    Purpose.ISSUE_EID: "Nghị định 69/2024/NĐ-CP, Điều 11, 12",
    Purpose.VERIFY_IN_PERSON: "Nghị định 69/2024/NĐ-CP, Điều 11",
    Purpose.CORRECT_DATA: "Luật Căn cước 26/2023/QH15, Điều 16; Nghị định 70/2024/NĐ-CP",
    Purpose.LOCK_EID: "Luật Căn cước 26/2023/QH15, Điều 34; Nghị định 69/2024/NĐ-CP, Điều 16",
    Purpose.PROCEEDINGS: "Luật Căn cước 26/2023/QH15, Điều 34 khoản 1 điểm đ",
    Purpose.SUPPLY_DATA: "Nghị định 70/2024/NĐ-CP, Điều 9, 10",
    Purpose.IDENTITY_ACTS: "Luật Căn cước 26/2023/QH15, Điều 12, 29; Nghị định 70/2024/NĐ-CP, Điều 11",
}
"""What each purpose stands on."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A purpose and the case it belongs to."""

    purpose: Purpose
    case: str


class ErrandRefused(Exception):
    """``field`` is what is missing or cannot be read: `purpose` or `case`."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def read_errand(purpose: str, case: str) -> Errand:
    """An errand as it was typed. Raises ErrandRefused."""
    try:
        stated = Purpose(purpose)
    except ValueError:
        raise ErrandRefused("purpose") from None
    typed = case.strip().upper()
    if CASE.match(typed) is None:
        raise ErrandRefused("case")
    return Errand(stated, typed)

"""Social (`BHXH`) and health insurance (`BHYT`) as the registry mirrors them (Law 25/2008 Art. 12-22)."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_TEN = re.compile(r"[0-9]{10}")
_GROUP = re.compile(r"[A-Z]{2}")
_PROVINCE = re.compile(r"[0-9]{2}")


class InsuranceCodeError(ValueError):
    """A social-insurance number or card code has the wrong form."""


class InsuranceState(StrEnum):
    """Whether the card is in force, apart from its dates (insurance.md section 5: reported decreases)."""

    IN_FORCE = "in_force"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class SocialInsuranceNumber:
    """Ten digits, one per person (`mã số BHXH`).

    Raises:
        InsuranceCodeError: the value is anything else.
    """

    value: str

    def __post_init__(self) -> None:
        """Refuse anything but ten digits."""
        if not _TEN.fullmatch(self.value):
            raise InsuranceCodeError("a social-insurance number has ten digits")

    def __str__(self) -> str:
        """The ten digits."""
        return self.value


@dataclass(frozen=True, slots=True)
class HealthInsurance:
    """One period of cover: group, benefit digit, first and last day, initial facility, five-year date.

    `card_code` has 15 characters: group, benefit digit, province, social-insurance number
    (Decision 1351/QĐ-BHXH).
    """

    card_code: str
    group: str
    benefit: int
    valid_from: date
    valid_until: date
    facility: str
    five_year_from: date | None = None
    state: InsuranceState = InsuranceState.IN_FORCE

    def in_force(self, day: date) -> bool:
        """Whether the card pays on that day."""
        return self.state is InsuranceState.IN_FORCE and self.valid_from <= day <= self.valid_until


def card_code(group: str, benefit: int, province: str, number: SocialInsuranceNumber) -> str:
    """The 15-character card code `XX Y ZZ NNNNNNNNNN`.

    Raises:
        InsuranceCodeError: a part has the wrong form.
    """
    if not (_GROUP.fullmatch(group) and _PROVINCE.fullmatch(province) and benefit in range(1, 6)):
        raise InsuranceCodeError("group has two letters, province two digits, benefit is 1 to 5")
    return f"{group}{benefit}{province}{number.value}"

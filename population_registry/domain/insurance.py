"""Social (`BHXH`) and health insurance (`BHYT`) as the registry mirrors them (Law 25/2008 Art. 12-22)."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_TEN = re.compile(r"[0-9]{10}")
_GROUP = re.compile(r"[A-Z]{2}")
_PROVINCE = re.compile(r"[0-9]{2}")


class InsuranceCodeError(ValueError):
    """A social-insurance number or card code has the wrong form."""


class InsuranceState(StrEnum):
    """Whether the card is in force, apart from its dates; reported decreases (`báo giảm`) bear codes 120 to 124.

    Source: insurance.md section 5 of the domain facts. `STOPPED` is also the end by death.
    """

    IN_FORCE = "in_force"
    REDUCED = "reduced"
    MOVED_OUT = "moved_out"
    MOVED_WITHIN = "moved_within"
    REINCREASED = "reincreased"
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
    (Decision 1351/QĐ-BHXH). A state other than in force holds from `state_since`; without that day it always did.
    """

    card_code: str
    group: str
    benefit: int
    valid_from: date
    valid_until: date
    facility: str
    five_year_from: date | None = None
    state: InsuranceState = InsuranceState.IN_FORCE
    state_since: date | None = None

    def state_on(self, day: date) -> InsuranceState:
        """The state on that day, apart from the dates of cover."""
        if self.state_since is not None and day < self.state_since:
            return InsuranceState.IN_FORCE
        return self.state

    def in_force(self, day: date) -> bool:
        """Whether the card pays on that day."""
        return self.valid_from <= day <= self.valid_until and self.state_on(day) is InsuranceState.IN_FORCE

    @property
    def last_day(self) -> date | None:
        """The last day that this card pays for; None when it pays for none."""
        if self.state is InsuranceState.IN_FORCE:
            return self.valid_until
        if self.state_since is None or self.state_since <= self.valid_from:
            return None
        return min(self.valid_until, self.state_since - timedelta(days=1))


def card_code(group: str, benefit: int, province: str, number: SocialInsuranceNumber) -> str:
    """The 15-character card code `XX Y ZZ NNNNNNNNNN`.

    Raises:
        InsuranceCodeError: a part has the wrong form.
    """
    if not (_GROUP.fullmatch(group) and _PROVINCE.fullmatch(province) and benefit in range(1, 6)):
        raise InsuranceCodeError("group has two letters, province two digits, benefit is 1 to 5")
    return f"{group}{benefit}{province}{number.value}"

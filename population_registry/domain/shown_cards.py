"""What a patient shows at the desk of a hospital, read: a card code, a number, or the code of a child without a card.

Forms: insurance.md sections 1 and 5 of the domain facts (Decision 1351/QĐ-BHXH, 1666/QĐ-BHXH, Circular 30/2020/TT-BYT
Art. 10).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from population_registry.domain.insurance import InsuranceCodeError
from population_registry.domain.numbers import normalise_number

_CARD = re.compile(r"([A-Z]{2})([1-5])([0-9]{2})([0-9]{10})")
_MEDICAL = re.compile(r"[0-9]{10}")
NEWBORN = "TE1"
"""Group and benefit digit of a child under six."""


class ShownForm(StrEnum):
    """In which form the insured was named; the look-up accepts three."""

    CARD = "card_code"
    SOCIAL = "social_insurance_number"
    PERSONAL = "personal_number"


_BY_LENGTH = {10: ShownForm.SOCIAL, 12: ShownForm.PERSONAL}


@dataclass(frozen=True, slots=True)
class Shown:
    """One form; `social` are the ten digits by which the insurer knows the person, None for a personal number."""

    form: ShownForm
    text: str

    @property
    def social(self) -> str | None:
        """The social-insurance number in it."""
        return None if self.form is ShownForm.PERSONAL else self.text[-10:]

    @property
    def card(self) -> str | None:
        """The whole card code, where one was shown."""
        return self.text if self.form is ShownForm.CARD else None

    @classmethod
    def parse(cls, text: str) -> "Shown":
        """Read what was typed or scanned; spaces and case do not count, zeros are never added.

        Raises:
            InsuranceCodeError: none of the three forms.
        """
        plain = normalise_number(text).upper()
        if _CARD.fullmatch(plain):
            return cls(ShownForm.CARD, plain)
        form = _BY_LENGTH.get(len(plain))
        if form is None or not (plain.isascii() and plain.isdigit()):
            raise InsuranceCodeError("15 characters of a card, ten digits or twelve digits are expected")
        return cls(form, plain)


def newborn_code(province: str, medical_id: str) -> str:
    """The temporary code of a child without a card: `TE1`, the mother's province, the ten digits of the hospital.

    Raises:
        InsuranceCodeError: the hospital's identifier has not ten digits.
    """
    if not _MEDICAL.fullmatch(medical_id):
        raise InsuranceCodeError("ten digits are expected")
    return f"{NEWBORN}{province}{medical_id}"


def parts_of(code: str) -> tuple[str, str, str]:
    """Group, benefit digit and province of a card code."""
    found = _CARD.fullmatch(code)
    if found is None:
        raise InsuranceCodeError("a card code is expected")
    return found[1], found[2], found[3]

"""Personal identification number (`số định danh cá nhân`) and the older nine-digit number (`số CMND`).

Sources: Decree 137/2015 Art. 13, Circular 59/2021/TT-BCA Art. 4, Decree 70/2024 Art. 11. A number and the
record of its holder may legally disagree (Art. 11(7)), so sex, year and province are read from the record,
never from here: what the digits say only ever becomes a finding.
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from population_registry.domain.dates import PartialDate
from population_registry.domain.sex import Sex

RESERVED_PREFIXES = frozenset({"097", "098", "099"})
"""Prefixes of no province and no country; every synthetic number bears one, so it can be nobody's."""

_TWELVE = re.compile(r"[0-9]{12}")
_NINE = re.compile(r"[0-9]{9}")
_CLEAN: dict[int, str] = {ord(character): "" for character in " .\u00a0\u2007\u2009\u202f\u3000\t\r\n"}
_CLEAN |= {0xFF10 + digit: str(digit) for digit in range(10)}  # full-width digits
_LENGTH_WITHOUT_ZERO = 11
_OLDEST_AGE = 120


class NumberRejection(StrEnum):
    """Why a text can be no personal number."""

    NOT_DIGITS = "not_digits"
    LEADING_ZERO_LOST = "leading_zero_lost"
    WRONG_LENGTH = "wrong_length"
    BIRTH_YEAR_IN_FUTURE = "birth_year_in_future"
    TOO_OLD = "too_old"


class NumberFinding(StrEnum):
    """What is unusual about a number; a reason to look, never to refuse."""

    UNKNOWN_PREFIX = "UNKNOWN_PREFIX"
    SEX_DIGIT_MISMATCH = "SEX_DIGIT_MISMATCH"
    YEAR_DIGITS_MISMATCH = "YEAR_DIGITS_MISMATCH"


class NumberRejectedError(ValueError):
    """The text is no personal number; `reason` says why without repeating the text."""

    def __init__(self, reason: NumberRejection) -> None:
        super().__init__(reason.value)
        self.reason = reason


def normalise_number(text: str) -> str:
    """Remove spaces and dots and turn full-width digits into ASCII; zeros are neither added nor removed."""
    return text.translate(_CLEAN)


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """Twelve ASCII digits.

    Raises:
        NumberRejectedError: the value is anything else.
    """

    value: str

    def __post_init__(self) -> None:
        """Refuse anything but twelve digits."""
        if not _TWELVE.fullmatch(self.value):
            raise NumberRejectedError(_why_not(self.value))

    @classmethod
    def parse(cls, text: str) -> "PersonalNumber":
        """Normalise what a person typed and read it.

        Raises:
            NumberRejectedError: it is not twelve digits.
        """
        return cls(normalise_number(text))

    @property
    def prefix(self) -> str:
        """Three digits of the place where the birth was registered, as of the day of issue."""
        return self.value[:3]

    @property
    def is_reserved(self) -> bool:
        """Whether the number is synthetic by its prefix."""
        return self.value[:3] in RESERVED_PREFIXES

    def __str__(self) -> str:
        """The twelve digits."""
        return self.value


@dataclass(frozen=True, slots=True)
class OldNumber:
    """Nine digits of an identity card of before 2021 (`số CMND`), not derived from birth data.

    Raises:
        NumberRejectedError: the value is anything else.
    """

    value: str

    def __post_init__(self) -> None:
        """Refuse anything but nine digits."""
        if not _NINE.fullmatch(self.value):
            raise NumberRejectedError(_why_not(self.value))

    def __str__(self) -> str:
        """The nine digits."""
        return self.value


def parse_number(text: str) -> PersonalNumber | OldNumber:
    """Read a personal number, or the nine digits of an old card, from what a person typed.

    Raises:
        NumberRejectedError: it is neither.
    """
    digits = normalise_number(text)
    return OldNumber(digits) if _NINE.fullmatch(digits) else PersonalNumber(digits)


def inspect_number(
    number: PersonalNumber,
    *,
    on: date,
    known_prefixes: AbstractSet[str],
    sex: Sex | None = None,
    birth: PartialDate | None = None,
) -> tuple[NumberFinding, ...]:
    """What the digits say against the record; the checks 2 to 5 of the domain's list.

    Raises:
        NumberRejectedError: the digits name a birth year that is in the future or beyond 120 years ago.
    """
    digit = int(number.value[3])
    year = 1900 + 100 * (digit // 2) + int(number.value[4:6])
    if year > on.year:
        raise NumberRejectedError(NumberRejection.BIRTH_YEAR_IN_FUTURE)
    if on.year - year > _OLDEST_AGE:
        raise NumberRejectedError(NumberRejection.TOO_OLD)
    findings: list[NumberFinding] = []
    if number.prefix not in known_prefixes and not number.is_reserved:
        findings.append(NumberFinding.UNKNOWN_PREFIX)
    if sex is not None and (digit % 2 == 0) is not (sex is Sex.MALE):
        findings.append(NumberFinding.SEX_DIGIT_MISMATCH)
    if birth is not None and birth.year != year:
        findings.append(NumberFinding.YEAR_DIGITS_MISMATCH)
    return tuple(findings)


def _why_not(digits: str) -> NumberRejection:
    if not (digits.isascii() and digits.isdigit()):
        return NumberRejection.NOT_DIGITS
    if len(digits) == _LENGTH_WITHOUT_ZERO:
        return NumberRejection.LEADING_ZERO_LOST
    return NumberRejection.WRONG_LENGTH

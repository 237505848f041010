"""The parts of a new personal number: place, century and sex, year; the six digits after them are drawn at random.

Sources: Decree 137/2015 Art. 13, Circular 59/2021/TT-BCA Art. 4, Decree 70/2024 Art. 11. This registry gives reserved
prefixes only (personal-id.md section 12), each for a nominal region, so no number of it can be a real person's.
"""

from population_registry.domain.numbers import PersonalNumber
from population_registry.domain.sex import Sex

SERIALS = 1_000_000
PERSONA_SERIALS = 1_000
"""Serials below belong to the personas of the demo."""
_FIRST_CENTURY_YEAR, _LAST_YEAR = 1900, 2399
_CENTRE_FROM, _SOUTH_FROM = 44, 70
"""Province codes rise from north to south; Thanh Hóa to Hà Tĩnh speak with the north here, as in the synthesis."""


def reserved_prefix(province_code: str) -> str:
    """The reserved prefix of the region of a province (two digits of 2025): 097 north, 098 south, 099 centre."""
    code = int(province_code)
    if code >= _SOUTH_FROM:
        return "098"
    return "099" if code >= _CENTRE_FROM else "097"


def series_of(prefix: str, sex: Sex, year: int) -> str:
    """The first six digits of the number of somebody born that year.

    Raises:
        ValueError: nobody born before 1900 or after 2399 has a code.
    """
    if not _FIRST_CENTURY_YEAR <= year <= _LAST_YEAR:
        raise ValueError("no century code for that year")
    digit = 2 * (year // 100 - 19) + (sex is Sex.FEMALE)
    return f"{prefix}{digit}{year % 100:02d}"


def number_in(series: str, serial: int) -> PersonalNumber:
    """The number with that serial.

    Raises:
        ValueError: the serial has more than six digits, or belongs to the personas.
        NumberRejectedError: the series is not six digits.
    """
    if not PERSONA_SERIALS <= serial < SERIALS:
        raise ValueError("no such serial")
    return PersonalNumber(f"{series}{serial:06d}")

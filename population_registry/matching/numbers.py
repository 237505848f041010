"""Comparing identity numbers: one wrong digit is another person, since there is no check digit."""

from collections.abc import Iterable

from population_registry.domain import normalise_number
from population_registry.matching.grades import EXACT, OTHER, Comparison, Reason, equal, near

MOST_ZEROS_LOST = 2
"""Table programs drop leading zeros: `099…` loses one, numbers of places 001 to 009 two."""


def compare_numbers(asked: str, registered: Iterable[str]) -> Comparison:
    """Compare with every registered number of that kind; a person may have had several nine-digit numbers.

    Near where only leading zeros are missing: such a number is written again, never accepted.
    """
    known = tuple(registered)
    if asked in known:
        return EXACT
    digits = normalise_number(asked)
    if digits in known:
        return equal(Reason.SPACING)
    if any(_lost_zeros(digits, each) for each in known):
        return near(Reason.LEADING_ZERO_LOST)
    return OTHER


def _lost_zeros(short: str, whole: str) -> bool:
    missing = len(whole) - len(short)
    return 1 <= missing <= MOST_ZEROS_LOST and short.isdigit() and whole == "0" * missing + short

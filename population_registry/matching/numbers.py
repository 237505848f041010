"""Comparing identity numbers: one wrong digit is another person, since there is no check digit."""

from collections.abc import Iterable

from population_registry.domain import normalise_number
from population_registry.matching.grades import EXACT, OTHER, Comparison, Reason, equal


def compare_numbers(asked: str, registered: Iterable[str]) -> Comparison:
    """Compare with every registered number of that kind; a person may have had several nine-digit numbers."""
    known = tuple(registered)
    if asked in known:
        return EXACT
    return equal(Reason.SPACING) if normalise_number(asked) in known else OTHER

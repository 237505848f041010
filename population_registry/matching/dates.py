"""Comparing dates of birth, which may lawfully lack the day, or the day and the month.

Rule (insurance.md section 6): dates are equal when the parts that both sides know agree. If the registry
knows more than was asked, agreement proves less than it seems (a year is easily guessed), so that case is
only near.
"""

from population_registry.domain import PartialDate
from population_registry.matching.grades import EXACT, OTHER, Comparison, Reason, equal, near


def compare_dates(asked: PartialDate, registered: PartialDate) -> Comparison:
    """The grade and its reasons; a swap of day and month is near."""
    a = (asked.year, asked.month, asked.day)
    b = (registered.year, registered.month, registered.day)
    if a == b:
        return EXACT
    if any(x is not None and y is not None and x != y for x, y in zip(a, b, strict=True)):
        if None not in {*a, *b} and a == (b[0], b[2], b[1]):
            return near(Reason.DAY_MONTH_SWAPPED)
        return OTHER
    if _known(a) > _known(b):
        return equal(Reason.REGISTERED_LESS_PRECISE)
    return near(Reason.ASKED_LESS_PRECISE)


def _known(parts: tuple[int | None, ...]) -> int:
    return sum(part is not None for part in parts)

"""Comparing identity numbers: equal or not, since one wrong digit is another person (no check digit exists)."""

import re
import unicodedata
from collections.abc import Iterable

from population_registry.matching.grades import EXACT, OTHER, Comparison, Reason, equal

_SEPARATORS = re.compile(r"[\s.\-]+")
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
MAX_WRITTEN = 64


def clean_number(text: str) -> str | None:
    """The ASCII digits of a number written with spaces, dots or full-width digits; None when it is no number.

    Leading zeros are kept and none is added (personal-id.md section 3).
    """
    if len(text) > MAX_WRITTEN:
        return None
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    return digits if _DIGITS.fullmatch(digits) else None


def compare_numbers(asked: str, registered: Iterable[str]) -> Comparison:
    """Compare with every registered number of that kind; a person may have had several nine-digit numbers."""
    known = tuple(registered)
    if asked in known:
        return EXACT
    cleaned = clean_number(asked)
    if cleaned is not None and cleaned in known:
        return equal(Reason.SPACING)
    return OTHER

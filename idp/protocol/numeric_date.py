"""NumericDate (RFC 7519 section 2): seconds since 1970 as a JSON number, as others write it into what they sign."""

from typing import Final

_NO_DATE: Final = 1e12
"""Some 31,000 years from 1970: arithmetic with it and beyond names no time that anybody means."""


def numeric_date(value: object) -> float | None:
    """The seconds, or None for anything else (booleans are no numbers)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < _NO_DATE else None

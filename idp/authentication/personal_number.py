"""Reading the personal number (số định danh cá nhân) as people type it."""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015\u200b\ufeff]+")
_SHAPE = re.compile(r"\A[0-9]{12}\Z")
_LONGEST_INPUT = 64


def read_personal_number(text: str) -> str | None:
    """The twelve ASCII digits, or None when it cannot be a personal number.

    Spaces, dots and dashes go, full-width digits become plain. Leading zeros stay, and a nine-digit old number is
    never padded (Circular 59/2021/TT-BCA Art. 4). There is no check digit, so nothing more can be said.
    """
    if len(text) > _LONGEST_INPUT:
        return None
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    return plain if _SHAPE.match(plain) else None


def masked(number: str) -> str:
    """The number for showing: only the last three digits."""
    return "•" * 9 + number[-3:] if number else ""

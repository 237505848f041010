"""Folding for search: words in plain small letters, so that `Nguyễn`, `NGUYEN` and `nguyên` meet.

The database folds in the same way (function `folded`); a test compares the two on every letter.
"""

import re
import unicodedata
from typing import Final

_BREAKS: Final = re.compile(r"[\s'\u2018\u2019\u02bc\u02bb\u2032`\u00b4\uff07.\-]+")
_STROKES: Final = str.maketrans(
    {"đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "Ɖ": "d", "ɖ": "d", "ƀ": "b", "Ƀ": "b"}
)


def fold(text: str) -> str:
    """Letters without marks, đ and its look-alikes as d, small, words apart by one space. Never raises."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
    return _BREAKS.sub(" ", plain.translate(_STROKES).lower()).strip()

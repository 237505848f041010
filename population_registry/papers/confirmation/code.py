"""The code on the paper: 80 random bits in sixteen letters that survive reading aloud and typing.

Crockford's base 32: no I, L, O or U; a reader's o counts as 0, an i or l as 1.
"""

from typing import Final

BYTES: Final = 10
"""Random bytes of a code: 2^80 codes leave nothing to guess."""
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS: Final = 16
_GROUP: Final = 4
_SPOKEN: Final = str.maketrans("OIL", "011")
_LONGEST: Final = 40


def code_of(random: bytes) -> str:
    """The code of ten random bytes: `7KQ4-0M2R-XV9A-3T6B`."""
    if len(random) != BYTES:
        raise ValueError("a code is made of ten bytes")
    value = int.from_bytes(random, "big")
    letters = "".join(_ALPHABET[value >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(letters[start : start + _GROUP] for start in range(0, _LETTERS, _GROUP))


def read_code(text: str) -> str | None:
    """The code in its one spelling, however it was typed; None for what can be none."""
    if len(text) > _LONGEST:
        return None
    letters = "".join(text.split()).replace("-", "").upper().translate(_SPOKEN)
    if len(letters) != _LETTERS or any(letter not in _ALPHABET for letter in letters):
        return None
    return "-".join(letters[start : start + _GROUP] for start in range(0, _LETTERS, _GROUP))

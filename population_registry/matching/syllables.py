"""The written Vietnamese syllable taken apart: letters without tone, and the tone.

A tone mark may stand on two places of the same syllable (`Hoà`, `Hòa`) and both are read alike, so two
syllables are the same when their toneless letters and their tone are the same. Letter marks (â ă ê ô ơ ư)
and đ belong to the letters.
"""

import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache


class Tone(Enum):
    """The six tones; the value is the combining mark that writes them."""

    LEVEL = ""
    FALLING = "\u0300"  # huyền
    RISING = "\u0301"  # sắc
    TILDE = "\u0303"  # ngã
    HOOK = "\u0309"  # hỏi
    HEAVY = "\u0323"  # nặng


_BY_MARK = {tone.value: tone for tone in Tone if tone.value}


@dataclass(frozen=True, slots=True)
class Syllable:
    """One word of a name: its letters in NFC without tone, its tones in order of writing, their places.

    A Vietnamese syllable has at most one tone. A word of another language of Việt Nam written together
    (`Hơbía`) may carry several; then their places count, since moving them is no matter of style.
    """

    letters: str
    tones: tuple[Tone, ...]
    places: tuple[int, ...]

    @property
    def key(self) -> tuple[str, tuple[Tone, ...], tuple[int, ...]]:
        """Two syllables with the same key are the same syllable."""
        return (self.letters, self.tones, self.places if len(self.tones) > 1 else ())

    @property
    def skeleton(self) -> str:
        """Letters as a machine-readable zone or a bank writes them: no marks at all, đ as d."""
        return strip_marks(self.letters)


def strip_marks(text: str) -> str:
    """`text` without any combining mark, đ as d (a hint only: many different names collide)."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return plain.replace("đ", "d").replace("Đ", "D")


@lru_cache(maxsize=16384)
def take_apart(word: str) -> Syllable:
    """`word` as a `Syllable`. Never raises: what is no tone mark stays among the letters."""
    letters: list[str] = []
    tones: list[Tone] = []
    places: list[int] = []
    bases = 0
    for char in unicodedata.normalize("NFD", word):
        tone = _BY_MARK.get(char)
        if tone is not None:
            tones.append(tone)
            places.append(bases)
            continue
        letters.append(char)
        if not unicodedata.combining(char):
            bases += 1
    return Syllable(unicodedata.normalize("NFC", "".join(letters)), tuple(tones), tuple(places))

"""One agreed way of writing a name, and what had to be changed to get there.

Sources: names.md section 4 of the domain facts (writing traps); Civil Code 2015 Art. 26(3) (letters only).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from population_registry.matching.grades import Reason
from population_registry.matching.syllables import Syllable, take_apart

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u02bb\u2032\u0060\u00b4\uff07", "'"))
_ETH = str.maketrans({"\u00d0": "Đ", "\u00f0": "đ", "\u0189": "Đ", "\u0256": "đ"})
_ANY_APOSTROPHE = re.compile("['" + "".join(map(chr, _APOSTROPHES)) + "]")
_ANY_ETH = re.compile("[" + "".join(map(chr, _ETH)) + "]")
_AROUND_APOSTROPHE = re.compile(r"\s*'\s*")
_HYPHENS = re.compile("[-\u2010\u2011\u2013]")
_PUNCTUATION = frozenset("'-. ")
MAX_NAME = 200
"""Longest name that is read, in code points; longer text is illegible."""


def unify_apostrophes(text: str) -> str:
    """Every apostrophe as `'`, with no space around it (`H' Bia`, `H’Bia`)."""
    if _ANY_APOSTROPHE.search(text) is None:
        return text  # nearly every name; a search costs a tenth of a translation
    return _AROUND_APOSTROPHE.sub("'", text.translate(_APOSTROPHES))


def open_hyphens(text: str) -> str:
    """Hyphens and dashes between words as spaces (`Nguyễn-Thị-Lan`)."""
    return text if _HYPHENS.search(text) is None else _HYPHENS.sub(" ", text)


def map_eth(text: str) -> str:
    """Ð (eth, U+00D0) and Ɖ (African D) look like Đ (U+0110) and were typed for it in old data."""
    return text if _ANY_ETH.search(text) is None else text.translate(_ETH)


def collapse_spaces(text: str) -> str:
    """Words separated by exactly one space."""
    return " ".join(text.split())


def fold_case(text: str) -> str:
    """Lower case as Vietnamese reads it; đ has both cases, no letter grows."""
    return unicodedata.normalize("NFC", text.lower())


def is_legible(text: str) -> bool:
    """Latin letters, marks, spaces, hyphens, dots and apostrophes only.

    A look-alike of another script, a zero-width sign or a digit is not folded into a Latin letter: it is
    refused.
    """
    if not text or len(text) > MAX_NAME:
        return False
    words = [_letters_of(word) for word in text.split(" ")]
    return None not in words and True in words


@lru_cache(maxsize=16_384)
def _letters_of(word: str) -> bool | None:
    """Whether there is a letter in a word; None when something in it may not stand in a name."""
    if not all(map(_may_stand, set(unicodedata.normalize("NFC", word)))):
        return None
    return any(map(str.isalpha, word))


@lru_cache(maxsize=4096)
def _may_stand(char: str) -> bool:
    """Whether a name may hold that character."""
    if char in _PUNCTUATION:
        return True
    if char.isalpha():
        name = unicodedata.name(char, "")
        return name.startswith("LATIN ") and "FULLWIDTH" not in name
    return unicodedata.combining(char) != 0


@dataclass(frozen=True, slots=True)
class Written:
    """A name as written once the writing is unified, with its syllables."""

    text: str
    syllables: tuple[Syllable, ...]

    @property
    def skeleton(self) -> tuple[str, ...]:
        """The name without any diacritics, word by word."""
        return tuple(syllable.skeleton for syllable in self.syllables)

    @property
    def is_bare(self) -> bool:
        """True when nothing in it carries a diacritic: it may come from a card's machine-readable zone."""
        return self.text.isascii()


def normalise(text: str) -> str:
    """The key of a name: NFC, single spaces, one apostrophe, Đ for eth, lower case, tones re-placed.

    The tone goes to the end of its word in the returned key (as the combining mark itself), an agreed place
    that no style of writing uses, so the result is a key to compare, never a text to show. Idempotent;
    never raises.
    """
    keys = [_plain_key(word) for word in text.split(" ")]
    return _normalised(text) if None in keys else " ".join(cast("list[str]", keys))


def _normalised(text: str) -> str:
    return " ".join(_key(syllable) for syllable in read(text).syllables)


@lru_cache(maxsize=16_384)
def _plain_key(word: str) -> str | None:
    """The key of a word, of which names have a few thousand; None where a step may part it or join it to others."""
    if not word or "'" in word or any(step(word) != word for _, step in STEPS[:-1]):
        return None
    return _normalised(word)


def _key(syllable: Syllable) -> str:
    if len(syllable.tones) > 1:
        return unicodedata.normalize("NFC", _with_tones(syllable))
    return syllable.letters + "".join(tone.value for tone in syllable.tones)


def _with_tones(syllable: Syllable) -> str:
    parts: list[str] = []
    marks = dict.fromkeys(syllable.places, "")
    for tone, place in zip(syllable.tones, syllable.places, strict=True):
        marks[place] += tone.value
    bases = 0
    pending = marks.get(0, "")
    for char in unicodedata.normalize("NFD", syllable.letters):
        if not unicodedata.combining(char):
            parts.append(pending)
            bases += 1
            pending = marks.get(bases, "")
        parts.append(char)
    parts.append(pending)
    return "".join(parts)


def read(text: str) -> Written:
    """`text` with the differences of mere writing removed, split into syllables (tones taken off)."""
    unified = text
    for _, step in STEPS:
        unified = step(unified)
    return as_written(unified)


def as_written(unified: str) -> Written:
    """A text whose writing is unified, split into syllables."""
    return Written(unified, tuple(take_apart(word) for word in unified.split(" ") if word))


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


STEPS = (
    (Reason.UNICODE_FORM, _nfc),
    (Reason.ETH_FOR_D_STROKE, map_eth),
    (Reason.APOSTROPHE, unify_apostrophes),
    (Reason.HYPHEN, open_hyphens),
    (Reason.SPACING, collapse_spaces),
    (Reason.LETTER_CASE, fold_case),
)
"""The steps of `read`, in order, each with the reason it gives when it was needed to make two texts equal."""

"""Comparing the name that was asked with the registered one.

Rules (names.md section 4 of the domain facts): writing differences are equal; one syllable that differs by
its tone, by i/y or by hỏi/ngã is near; a lost middle name, another word order or lost diacritics are near;
all else is different. Regional pairs (Hoàng and Huỳnh, Vũ and Võ) are different legal names and are never
brought together.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, cast

from population_registry.matching.grades import EXACT, ILLEGIBLE, OTHER, Comparison, Reason, equal, near
from population_registry.matching.syllables import Syllable, Tone, strip_marks, take_apart
from population_registry.matching.writing import MAX_NAME, STEPS, Written, as_written, is_legible

_WORD_OR_LETTERS = re.compile(r"[^\s.]+\.?")
_HOI_NGA = frozenset({Tone.HOOK, Tone.TILDE})
_VOWELS = frozenset("aăâeêioôơuưy")
_SHORTEST_WITH_MIDDLE = 3
_BEFORE_CASE = [reason for reason, _ in STEPS].index(Reason.LETTER_CASE)


class _Stages(NamedTuple):
    """A name before and after each step of unifying its writing, whether it is legible, its syllables' keys.

    `plain`: legible, and no step but the last (the case of letters) changes anything.
    """

    texts: tuple[str, ...]
    legible: bool
    keys: tuple[object, ...]
    plain: bool = False

    @property
    def name(self) -> Written:
        """What the last text reads as."""
        return as_written(self.texts[-1])


def _stages(text: str) -> _Stages:
    """Whole names are millions, their words a few thousand: the stages are put together from words where one may."""
    words = [_plain_word(word) for word in text.split(" ")]
    if None in words or len(text) > MAX_NAME:
        return _stages_of_whole(text)
    known = cast("list[tuple[str, object]]", words)
    folded = " ".join([word for word, _ in known])
    return _Stages((text,) * len(STEPS) + (folded,), True, tuple([key for _, key in known]), True)


@lru_cache(maxsize=16_384)
def _plain_word(word: str) -> tuple[str, object] | None:
    """A legible word as it is after the last step, and its key; None where another step may change or join it."""
    stages = _stages_of_whole(word)
    if not stages.legible or "'" in word or len(stages.keys) != 1 or set(stages.texts[:-1]) != {word}:
        return None
    return stages.texts[-1], stages.keys[0]


@lru_cache(maxsize=16_384)
def _stages_of_whole(text: str) -> _Stages:
    """Legibility is judged on what the name really contains."""
    texts = [text]
    for _, step in STEPS:
        texts.append(step(texts[-1]))
    keys = tuple([_key(word) for word in texts[-1].split(" ") if word])
    return _Stages(tuple(texts), is_legible(texts[_BEFORE_CASE]), keys)


@lru_cache(maxsize=16_384)
def _key(word: str) -> object:
    return take_apart(word).key


_OTHER_CASE = equal(Reason.LETTER_CASE)


def compare_names(asked: str, registered: str) -> Comparison:
    """The grade and its reasons. Never raises; both texts are judged by the same rules."""
    if asked == registered:
        return EXACT if is_legible(asked) else ILLEGIBLE
    a, b = _stages(asked), _stages(registered)
    if a.plain and b.plain and a.texts[-1] == b.texts[-1]:
        return _OTHER_CASE
    if not (a.legible and b.legible):
        return ILLEGIBLE
    if a.keys == b.keys:
        return equal(*_writing_reasons(a.texts, b.texts))
    return _near_or_different(a.name, b.name)


def _writing_reasons(asked: tuple[str, ...], registered: tuple[str, ...]) -> tuple[Reason, ...]:
    """Which steps were needed to make the texts equal; what remains after all is the place of the tone."""
    reasons: list[Reason] = []
    for place, (reason, _) in enumerate(STEPS):
        before, changed = (asked[place], registered[place]), (asked[place + 1], registered[place + 1])
        if before[0] == before[1]:
            break  # no later step can part them again
        if changed != before and (changed[0] == changed[1] or _apart(changed) < _apart(before)):
            reasons.append(reason)
    if asked[-1] != registered[-1]:
        reasons.append(Reason.TONE_PLACEMENT)
    return tuple(reasons)


def _apart(pair: tuple[str, str]) -> int:
    """How many characters of two texts are not common to both (a multiset distance)."""
    left, right = Counter(pair[0]), Counter(pair[1])
    return ((left - right) + (right - left)).total()


def _near_or_different(a: Written, b: Written) -> Comparison:
    if len(a.syllables) == len(b.syllables):
        differing = [(x, y) for x, y in zip(a.syllables, b.syllables, strict=True) if x.key != y.key]
        if len(differing) == 1 and (reason := _small_difference(*differing[0])) is not None:
            return near(reason)
        if _as_bag(a) == _as_bag(b):
            return near(Reason.WORD_ORDER)
    if a.skeleton == b.skeleton and (a.is_bare or b.is_bare):
        return near(Reason.WITHOUT_DIACRITICS)
    shortened = _shortened(a, b)
    return OTHER if shortened is None else near(shortened)


def _shortened(a: Written, b: Written) -> Reason | None:
    """How one of them is the other made shorter; None where it is not."""
    if _abbreviates(a, b) or _abbreviates(b, a):
        return Reason.ABBREVIATED
    keys_a, keys_b = [s.key for s in a.syllables], [s.key for s in b.syllables]
    if _lacks_only_middle(keys_a, keys_b):
        return Reason.MIDDLE_NAME_MISSING
    return Reason.MIDDLE_NAME_EXTRA if _lacks_only_middle(keys_b, keys_a) else None


def _abbreviates(short: Written, whole: Written) -> bool:
    """Whether `short` writes some words of `whole` as first letters with a dot (`N.T. Lan`); the last one in full."""
    if "." not in short.text:
        return False
    words = [part for part in _WORD_OR_LETTERS.findall(short.text) if part]
    if len(words) != len(whole.syllables) or words[-1].endswith("."):
        return False
    return all(
        syllable.skeleton.startswith(strip_marks(word[:-1]))
        if word.endswith(".")
        else take_apart(word).key == syllable.key
        for word, syllable in zip(words, whole.syllables, strict=True)
    )


def _as_bag(name: Written) -> Counter[object]:
    return Counter(syllable.key for syllable in name.syllables)


def _small_difference(x: Syllable, y: Syllable) -> Reason | None:
    """The reason why two syllables are near, or None when they are simply different."""
    if x.letters == y.letters and max(len(x.tones), len(y.tones)) <= 1:
        return Reason.HOI_NGA if set(x.tones) | set(y.tones) == _HOI_NGA else Reason.TONE
    if x.tones == y.tones and _fold_i_y(x.letters) == _fold_i_y(y.letters):
        return Reason.I_Y
    return None


def _fold_i_y(letters: str) -> str:
    """Write i for a y that is the only vowel (`Mỹ`), follows qu (`Quý`) or stands before ê (`Yên`).

    `Thúy` and `Thúi`, `May` and `Mai` stay apart: there y and i write different sounds.
    """
    vowels = [i for i, c in enumerate(letters) if c in _VOWELS]
    for i in vowels:
        if letters[i] != "y":
            continue
        before = letters[:i]
        alone = all(j == i for j in vowels)
        if alone or before == "qu" or (i == 0 and letters[1:2] == "ê"):
            return f"{before}i{letters[i + 1 :]}"
    return letters


def _lacks_only_middle(shorter: Sequence[object], longer: Sequence[object]) -> bool:
    """True when `shorter` is `longer` without one or more syllables between the first and the last."""
    if len(shorter) < 2 or len(longer) < _SHORTEST_WITH_MIDDLE or len(shorter) >= len(longer):  # noqa: PLR2004 -- family and given name
        return False
    if shorter[0] != longer[0] or shorter[-1] != longer[-1]:
        return False
    rest = iter(longer[1:-1])
    return all(syllable in rest for syllable in shorter[1:-1])

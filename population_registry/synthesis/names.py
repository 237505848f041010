"""Draws names by region, sex and birth year (weights and algorithm of `names.json`, which holds only frequencies)."""

import json
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np

from population_registry.storage.reference import DATA
from population_registry.synthesis.codes import MALE
from population_registry.synthesis.draws import Bools, Draws, Floats, Ints, Weights, take

_BAND_STARTS = np.array([1960, 1980, 1990, 2000, 2010])
_SECOND_SYLLABLE = np.array([0.10, 0.55])
_NO_MIDDLE = 0.01
_MOTHERS_NAME_IN_MIDDLE = 0.06
_YOUNG_SINCE = 2005
_REGIONS = ("north", "centre", "south")


@dataclass(slots=True)
class Names:
    """Names as numbers into the maker's words; `first` and `second` are the middle, 0 for none."""

    family: Ints
    first: Ints
    second: Ints
    given: Ints

    def whole(self) -> Ints:
        """One number per name, equal for equal names."""
        return ((self.family * 1_000 + self.first) * 1_000 + self.second) * 1_000 + self.given


class NameMaker:
    """Everything needed to name people; built once, shared by all blocks."""

    def __init__(self) -> None:
        text = unicodedata.normalize("NFC", (DATA / "names.json").read_text(encoding="utf-8"))
        data: dict[str, Any] = json.loads(text)
        multipliers = data["family_region_multipliers"]
        families = data["family_names"]
        self.families = ["", *(each["name"] for each in families)]
        self._family = Weights(
            *(
                [each["weight"] * multipliers[region].get(each["name"], 1.0) for each in families]
                for region in _REGIONS
            )
        )
        bands: list[dict[str, Any]] = data["era_rules"]["bands"]
        self._marker: Floats = np.array(
            [[band[share] for band in bands] for share in ("p_van_male", "p_thi_female")]
        )
        given = [(each, sex) for sex, letter in enumerate("mf") for each in data["given_names"][letter]]
        self.words = ["", *dict.fromkeys(each["name"] for each, _ in given)]
        male, female = data["middle_names"]["m"], data["middle_names"]["f_full_middle"]
        seconds = [(each["name"].removeprefix("Thị "), each["weight"]) for each in female]
        middles = (
            [(each["name"], each["weight"]) for each in male if each["name"] != "Văn"],
            [(name, weight) for name, weight in seconds if name != "Thị"],
        )
        sex_words = data["ethnic_naming"]["Xơ-Đăng"]
        self.sex_words = (sex_words["prefix_m"], sex_words["prefix_f"])
        known = {word: place for place, word in enumerate(self.words)}
        for word in ("Văn", "Thị", *(name for table in middles for name, _ in table), *self.families[1:]):
            if word not in known:
                known[word] = len(self.words)
                self.words.append(word)
        self._markers = np.array([known["Văn"], known["Thị"]])
        self._family_words: Ints = np.array([0, *(known[name] for name in self.families[1:])])
        self._middle = Weights(*([weight for _, weight in table] for table in middles))
        self._middle_words: Ints = np.array([known[name] for table in middles for name, _ in table])
        factors = [{"old": band["old"], "young": band["young"], "any": 1.0} for band in bands]
        self._given = Weights(
            *(
                [each["weight"] * factor[each["era"]] for each in data["given_names"][letter]]
                for letter in "mf"
                for factor in factors
            )
        )
        self._given_words: Ints = np.array(
            [known[each["name"]] for letter in "mf" for _ in bands for each in data["given_names"][letter]]
        )
        self._bands = len(bands)
        last = {word.rpartition(" ")[2] for word in self.words}
        syllables = {word: place for place, word in enumerate(sorted(last))}
        self._last_syllable: Ints = np.array([syllables[word.rpartition(" ")[2]] for word in self.words])
        self._middles: dict[int, str] = {}

    def family(self, draws: Draws, region: Ints) -> Ints:
        """Family names as frequent as in those parts of the country."""
        return self._family.pick(draws, len(region), region) + 1

    def draw(self, draws: Draws, family: Ints, sex: Ints, year: Ints, mothers: Ints) -> Names:
        """Names for people of those families and years; `mothers` may lend their family name to the middle."""
        count, band = len(family), np.searchsorted(_BAND_STARTS, year, side="right")
        chance, second = draws.uniform(count), draws.uniform(count)
        one, two = self._some_middle(draws, sex), self._some_middle(draws, sex)
        marked = draws.uniform(count) < self._marker[sex, band]
        longer = second < _SECOND_SYLLABLE[sex]
        first = np.where(marked, self._markers[sex], one)
        rest = np.where(marked & (sex == MALE), 0, np.where(longer & (marked | (sex == MALE)), two, 0))
        rest[rest == first] = 0
        lent = (chance < _NO_MIDDLE + _MOTHERS_NAME_IN_MIDDLE) & (year >= _YOUNG_SINCE)
        lent &= (mothers > 0) & (mothers != family)
        first, rest = np.where(lent, self._family_words[mothers], first), np.where(lent, one, rest)
        none = chance < _NO_MIDDLE
        first, rest = np.where(none, 0, first), np.where(none, 0, rest)
        names = Names(family, first, rest, np.zeros(count, dtype=np.int64))
        self.give(draws, names, sex, year, np.ones(count, dtype=np.bool_))
        return names

    def give(self, draws: Draws, names: Names, sex: Ints, year: Ints, whom: Bools) -> None:
        """Draw the given names of `whom` (again), never the last syllable of their middle."""
        band = np.searchsorted(_BAND_STARTS, year, side="right")
        table = sex * self._bands + band
        left = np.flatnonzero(whom)
        while len(left):
            place = self._given.starts[table[left]] + self._given.pick(draws, len(left), table[left])
            names.given[left] = self._given_words[place]
            last = np.where(names.second[left] > 0, names.second[left], names.first[left])
            echo = self._last_syllable[last] == self._last_syllable[names.given[left]]
            left = left[echo]

    def middle_texts(self, names: Names) -> list[str]:
        """The middle names as written."""
        codes = (names.first * 1_000 + names.second).tolist()
        known = self._middles
        for code in set(codes) - known.keys():
            one, two = divmod(code, 1_000)
            known[code] = f"{self.words[one]} {self.words[two]}".strip()
        return list(map(known.__getitem__, codes))

    def given_texts(self, names: Names, sex: Ints, nameless: Bools) -> list[str]:
        """The given names as written; after the custom of peoples without family names, a sex word stands first."""
        given = take(self.words, names.given)
        for place in np.flatnonzero(nameless).tolist():
            given[place] = f"{self.sex_words[sex[place]]} {given[place]}"
        return given

    def _some_middle(self, draws: Draws, sex: Ints) -> Ints:
        words: Ints = self._middle_words[self._middle.starts[sex] + self._middle.pick(draws, len(sex), sex)]
        return words

"""Draws names by region, sex and birth year (weights and algorithm of `names.json`, which holds only frequencies)."""

import json
import unicodedata
from collections.abc import Callable, Collection
from random import Random
from typing import Any

from population_registry.domain import PersonName, Sex
from population_registry.storage.reference import DATA
from population_registry.synthesis.sampling import Weighted

_BAND_STARTS = (1960, 1980, 1990, 2000, 2010)
_SECOND_SYLLABLE = {Sex.MALE: 0.10, Sex.FEMALE: 0.55}
_NO_MIDDLE = 0.01
_MOTHERS_NAME_IN_MIDDLE = 0.06
_YOUNG_SINCE = 2005


class NameMaker:
    """Everything needed to name people; built once, shared by all households."""

    def __init__(self) -> None:
        text = unicodedata.normalize("NFC", (DATA / "names.json").read_text(encoding="utf-8"))
        data: dict[str, Any] = json.loads(text)
        multipliers = data["family_region_multipliers"]
        self._families: dict[str, Weighted[str]] = {
            region: Weighted(
                (each["name"], each["weight"] * multipliers[region].get(each["name"], 1.0))
                for each in data["family_names"]
            )
            for region in ("north", "centre", "south")
        }
        bands: list[dict[str, Any]] = data["era_rules"]["bands"]
        self._marker_share = {
            Sex.FEMALE: [band["p_thi_female"] for band in bands],
            Sex.MALE: [band["p_van_male"] for band in bands],
        }
        self._given: dict[Sex, list[Weighted[str]]] = {
            sex: [_given(data["given_names"][letter], band) for band in bands]
            for sex, letter in ((Sex.MALE, "m"), (Sex.FEMALE, "f"))
        }
        male, female = data["middle_names"]["m"], data["middle_names"]["f_full_middle"]
        seconds = [(each["name"].removeprefix("Thị "), each["weight"]) for each in female]
        self._middle = {
            Sex.MALE: Weighted((each["name"], each["weight"]) for each in male if each["name"] != "Văn"),
            Sex.FEMALE: Weighted((name, weight) for name, weight in seconds if name != "Thị"),
        }
        minorities = data["ethnic_naming"]
        self._without_family: dict[Sex, str] = {
            Sex.MALE: minorities["Xơ-Đăng"]["prefix_m"],
            Sex.FEMALE: minorities["Xơ-Đăng"]["prefix_f"],
        }

    def family(self, rng: Random, region: str) -> str:
        """A family name as frequent as in that part of the country."""
        return self._families[region].draw(rng)

    def full(
        self,
        rng: Random,
        family: str,
        sex: Sex,
        year: int,
        taken: Collection[str] = (),
        *,
        mothers_family: str = "",
    ) -> PersonName:
        """A name for a child of that family and year; not one of `taken` (the full names of the household)."""
        mothers = mothers_family if year >= _YOUNG_SINCE else ""
        return _other_than(taken, lambda: self._draw(rng, family, sex, _band(year), mothers))

    def without_family(self, rng: Random, sex: Sex, year: int, taken: Collection[str] = ()) -> PersonName:
        """A name after the custom of peoples who bear no family name: a sex word, then the given name."""
        word, given = self._without_family[sex], self._given[sex][_band(year)]
        return _other_than(taken, lambda: PersonName.stored("", "", f"{word} {given.draw(rng)}"))

    def _draw(self, rng: Random, family: str, sex: Sex, band: int, mothers_family: str) -> PersonName:
        chance = rng.random()
        if chance < _NO_MIDDLE:
            middle = ""
        elif mothers_family and chance < _NO_MIDDLE + _MOTHERS_NAME_IN_MIDDLE and mothers_family != family:
            middle = f"{mothers_family} {self._middle[sex].draw(rng)}"
        elif rng.random() < self._marker_share[sex][band]:
            middle = "Thị" if sex is Sex.FEMALE else "Văn"
            if sex is Sex.FEMALE and rng.random() < _SECOND_SYLLABLE[sex]:
                middle = f"Thị {self._middle[sex].draw(rng)}"
        else:
            middle = self._middle[sex].draw(rng)
            if sex is Sex.MALE and rng.random() < _SECOND_SYLLABLE[sex]:
                middle = f"{middle} {self._middle[sex].draw(rng)}"
        given = self._given[sex][band].draw(rng)
        while middle.endswith(given):
            given = self._given[sex][band].draw(rng)
        return PersonName.stored(family, middle, given)


def _other_than(taken: Collection[str], draw: Callable[[], PersonName]) -> PersonName:
    name = draw()
    while name.full in taken:
        name = draw()
    return name


def _band(year: int) -> int:
    return sum(year >= start for start in _BAND_STARTS)


def _given(names: list[dict[str, Any]], band: dict[str, Any]) -> Weighted[str]:
    factor = {"old": band["old"], "young": band["young"], "any": 1.0}
    return Weighted((each["name"], each["weight"] * factor[each["era"]]) for each in names)

"""The gazetteer: provinces, districts and communes by name, as they were until 30 June 2025 and as they are now.

Names repeat (communes across provinces, wards across districts), so a name only ever leads to a set of units; what
remains ambiguous is answered with every candidate.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from population_registry.matching.syllables import strip_marks
from population_registry.matching.writing import normalise


class Tier(Enum):
    """The three levels until 2025; since then there is no district."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


_KINDS: Mapping[Tier, tuple[tuple[str, str], ...]] = {
    Tier.PROVINCE: (("tinh", r"tỉnh|tinh|t\."), ("thanh_pho", r"thành phố|thanh pho|t\.?p\.?")),
    Tier.DISTRICT: (
        ("quan", r"quận|quan|q\.?"),
        ("huyen", r"huyện|huyen|h\.?"),
        ("thi_xa", r"thị xã|thi xa|t\.?x\.?"),
        ("thanh_pho", r"thành phố|thanh pho|t\.?p\.?"),
    ),
    Tier.COMMUNE: (
        ("phuong", r"phường|phuong|p\.?"),
        ("thi_tran", r"thị trấn|thi tran|t\.?t\.?"),
        ("dac_khu", r"đặc khu|dac khu"),
        ("xa", r"xã|xa|x\.?"),
    ),
}
_PREFIX = {
    tier: tuple(
        (kind, re.compile(rf"(?:{words})(?:\s+|(?<=\.))(?=\S)", re.IGNORECASE)) for kind, words in kinds
    )
    for tier, kinds in _KINDS.items()
}
_NUMBERED = re.compile(r"(?:p|q)\.?\s*0*(\d{1,2})", re.IGNORECASE)
_NUMBER = re.compile(r"0*(\d{1,2})")
_NICKNAMES = {"hcm": "hồ chí minh", "tphcm": "hồ chí minh", "hn": "hà nội"}


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit; `above` is the code of the unit that it belongs to, `old` whether it ended on 1 July 2025."""

    code: str
    name: str
    kind: str | None
    above: str
    old: bool


@dataclass(frozen=True, slots=True)
class Named:
    """What a text names: the key of the bare name, the kind where it was written, whether marks were written."""

    key: str
    plain: str
    kind: str | None
    marked: bool


def name_of(text: str, tier: Tier) -> Named:
    """The name without its kind (`Phường 05`, `P.5` → 5; `TP. Hồ Chí Minh` → Hồ Chí Minh). Never raises."""
    text = " ".join(text.split())
    kind = None
    if tier is not Tier.PROVINCE and (found := _NUMBERED.fullmatch(text)):
        kind, text = ("phuong" if text[0] in "pP" else "quan"), found[1]
    for candidate, prefix in _PREFIX[tier] if kind is None else ():
        if begun := prefix.match(text):
            kind, text = candidate, text[begun.end() :]
            break
    if number := _NUMBER.fullmatch(text):
        text = number[1]
    meant = _NICKNAMES.get(text.lower().replace(".", "").replace(" ", ""), text)
    key, plain = _keys(meant)
    return Named(key, plain, kind, marked=not meant.isascii())


def _keys(name: str) -> tuple[str, str]:
    """The name as a key, with marks and without; dashes and apostrophes are written or not."""
    words = [_word(word) for word in name.replace("-", " ").replace("'", "").replace("’", "").split()]
    return " ".join(key for key, _ in words), " ".join(plain for _, plain in words)


@lru_cache(maxsize=16_384)
def _word(word: str) -> tuple[str, str]:
    key = normalise(word)
    return key, strip_marks(key)


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Units by key with and without marks.

    `became`: the provinces of today by old province code; `districts`: the old province of each old district.
    """

    by_key: Mapping[tuple[Tier, bool, str], tuple[Unit, ...]] = field(default_factory=dict)
    became: Mapping[str, str] = field(default_factory=dict)
    districts: Mapping[str, str] = field(default_factory=dict)
    communes: Mapping[str, Unit] = field(default_factory=dict)
    provinces: Mapping[str, Unit] = field(default_factory=dict)

    @classmethod
    def of(cls, units: Iterable[tuple[Tier, Unit]], became: Mapping[str, str]) -> "Gazetteer":
        """Index the units of both times."""
        by_key: dict[tuple[Tier, bool, str], list[Unit]] = defaultdict(list)
        districts: dict[str, str] = {}
        today: dict[Tier, dict[str, Unit]] = {tier: {} for tier in Tier}
        for tier, unit in units:
            key, plain = _keys(unit.name.lstrip("0"))
            by_key[tier, True, key].append(unit)
            if plain != key:
                by_key[tier, False, plain].append(unit)
            if tier is Tier.DISTRICT:
                districts[unit.code] = unit.above
            if not unit.old:
                today[tier][unit.code] = unit
        return cls(
            {key: tuple(found) for key, found in by_key.items()},
            dict(became),
            districts,
            today[Tier.COMMUNE],
            today[Tier.PROVINCE],
        )

    def find(self, named: Named, tier: Tier) -> list[tuple[Unit, bool]]:
        """The units of that name, each with whether it is written so, marks and all.

        A name written without marks may also be a name that has none; both are found.
        """
        exact = [(unit, True) for unit in self.by_key.get((tier, True, named.key), ())]
        if named.marked:
            return exact
        return exact + [(unit, False) for unit in self.by_key.get((tier, False, named.plain), ())]

    def describe(self, code: str) -> dict[str, str] | None:
        """A commune of today for people: its code, name, kind and province; None for no commune of today."""
        unit = self.communes.get(code)
        if unit is None:
            return None
        province = self.provinces.get(unit.above)
        return {
            "code": code,
            "name": unit.name,
            "kind": unit.kind or "",
            "province_code": unit.above,
            "province": "" if province is None else province.name,
        }

"""Reading an address of either time and comparing it with a registered one.

Until 30 June 2025: hamlet or house, commune, district, province (four parts); since then without district. Old cards
and papers keep the old wording (Law on Identity Art. 24(1)(đ)), so both are read and led to the communes of today;
where a ward was divided, or a name is borne by several, every candidate is answered.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from population_registry.matching.communes import Successors
from population_registry.matching.grades import (
    EXACT,
    ILLEGIBLE,
    OTHER,
    Comparison,
    Grade,
    Reason,
    equal,
    near,
)
from population_registry.matching.places import Gazetteer, Named, Tier, Unit, name_of
from population_registry.matching.syllables import strip_marks
from population_registry.matching.writing import normalise

MAX_ADDRESS = 300
_PROVINCE_DIGITS = 2
MOST_CANDIDATES = 20
_SEPARATOR = re.compile(r"\s*[,;\n]\s*")
_DASH = re.compile(r"\s+[-–]\s+")
_KIND_WORD = re.compile(
    r"\s+(?=(?:(?<!thị )xã|phường|thị trấn|đặc khu|quận|huyện|thị xã|tỉnh|thành phố)\s)", re.IGNORECASE
)
_TWO_IN_ONE = (normalise("Bà Rịa"), normalise("Vũng Tàu"))
_COUNTRY = frozenset({normalise("Việt Nam"), "viet nam", "vn", "vietnam"})
_FILLERS = re.compile(r"\b(?:số nhà|so nha|nhà số|nha so|số|so|đường|duong|phố|pho|sn)\b\.?", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[.,;:]+")
_UNSURE = frozenset(
    {
        Reason.UNIT_SPLIT, Reason.UNIT_AMBIGUOUS, Reason.OTHER_KIND, Reason.PROVINCE_MISSING,
        Reason.WITHOUT_DIACRITICS, Reason.DETAIL_MISSING,
    }
)  # a table, read by rows  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read an address: the commune of today, the old ward that led there, and what it took."""

    commune: str
    ward: str | None
    detail: str
    reasons: tuple[Reason, ...]


def resolve(text: str, places: Gazetteer, successors: Successors) -> tuple[Reading, ...]:
    """Every commune of today that the address may lie in, at most twenty, the plainest readings first.

    Empty where nothing in it names a commune. Never raises.
    """
    if len(text) > MAX_ADDRESS:
        return ()
    parts = split_address(text)
    found: dict[tuple[str, str | None], Reading] = {}
    for reading in _readings(parts, places, successors):
        known = found.get((reading.commune, reading.ward))
        if known is None or len(reading.reasons) < len(known.reasons):
            found[reading.commune, reading.ward] = reading
    if len({reading.commune for reading in found.values()}) > 1:
        found = {key: _marked_ambiguous(each) for key, each in found.items()}
    ordered = sorted(found.values(), key=lambda each: (len(each.reasons), each.commune, each.ward or ""))
    return tuple(ordered[:MOST_CANDIDATES])


def split_address(text: str) -> list[str]:
    """The parts of an address, the smallest first, without the country; by commas, dashes, or the units' kinds."""
    text = unicodedata.normalize("NFC", text).strip()
    parts = [part for part in _SEPARATOR.split(text) if part]
    if len(parts) == 1:
        parts = [part for part in _DASH.split(text) if part]
    parts = [piece for part in parts for piece in _KIND_WORD.split(part) if piece]
    if parts and normalise(parts[-1]) in _COUNTRY:
        parts.pop()
    if tuple(map(normalise, parts[-2:])) == _TWO_IN_ONE:  # a province whose own name has a dash
        parts[-2:] = [" - ".join(parts[-2:])]
    return parts


def _marked_ambiguous(reading: Reading) -> Reading:
    if Reason.UNIT_SPLIT in reading.reasons:
        return reading
    reasons = (*reading.reasons, Reason.UNIT_AMBIGUOUS)
    return Reading(reading.commune, reading.ward, reading.detail, reasons)


_Placed = tuple[Unit, tuple[Reason, ...]]
"""A unit, and what it took to find it."""


def _readings(parts: Sequence[str], places: Gazetteer, successors: Successors) -> list[Reading]:
    """Both times, with the district and without, with the province and without: whatever the names allow."""
    found: list[Reading] = []
    provinces = _units(parts[-1:], Tier.PROVINCE, places)
    rest = parts[:-1] if provinces else parts
    if not rest:
        return []
    districts = _units(rest[-1:], Tier.DISTRICT, places)
    if districts and len(rest) > 1:
        detail = ", ".join(rest[:-2])
        for ward, bare in _units(rest[-2:-1], Tier.COMMUNE, places):
            for district, bare_district in districts if ward.old else ():
                lost = _lost(district, provinces, places)
                if ward.above == district.code and lost is not None:
                    found += _of_ward(ward, detail, _joined(lost, bare_district, bare), successors)
    detail = ", ".join(rest[:-1])
    for unit, bare in _units(rest[-1:], Tier.COMMUNE, places) if not found else ():
        lost = _lost(unit, provinces, places)
        if lost is None:
            continue
        if unit.old:
            found += _of_ward(unit, detail, _joined(lost, bare, (Reason.DISTRICT_MISSING,)), successors)
        else:
            found.append(Reading(unit.code, None, detail, _joined(lost, bare)))
    return found


def _units(part: Sequence[str], tier: Tier, places: Gazetteer) -> list[_Placed]:
    """Units of the name in that part, with what it took; the kind counts where any unit of that name has it."""
    if not part:
        return []
    named = name_of(part[0], tier)
    units: list[_Placed] = [
        (unit, () if marked else (Reason.WITHOUT_DIACRITICS,)) for unit, marked in places.find(named, tier)
    ]
    fitting = [each for each in units if _fits(each[0], named)]
    if not fitting and tier is not Tier.PROVINCE:
        return [(unit, (*reasons, Reason.OTHER_KIND)) for unit, reasons in units]
    return fitting


def _fits(unit: Unit, named: Named) -> bool:
    return named.kind is None or unit.kind is None or unit.kind == named.kind


def _lost(unit: Unit, provinces: Sequence[_Placed], places: Gazetteer) -> tuple[Reason, ...] | None:
    """What it took to place a unit in one of these provinces, of its own time or the other; None: it is in none."""
    if not provinces:
        return (Reason.PROVINCE_MISSING,)
    ways = [
        reasons
        for province, reasons in provinces
        if _province(unit, places, old=province.old) == province.code
    ]
    if not unit.old and not ways:
        # People write the commune of today with the province that they grew up in.
        ways = [
            (*reasons, Reason.PROVINCE_MERGED)
            for province, reasons in provinces
            if province.old and places.became.get(province.code) == unit.above
        ]
    return min(ways, key=len, default=None)


def _province(unit: Unit, places: Gazetteer, *, old: bool) -> str | None:
    """The province of an old or new unit, as the old or the new map has it (an old one of a new unit: unknown)."""
    if not unit.old:
        return None if old else unit.above
    own = unit.above if len(unit.above) == _PROVINCE_DIGITS else places.districts[unit.above]
    return own if old else places.became.get(own)


def _joined(*reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(each for part in reasons for each in part))


def _of_ward(ward: Unit, detail: str, reasons: tuple[Reason, ...], successors: Successors) -> list[Reading]:
    communes = successors.of(ward.code)
    how = Reason.UNIT_MERGED if len(communes) == 1 else Reason.UNIT_SPLIT
    return [Reading(code, ward.code, detail, (*reasons, how)) for code in sorted(communes)]


def compare_addresses(
    asked: str,
    registered: str,
    commune: str,
    as_issued: str | None,
    places: Gazetteer,
    successors: Successors,
) -> Comparison:
    """Compare an address as somebody wrote it with the registered house or hamlet in that commune of today.

    Equal where units and house agree, also across the reorganisation; near where a ward was divided, several units
    bear the name, a part is missing, or marks are; different where the place or the house is another. Never raises.
    """
    if len(asked) > MAX_ADDRESS or not any(map(str.isalpha, asked)):
        return ILLEGIBLE
    if as_issued is not None and _plain(asked) == _plain(as_issued):
        return equal(Reason.AS_ISSUED)
    here = [each for each in resolve(asked, places, successors) if each.commune == commune]
    details = [registered, *([] if as_issued is None else [", ".join(split_address(as_issued)[:-3])])]
    return _best(here, details)


def compare_coded(
    code: str, detail: str, registered: str, commune: str, successors: Successors
) -> Comparison:
    """As `compare_addresses`, where the code of a commune or of an old ward was given instead of names."""
    communes = successors.of(code)
    if commune not in communes:
        return OTHER
    reasons: tuple[Reason, ...] = ()
    if code != commune:
        reasons = (Reason.UNIT_MERGED,) if len(communes) == 1 else (Reason.UNIT_SPLIT,)
    return _best([Reading(commune, code, detail, reasons)], [registered])


def _best(here: Sequence[Reading], details: Sequence[str]) -> Comparison:
    """The surest of the readings that lead to the registered commune."""
    if not here:
        return OTHER
    judged = [_with_detail(each, details) for each in here]
    fitting = [each for each in judged if each is not None]
    if not fitting:
        return Comparison(Grade.DIFFERENT, (Reason.OTHER_DETAIL,))
    reasons = min(fitting, key=lambda each: (len(_UNSURE.intersection(each)), len(each)))
    return graded(reasons)


def graded(reasons: tuple[Reason, ...]) -> Comparison:
    """The grade of a reading: near where it leaves something open."""
    if not reasons:
        return EXACT
    return near(*reasons) if _UNSURE.intersection(reasons) else equal(*reasons)


def _with_detail(reading: Reading, registered: Sequence[str]) -> tuple[Reason, ...] | None:
    """The reading's reasons with what the house or hamlet adds; None where it is another."""
    asked = _plain(reading.detail)
    if not asked:
        return (*reading.reasons, Reason.DETAIL_MISSING)
    known = [_plain(each) for each in registered]
    if asked in known:
        return reading.reasons
    if asked.isascii() and asked in map(strip_marks, known):
        return tuple(dict.fromkeys((*reading.reasons, Reason.WITHOUT_DIACRITICS)))
    return None


def _plain(detail: str) -> str:
    """House and street, or hamlet, without the words and signs that say nothing (`Số 5, đường Sen` is `5 Sen`)."""
    return normalise(_FILLERS.sub(" ", _PUNCTUATION.sub(" ", unicodedata.normalize("NFC", detail))))

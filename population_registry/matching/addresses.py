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
_FILLERS = re.compile(r"\b(?:số nhà|nhà số|số|đường|phố|sn)\b\.?", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[.,;:]+")
_UNSURE = frozenset(
    {
        Reason.UNIT_SPLIT, Reason.UNIT_AMBIGUOUS, Reason.OTHER_KIND, Reason.PROVINCE_MISSING,
        Reason.WITHOUT_DIACRITICS, Reason.DETAIL_MISSING,
    }
)  # fmt: skip


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
    for separator in (_SEPARATOR, _DASH, _KIND_WORD):
        parts = [part for part in separator.split(text) if part]
        if len(parts) > 1:
            break
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


def _readings(parts: Sequence[str], places: Gazetteer, successors: Successors) -> list[Reading]:
    """Both times, with the district and without, with the province and without: whatever the names allow."""
    found: list[Reading] = []
    provinces, bare = _units(parts[-1:], Tier.PROVINCE, places)
    rest = parts[:-1] if provinces else parts
    if not rest:
        return []
    lost: tuple[Reason, ...] = bare if provinces else (Reason.PROVINCE_MISSING,)
    districts, bare_district = _units(rest[-1:], Tier.DISTRICT, places)
    districts = [each for each in districts if _inside(each, provinces, places)]
    if districts and len(rest) > 1:
        wards, bare_ward = _units(rest[-2:-1], Tier.COMMUNE, places)
        inside = {each.code for each in districts}
        detail = ", ".join(rest[:-2])
        for ward in wards:
            if ward.old and ward.above in inside:
                found += _of_ward(ward, detail, _joined(lost, bare_district, bare_ward), successors)
    communes, bare_commune = _units(rest[-1:], Tier.COMMUNE, places)
    detail = ", ".join(rest[:-1])
    for unit in communes if not found else ():
        reasons = _joined(lost, bare_commune)
        if not unit.old and _inside(unit, provinces, places):
            found.append(Reading(unit.code, None, detail, reasons))
        elif unit.old and _inside(unit, provinces, places):
            found += _of_ward(unit, detail, _joined(reasons, (Reason.DISTRICT_MISSING,)), successors)
    return found


def _units(part: Sequence[str], tier: Tier, places: Gazetteer) -> tuple[list[Unit], tuple[Reason, ...]]:
    """Units of the name in that part; the kind counts where any unit of that name and kind exists."""
    if not part:
        return [], ()
    named = name_of(part[0], tier)
    units, with_marks = places.find(named, tier)
    fitting = [unit for unit in units if _fits(unit, named)]
    reasons = () if with_marks else (Reason.WITHOUT_DIACRITICS,)
    if not fitting and units and tier is not Tier.PROVINCE:
        return list(units), (*reasons, Reason.OTHER_KIND)
    return fitting, reasons


def _fits(unit: Unit, named: Named) -> bool:
    return named.kind is None or unit.kind is None or unit.kind == named.kind


def _inside(unit: Unit, provinces: Sequence[Unit], places: Gazetteer) -> bool:
    """Whether a unit lies in one of these provinces, of its own time or of the other; none named means any."""
    if not provinces:
        return True
    return any(_province(unit, places, old=each.old) == each.code for each in provinces)


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

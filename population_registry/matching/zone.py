"""Comparing what a card's machine-readable zone says with the record: capitals without marks, years of two digits.

The registered value is written the way a zone would write it; nothing is guessed back from the zone.
"""

from population_registry.domain import PartialDate, PartialDateError, PersonName
from population_registry.domain.mrz import ZoneBirth, ZoneName, name_line
from population_registry.matching.dates import compare_dates
from population_registry.matching.grades import OTHER, Comparison, Reason, near


def compare_zone_names(asked: ZoneName, registered: PersonName) -> Comparison:
    """Near at best: many names share one line without diacritics."""
    return near(Reason.WITHOUT_DIACRITICS) if asked.line == name_line(registered) else OTHER


def compare_zone_births(asked: ZoneBirth, registered: PartialDate) -> Comparison:
    """As `compare_dates`, the century taken from the record."""
    year, month, day = (asked.text[at : at + 2] for at in (0, 2, 4))
    century = registered.year - registered.year % 100
    try:
        seen = PartialDate(century + int(year), _known(month), _known(day))
    except PartialDateError:
        return OTHER
    return compare_dates(seen, registered)


def _known(part: str) -> int | None:
    return None if part == "<<" else int(part)

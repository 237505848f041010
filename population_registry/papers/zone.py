"""The machine-readable zone as a scanner or a keyboard delivers it: three lines of thirty (TD1).

Data entry help, **not proof**: nothing in the zone is signed unless it comes from DG1 of a chip.
"""

from collections.abc import Sequence

from population_registry.domain.mrz import Mrz, MrzError, ZoneBirth, ZoneName, read_mrz
from population_registry.papers.paper import Paper, PaperError, PaperFault, PaperKind
from population_registry.verification.claims.card import CardSeen, ZoneExpiry

_LINES = 3
_LONGEST_LINE = 60
"""Typed spaces included."""


def read_lines(lines: Sequence[str]) -> tuple[Mrz, ZoneName]:
    """The zone of three lines; spaces that were typed are taken away and small letters made capitals.

    Raises:
        PaperError: another layout, or a check digit disagrees.
    """
    if len(lines) != _LINES or any(len(line) > _LONGEST_LINE for line in lines):
        raise PaperError(PaperFault.ZONE)
    if not all(line.isascii() for line in lines):
        raise PaperError(PaperFault.ZONE)
    first, second, third = ("".join(line.split()).upper() for line in lines)
    try:
        return read_mrz(first, second), ZoneName(third)
    except MrzError:
        raise PaperError(PaperFault.ZONE) from None


def read_zone(lines: Sequence[str]) -> Paper:
    """What a typed or scanned zone says.

    Raises:
        PaperError: as `read_lines`.
    """
    zone, name = read_lines(lines)
    return Paper(
        kind=PaperKind.MRZ,
        number=zone.number,
        name=name,
        birth=ZoneBirth(zone.birth),
        sex=zone.sex,
        card=CardSeen(str(zone.number), expires=ZoneExpiry(zone.expires)),
    )

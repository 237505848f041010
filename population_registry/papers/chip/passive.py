"""Passive authentication (ICAO Doc 9303 part 11 section 5.1): structure, signature, chain, hashes, agreement.

Each finding has language-free reasons. A chip is genuine only when all five agree; then its data were written
by the issuer. Whether the chip itself is the original is not proven (that needs chip or active authentication).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from population_registry.domain.mrz import Mrz, ZoneBirth, ZoneName, birth_text
from population_registry.papers.chip.groups import National, read_dg1, read_dg13
from population_registry.papers.chip.security_object import SecurityFile, read_sod
from population_registry.papers.chip.trust import Trust
from population_registry.papers.paper import Paper, PaperError, PaperFault, PaperKind
from population_registry.verification.answers import MATCH, ClaimResult, Flag
from population_registry.verification.claims.card import CardSeen, Expiry, ZoneExpiry

_DG1, _DG13 = 1, 13
T = TypeVar("T")


class ChipFault(StrEnum):
    """Why chip data are not genuine, beside `ChainFault`; public."""

    SOD_UNREADABLE = "sod_unreadable"
    DG1_UNREADABLE = "dg1_unreadable"
    DG13_UNREADABLE = "dg13_unreadable"
    WRONG_SIGNATURE = "wrong_signature"
    DG1_ALTERED = "dg1_altered"
    DG13_ALTERED = "dg13_altered"
    DG1_NOT_LISTED = "dg1_not_listed"
    DG13_NOT_LISTED = "dg13_not_listed"
    NUMBER_DIFFERS = "number_differs"
    NAME_DIFFERS = "name_differs"
    BIRTH_DATE_DIFFERS = "birth_date_differs"
    SEX_DIFFERS = "sex_differs"
    EXPIRY_DIFFERS = "expiry_differs"
    NOT_READ = "not_read"


_NOT_READ = ClaimResult(Flag.UNKNOWN, (ChipFault.NOT_READ.value,))


@dataclass(frozen=True, slots=True)
class ChipFiles:
    """The files read from a chip, as they came."""

    sod: bytes
    dg1: bytes
    dg13: bytes


@dataclass(frozen=True, slots=True)
class ChipFindings:
    """What the chip says, and how each check of it stands, in the order of part 11."""

    paper: Paper
    checks: Mapping[str, ClaimResult]

    @property
    def genuine(self) -> bool:
        """Whether every check agrees."""
        return all(check.flag is Flag.MATCH for check in self.checks.values())


def authenticate(files: ChipFiles, trust: Trust, now: datetime) -> ChipFindings:
    """Judge the files.

    Raises:
        PaperError: neither data group can be read, so that nobody is named.
    """
    sod, zone, national = (
        _tried(read_sod, files.sod),
        _tried(read_dg1, files.dg1),
        _tried(read_dg13, files.dg13),
    )
    unreadable = (
        (sod, ChipFault.SOD_UNREADABLE),
        (zone, ChipFault.DG1_UNREADABLE),
        (national, ChipFault.DG13_UNREADABLE),
    )
    checks = {
        "structure": _said([fault for found, fault in unreadable if found is None]),
        "signature": _NOT_READ
        if sod is None
        else _said([] if sod.is_signed() else [ChipFault.WRONG_SIGNATURE]),
        "chain": _NOT_READ if sod is None else _said(trust.faults(sod.certificate, now)),
        "hashes": _NOT_READ if sod is None else _said(_hash_faults(sod, files)),
        "agreement": _NOT_READ if zone is None or national is None else _said(_differences(*zone, national)),
    }
    return ChipFindings(_paper(zone, national), checks)


def _tried(read: Callable[[bytes], T], encoded: bytes) -> T | None:
    try:
        return read(encoded)
    except PaperError:
        return None


def _said(faults: Sequence[StrEnum]) -> ClaimResult:
    return ClaimResult(Flag.MISMATCH, tuple(fault.value for fault in faults)) if faults else MATCH


def _hash_faults(sod: SecurityFile, files: ChipFiles) -> list[ChipFault]:
    judged = (
        (sod.holds(_DG1, files.dg1), ChipFault.DG1_ALTERED, ChipFault.DG1_NOT_LISTED),
        (sod.holds(_DG13, files.dg13), ChipFault.DG13_ALTERED, ChipFault.DG13_NOT_LISTED),
    )
    return [missing if held is None else altered for held, altered, missing in judged if not held]


def _differences(zone: Mrz, name: ZoneName, national: National) -> list[ChipFault]:
    """Where data groups 1 and 13 of one chip speak of different people or cards."""
    ends = None if national.expires is None else f"{national.expires:%y%m%d}"
    judged = (
        (zone.number == national.number, ChipFault.NUMBER_DIFFERS),
        (name.is_of(national.name), ChipFault.NAME_DIFFERS),
        (zone.birth == birth_text(national.birth), ChipFault.BIRTH_DATE_DIFFERS),
        (zone.sex is national.sex, ChipFault.SEX_DIFFERS),
        (zone.expires == ends, ChipFault.EXPIRY_DIFFERS),
    )
    return [fault for agrees, fault in judged if not agrees]


def _paper(zone: tuple[Mrz, ZoneName] | None, national: National | None) -> Paper:
    """What to compare with the record: data group 13, which has the marks; otherwise the zone."""
    if national is not None:
        return Paper(
            kind=PaperKind.CHIP,
            number=national.number,
            name=national.name,
            birth=national.birth,
            sex=national.sex,
            card=CardSeen(str(national.number), issued=national.issued, expires=Expiry(national.expires)),
            old_number=national.old_number,
            address=national.residence,
        )
    if zone is None:
        raise PaperError(PaperFault.ENCODING)
    seen, name = zone
    return Paper(
        kind=PaperKind.CHIP,
        number=seen.number,
        name=name,
        birth=ZoneBirth(seen.birth),
        sex=seen.sex,
        card=CardSeen(str(seen.number), expires=ZoneExpiry(seen.expires)),
    )

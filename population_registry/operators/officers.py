"""Officers: roles, territories, powers (Law on Identity Arts. 10, 11; Decree 69/2024 Art. 16; mock's own roles)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What an officer is appointed to."""

    COMMUNE_OFFICER = "commune_officer"
    """Registers residence and identifies people in one commune."""
    PROVINCE_OFFICER = "province_officer"
    CENTRE_OFFICER = "centre_officer"
    """Works on records of the whole country; decides what only the centre may (Decree 69/2024 Art. 16)."""
    INSURANCE_OFFICER = "insurance_officer"
    """Of Social Security: decides the insurance dossiers of one province, opens no record of the police."""
    COUNTER_CLERK = "counter_clerk"
    """Of the one-stop counter: helps people file, opens no record."""
    AUDITOR = "auditor"
    """Reads who looked at whom, never a record."""


class Power(StrEnum):
    """One kind of act at the console."""

    SEARCH = "search"
    OPEN_RECORD = "open_record"
    COMPARE_DOCUMENT = "compare_document"
    RAISE_LEVEL = "raise_level"
    REQUEST_LOCK = "request_lock"
    DECIDE_LOCK = "decide_lock"
    REQUEST_SENSITIVE = "request_sensitive"
    """Ask for fields that no purpose shows by itself."""
    REQUEST_CORRECTION = "request_correction"
    ACT_ON_IDENTITY = "act_on_identity"
    """Withdraw, hold and return cards; have a number set anew; enter a status."""
    APPROVE = "approve"
    """The second pair of eyes of such a request."""
    BREAK_GLASS = "break_glass"
    """Open a record beyond the territory in an emergency; reviewed afterwards, told to the person."""
    DECIDE_DOSSIER = "decide_dossier"
    """Of residence and identity: the police."""
    DECIDE_INSURANCE = "decide_insurance"
    """Of health and social insurance: the insurer, and nobody else."""
    REVIEW_LOOKUPS = "review_lookups"
    SEE_STATISTICS = "see_statistics"


_DESK: Final = frozenset(
    {
        *(Power.SEARCH, Power.OPEN_RECORD, Power.COMPARE_DOCUMENT, Power.RAISE_LEVEL, Power.REQUEST_LOCK),
        *(
            Power.REQUEST_SENSITIVE,
            Power.REQUEST_CORRECTION,
            Power.ACT_ON_IDENTITY,
            Power.APPROVE,
            Power.BREAK_GLASS,
            Power.DECIDE_DOSSIER,
        ),
        Power.SEE_STATISTICS,
    }
)
POWERS: Final[Mapping[Role, frozenset[Power]]] = MappingProxyType(
    {
        Role.COMMUNE_OFFICER: _DESK,
        Role.PROVINCE_OFFICER: _DESK,
        Role.CENTRE_OFFICER: _DESK | {Power.DECIDE_LOCK},
        Role.INSURANCE_OFFICER: frozenset({Power.DECIDE_INSURANCE, Power.SEE_STATISTICS}),
        Role.COUNTER_CLERK: frozenset({Power.SEE_STATISTICS}),
        Role.AUDITOR: frozenset({Power.REVIEW_LOOKUPS, Power.SEE_STATISTICS}),
    }
)
"""What each role may do; the territory says where."""


@dataclass(frozen=True, slots=True)
class Officer:
    """One officer. ``officer_id`` stands in logs; ``territory``: commune (5 digits), province (2), None for all."""

    officer_id: str
    name: str
    agency: str
    role: Role
    territory: str | None = None

    @property
    def powers(self) -> frozenset[Power]:
        """What the role allows."""
        return POWERS[self.role]


PROVINCE_DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record belongs: commune of residence and its province, codes of 2026."""

    commune_code: str
    province_code: str


def covers(officer: Officer, places: tuple[Place, ...]) -> bool:
    """Whether one of these places lies in the officer's territory; nobody's place lies in none but the country."""
    if officer.territory is None:
        return officer.role in {Role.CENTRE_OFFICER, Role.AUDITOR}
    if len(officer.territory) == PROVINCE_DIGITS:
        return any(place.province_code == officer.territory for place in places)
    return any(place.commune_code == officer.territory for place in places)

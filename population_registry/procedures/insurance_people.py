"""What insurance dossiers share: where the insured live and whose insurer decides, the facility, the numbering."""

from collections.abc import Mapping
from typing import Any, Final

from population_registry.domain import Address, PersonFacts, ResidenceKind
from population_registry.dossiers import Case
from population_registry.verification.asking import read_text

INSURER_AGENCY: Final = "G24.899.02"
"""Viet Nam Social Security inside the Ministry of Finance, as this mock numbers its dossiers (assumed)."""
VSS: Final = "24"
NOWHERE: Final = "00004"
"""A commune of Hà Nội, where somebody without any registered place has the card numbered."""
_FACILITY_LENGTH: Final = range(1, 201)
_ORDER: Final = (ResidenceKind.PERMANENT, ResidenceKind.TEMPORARY, ResidenceKind.CURRENT)


def read_facility(given: Mapping[str, Any]) -> str:
    """The facility of first registration (`nơi đăng ký khám bệnh, chữa bệnh ban đầu`)."""
    return read_text(given.get("facility"), "inputs.facility", _FACILITY_LENGTH)


def home_of(case: Case, person: PersonFacts) -> Address:
    """Where the person is registered today, else where the applicant is."""
    for each in (person, case.applicant):
        for kind in _ORDER:
            if (home := each.residence(kind, case.today)) is not None:
                return home.address
    return Address(NOWHERE, "")


def insurer_of(case: Case) -> str | None:
    """The commune where the applicant is registered, or was last: whose insurer decides; None without any place."""
    home = home_of(case, case.applicant)
    if home.text or home.commune_code != NOWHERE:
        return home.commune_code
    last = max(case.applicant.residences, key=lambda each: each.since, default=None)
    return None if last is None else last.address.commune_code

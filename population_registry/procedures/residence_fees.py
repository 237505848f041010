"""Fees of residence procedures and who is free of them (Circular 75/2022/TT-BTC Art. 4, 5)."""

from typing import Final

from population_registry.domain import PersonFacts
from population_registry.dossiers import Case, Check, Fee, Filing, open_check

LEGAL_BASIS: Final = "Thông tư 75/2022/TT-BTC"
CHILD: Final = 16
ELDERLY: Final = 60
"""Law on the Elderly 39/2009 Art. 2; Law on Children 102/2016 Art. 1."""
GROUNDS: Final = frozenset({"disabled", "merit", "poor_household", "hard_area", "island", "orphan"})
"""Grounds that the registry does not know of by itself: claimed on the form, confirmed by the officer."""


def fee(case: Case, *, paper: int, online: int, claimed: str | None, people: int = 1) -> Fee:
    """Đồng by channel for so many people; nothing where the applicant's age or a claimed ground exempts."""
    ground = by_age(case.applicant, case) or claimed
    if ground is not None:
        return Fee(0, LEGAL_BASIS, exempt=ground)
    return Fee((online if case.filing is Filing.ONLINE else paper) * people, LEGAL_BASIS)


def by_age(person: PersonFacts, case: Case) -> str | None:
    """The ground that the birth date alone proves."""
    if not person.person.birth.possibly_reached(CHILD, case.today):
        return "child"
    return "elderly" if person.person.birth.certainly_reached(ELDERLY, case.today) else None


def exemption_checks(case: Case, claimed: str | None) -> tuple[Check, ...]:
    """A claimed ground is for the officer to confirm."""
    if claimed is None or by_age(case.applicant, case) is not None:
        return ()
    return (open_check("fee_exemption", claimed),)

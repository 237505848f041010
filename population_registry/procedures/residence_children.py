"""Children under six who join a parent or guardian: registered without any condition being checked.

Source: Decree 154/2024 as amended by 58/2026 Art. 4(4), from 1 July 2026; that neither head nor owner is asked is the
practice (residence.md section 4).
"""

from collections.abc import Sequence
from typing import Final

from population_registry.domain import PersonFacts, ResidenceKind
from population_registry.dossiers import Case
from population_registry.procedures.residence_moves import standing_residence
from population_registry.procedures.residence_people import represents, under
from population_registry.procedures.residence_places import Place, is_at

FREE_UNDER: Final = 6


def joins_representative(case: Case, movers: Sequence[PersonFacts], place: Place) -> bool:
    """Whether everybody who moves is such a child, and the applicant, their representative, is registered there."""
    there = any(
        (residence := standing_residence(case.applicant, kind)) is not None
        and is_at(case, place, residence.address)
        for kind in (ResidenceKind.PERMANENT, ResidenceKind.TEMPORARY)
    )
    return (
        there
        and bool(movers)
        and all(under(child, FREE_UNDER, case) and represents(case.applicant, child) for child in movers)
    )

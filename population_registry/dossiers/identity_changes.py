"""What the identity authority writes into the registry: cards withdrawn, held and returned, numbers set anew.

Sources: Law on Identity 26/2023/QH15 Art. 29 (withdrawal, holding, return), Art. 34(1)(c) (the e-ID is locked
meanwhile); Decree 70/2024 Art. 11(7), 12 as amended by 58/2026 (the former number stays linked, and nobody else's).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from population_registry.domain import DocumentState, NumberChange


class CardGround(StrEnum):
    """Why a card is withdrawn or held, or comes back."""

    NATIONALITY_LOST = "nationality_lost"
    WRONGLY_ISSUED = "wrongly_issued"
    ALTERED = "altered"
    """Erased or altered."""
    CUSTODY = "custody"
    """Temporary detention or custody."""
    PRISON = "prison"
    COMPULSORY_FACILITY = "compulsory_facility"
    """A compulsory school, education or detoxification centre."""
    MEASURE_ENDED = "measure_ended"
    WITHDRAWAL_ANNULLED = "withdrawal_annulled"


@dataclass(frozen=True, slots=True)
class WithdrawCard:
    """The newest card is withdrawn (`thu hồi`) or held (`giữ`) from that day on."""

    person_id: int
    state: DocumentState
    on: date
    reason: CardGround


@dataclass(frozen=True, slots=True)
class ReturnCard:
    """The newest card, withdrawn or held, is the holder's again from that day on."""

    person_id: int
    on: date
    reason: CardGround


@dataclass(frozen=True, slots=True)
class ReestablishNumber:
    """The personal number is cancelled, and another of that series is drawn when it is written."""

    person_id: int
    series: str
    reason: NumberChange


IdentityChange = WithdrawCard | ReturnCard | ReestablishNumber

"""What a decision on health insurance writes: cards that begin, end or are corrected, premiums and what goes back.

Cards are never deleted: one that stops keeps its days and says since when it pays no longer (insurance.md section 5).
The insurer's number and the card code are given when the card is written (`storage/dossiers/insurance`).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from population_registry.domain import InsuranceState


class CardReason(StrEnum):
    """Why a card began, ended or changed."""

    ENROLLED = "enrolled"
    RENEWED = "renewed"
    BORN = "born"
    CORRECTED = "corrected"
    DEATH = "death"
    OTHER_GROUP = "other_group"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class Premium:
    """What one member of a household paid in đồng: the place in the order of paying in a financial year."""

    household_id: int
    financial_year: int
    position: int
    months: int
    monthly: int
    paid_on: date

    @property
    def amount(self) -> int:
        """What was paid in all."""
        return self.monthly * self.months


@dataclass(frozen=True, slots=True)
class PaidPremium:
    """A payment as the registry holds it, with the card that it bought."""

    person_id: int
    premium: Premium
    valid_from: date
    last_day: date | None
    refunded: int = 0


@dataclass(frozen=True, slots=True)
class IssueCard:
    """A card of that group begins; no other card of that person and group may cover one of its days."""

    person_id: int
    group: str
    commune_code: str
    valid_from: date
    valid_until: date
    facility: str
    five_year_from: date | None
    reason: CardReason
    premium: Premium | None = None


@dataclass(frozen=True, slots=True)
class EndCover:
    """The cards of a person, all or of one group, pay no longer from that day on."""

    person_id: int
    group: str | None
    state: InsuranceState
    on: date
    reason: CardReason


@dataclass(frozen=True, slots=True)
class CorrectCard:
    """The card with that first day names another facility, or another day of five consecutive years."""

    person_id: int
    card_code: str
    valid_from: date
    facility: str
    five_year_from: date | None
    reason: CardReason = CardReason.CORRECTED


@dataclass(frozen=True, slots=True)
class RefundPremium:
    """Whole unused months of one payment go back."""

    person_id: int
    household_id: int
    financial_year: int
    position: int
    amount: int
    on: date
    reason: CardReason


InsuranceChange = IssueCard | EndCover | CorrectCard | RefundPremium

"""What a health-insurance card is worth on a day: the language of the check-in at a hospital, without a name in it.

Source: insurance.md sections 3 and 5 of the domain facts (Law 25/2008 Art. 16, Decree 188/2025 Art. 37 and 38).
The value of each state is the result code of the insurer's look-up; who may ask, and comparing name, birth date and
sex, are matters of the caller.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from population_registry.domain.dates import PartialDate
from population_registry.domain.insurance import HealthInsurance, InsuranceState
from population_registry.domain.insurance_groups import PERCENT

YEARS_UNDER_SIX = 6


class CardState(StrEnum):
    """How the card stands; the value is the code of the look-up (`maKetQua`)."""

    VALID = "000"
    VALID_ARMY = "001"
    VALID_POLICE = "002"
    REPLACED_EXPIRED = "003"
    REPLACED_VALID = "004"
    EXPIRED = "010"
    NONE = "050"
    WITHDRAWN = "110"
    REDUCED = "120"
    MOVED_OUT = "121"
    MOVED_WITHIN = "122"
    REINCREASED = "123"
    STOPPED = "124"
    CHILD_WITHOUT_CARD = "130"
    NOT_BEGUN = "not_begun"
    """The card exists and does not pay yet (the 30 days of Art. 16(3)); the look-up has no code for it."""

    @property
    def pays(self) -> bool:
        """Whether the hospital is paid for that day: also by the other card where the one shown was replaced."""
        return self in _PAYS


_PAYS = frozenset(
    {
        CardState.VALID,
        CardState.VALID_ARMY,
        CardState.VALID_POLICE,
        CardState.REPLACED_EXPIRED,
        CardState.REPLACED_VALID,
        CardState.CHILD_WITHOUT_CARD,
    }
)
_OF_GROUP = {"QN": CardState.VALID_ARMY, "CA": CardState.VALID_POLICE}
_OF_STATE = {
    InsuranceState.REDUCED: CardState.REDUCED,
    InsuranceState.MOVED_OUT: CardState.MOVED_OUT,
    InsuranceState.MOVED_WITHIN: CardState.MOVED_WITHIN,
    InsuranceState.REINCREASED: CardState.REINCREASED,
    InsuranceState.STOPPED: CardState.STOPPED,
    InsuranceState.WITHDRAWN: CardState.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class CardOnDay:
    """The state, and the card that it speaks of: the one that pays, else the newest; None without any card."""

    state: CardState
    card: HealthInsurance | None


def card_on(
    cards: Iterable[HealthInsurance],
    day: date,
    *,
    birth: PartialDate,
    shown: str | None = None,
    died: date | None = None,
) -> CardOnDay:
    """How a person's cards stand on a day; `shown` is the 15-character code on the paper, where there is one.

    Of several cards that pay the highest counts (Art. 22). A code that is none of the person's cards is a matter of
    the caller (051). From the day of death on no card pays, whatever its row still says (insurance.md section 9).
    """
    newest_first = sorted(cards, key=lambda card: card.valid_from, reverse=True)
    if died is not None and day >= died:
        return CardOnDay(CardState.STOPPED, newest_first[0] if newest_first else None)
    paying = [card for card in newest_first if card.in_force(day)]
    if not paying:
        return _without_cover(newest_first, day, birth)
    best = max(paying, key=lambda card: PERCENT[card.benefit])
    if shown is not None and shown != best.card_code:
        still = any(card.card_code == shown for card in paying)
        return CardOnDay(CardState.REPLACED_VALID if still else CardState.REPLACED_EXPIRED, best)
    return CardOnDay(_OF_GROUP.get(best.group, CardState.VALID), best)


def _without_cover(newest_first: list[HealthInsurance], day: date, birth: PartialDate) -> CardOnDay:
    begun = [card for card in newest_first if card.valid_from <= day]
    if begun:
        last = begun[0]
        ended = day > last.valid_until and last.state_on(last.valid_until) is InsuranceState.IN_FORCE
        state = CardState.EXPIRED if ended else _OF_STATE[last.state]
        return CardOnDay(state, last)
    if not birth.possibly_reached(YEARS_UNDER_SIX, day):
        return CardOnDay(CardState.CHILD_WITHOUT_CARD, newest_first[-1] if newest_first else None)
    if newest_first:
        return CardOnDay(CardState.NOT_BEGUN, newest_first[-1])
    return CardOnDay(CardState.NONE, None)

"""From when to when a health-insurance card holds, and the date of five consecutive years.

Sources: Law 25/2008 Art. 16 and 22(1)(d) as amended, Decree 188/2025 Art. 18, insurance.md section 3.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from population_registry.domain import HealthInsurance, PartialDate, birthday
from population_registry.domain.card_state import YEARS_UNDER_SIX
from population_registry.domain.insurance_groups import waits
from population_registry.procedures.calendar_terms import add_months

WAITING = timedelta(days=30)
LONG_GAP = timedelta(days=90)
"""From ninety days without cover on, cover starts anew; up to ninety days do not break five years."""
FIVE_YEARS_MONTHS = 60
ONE_DAY = timedelta(days=1)
SCHOOL_YEAR_ENDS_WAIT = (9, 30)
"""A child who turns six while the school year has not begun keeps the card until 30 September."""


class Start(StrEnum):
    """By which rule the first day was found."""

    RENEWAL = "renewal"
    SHORT_INTERRUPTION = "short_interruption"
    AFTER_30_DAYS = "after_30_days"
    AT_ONCE = "at_once"


@dataclass(frozen=True, slots=True)
class Validity:
    """First and last day of a new card and the rule of its start."""

    begins: date
    ends: date
    start: Start


def last_covered(cards: Iterable[HealthInsurance]) -> date | None:
    """The last day that any card pays for, past or to come."""
    return max((card.last_day for card in cards if card.last_day is not None), default=None)


def validity(cards: Sequence[HealthInsurance], group: str, paid_on: date, months: int) -> Validity:
    """When a card paid on that day for so many months holds (Art. 16(3)).

    While another one lasts: the day after its end. Groups 4 and 5 the first time, or after 90 days and more without
    cover: after 30 days from full payment; after a shorter gap on the day of payment. Other groups at once.
    """
    covered = last_covered(cards)
    if covered is not None and covered >= paid_on:
        begins, start = covered + ONE_DAY, Start.RENEWAL
    elif not waits(group):
        begins, start = paid_on, Start.AT_ONCE
    elif covered is not None and paid_on - covered - ONE_DAY < LONG_GAP:
        begins, start = paid_on, Start.SHORT_INTERRUPTION
    else:
        begins, start = paid_on + WAITING, Start.AFTER_30_DAYS
    return Validity(begins, add_months(begins, months) - ONE_DAY, start)


def child_validity(birth: PartialDate) -> Validity:
    """The card of a child under six: from birth until the day of 72 months (Art. 16(3)).

    A child who turns six before the school year begins keeps it until 30 September; where the day of birth is unknown
    the latest counts.
    """
    sixth = birthday(birth.latest(), YEARS_UNDER_SIX)
    kept = date(sixth.year, *SCHOOL_YEAR_ENDS_WAIT)
    return Validity(birth.earliest(), max(sixth, kept), Start.AT_ONCE)


def five_years_from(cards: Iterable[HealthInsurance], begins: date) -> date:
    """The day on which five consecutive years are complete for a card that begins then (Art. 22(1)(d)).

    Gaps up to 90 days do not break the years; where an older card of the unbroken chain names the day, it stands:
    the insurer has seen cover that this registry may not hold.
    """
    since, known = begins, None
    covered = [(card.valid_from, card.last_day, card.five_year_from) for card in cards]
    for valid_from, last_day, named in sorted(covered, key=lambda each: each[0], reverse=True):
        if last_day is None or valid_from >= begins:
            continue
        if since - last_day - ONE_DAY > LONG_GAP:
            break
        since, known = min(since, valid_from), named or known
    return known or add_months(since, FIVE_YEARS_MONTHS)


def used_months(begins: date, months: int, last_day: date | None) -> int:
    """How many paid months have begun by the last day of cover (None: the card paid for no day)."""
    if last_day is None:
        return 0
    return sum(add_months(begins, month) <= last_day for month in range(months))

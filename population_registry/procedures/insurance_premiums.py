"""Premiums of one household in one financial year: who pays which share, and what goes back when cover ends early.

Sources: Decree 188/2025 Art. 6(5)(b): the reduction holds for members who join in household form in the same
financial year, in the order of paying; insurance.md section 2: whole unused months go back when a member dies or
moves to a higher group, nothing is added when the base salary rises meanwhile.
"""

from collections.abc import Iterable
from datetime import date

from population_registry.dossiers.insurance_changes import PaidPremium, Premium
from population_registry.procedures.insurance_cards import used_months
from population_registry.procedures.premium import monthly_premium


def premiums(
    paid: Iterable[PaidPremium], household_id: int, members: int, months: int, paid_on: date
) -> tuple[Premium, ...]:
    """The premiums of so many members in their order, after those of the household who paid earlier this year."""
    year = paid_on.year
    taken = [
        each.premium.position
        for each in paid
        if (each.premium.household_id, each.premium.financial_year) == (household_id, year)
    ]
    first = max(taken, default=0) + 1
    return tuple(
        Premium(household_id, year, order, months, monthly_premium(order, paid_on), paid_on)
        for order in range(first, first + members)
    )


def unused(paid: PaidPremium, last_day: date | None) -> int:
    """Đồng of the whole months that have not begun when cover ends that day; what went back before is taken off."""
    premium = paid.premium
    left = premium.months - used_months(paid.valid_from, premium.months, last_day)
    return max(0, premium.monthly * left - paid.refunded)

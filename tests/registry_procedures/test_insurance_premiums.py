"""Premiums of a household by order of paying, and what goes back: every đồng is used, refunded, or still running."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from population_registry.dossiers.insurance_changes import PaidPremium, Premium
from population_registry.procedures.calendar_terms import add_months
from population_registry.procedures.insurance_cards import used_months
from population_registry.procedures.insurance_premiums import premiums, unused

DAY = date(2026, 11, 16)


def paid(premium, begins=DAY, refunded=0):
    """A payment whose card runs its whole time."""
    ends = add_months(begins, premium.months) - timedelta(days=1)
    return PaidPremium(1, premium, begins, ends, refunded)


def test_order_and_shares_of_a_household():
    """100, 70, 60, 50, 40, 40 percent by order; another year or another household begins anew."""
    first = premiums((), 7, 6, 12, DAY)
    assert [each.monthly for each in first] == [113_850, 79_695, 68_310, 56_925, 45_540, 45_540]
    had = [paid(each) for each in first[:2]]
    assert [each.position for each in premiums(had, 7, 1, 3, DAY)] == [3]
    assert [each.position for each in premiums(had, 8, 1, 3, DAY)] == [1]
    assert [each.position for each in premiums(had, 7, 1, 3, date(2027, 1, 4))] == [1]


def test_the_base_salary_of_the_day_of_payment_counts():
    """Paid on 30 June 2026 a year costs by 2,340,000, a day later by 2,530,000; nothing is added afterwards."""
    assert premiums((), 7, 1, 12, date(2026, 6, 30))[0].amount == 12 * 105_300
    assert premiums((), 7, 1, 12, date(2026, 7, 1))[0].amount == 12 * 113_850


@given(
    st.integers(1, 8),
    st.sampled_from([3, 6, 12]),
    st.dates(date(2024, 7, 1), date(2027, 12, 31)),
    st.integers(-40, 500),
)
def test_used_and_refunded_are_what_was_paid(position, months, begins, after):
    """Whenever cover ends, the months that began and the đồng that go back make up what was paid, to the đồng."""
    premium = Premium(7, begins.year, position, months, 113_850 - 7_777 * position, begins)
    last_day = None if after < 0 else begins + timedelta(days=after)
    back = unused(paid(premium, begins), last_day)
    assert back + used_months(begins, months, last_day) * premium.monthly == premium.amount


@given(st.sampled_from([3, 6, 12]), st.integers(0, 400), st.integers(0, 400))
def test_nothing_goes_back_twice(months, first, second):
    """A card that is stopped a second time, earlier or later, never gives back more than what was paid."""
    premium = Premium(7, 2026, 1, months, 113_850, DAY)
    once = unused(paid(premium), DAY + timedelta(days=first))
    twice = unused(paid(premium, refunded=once), DAY + timedelta(days=second))
    assert 0 <= once + twice <= premium.amount
    assert once + twice == max(once, unused(paid(premium), DAY + timedelta(days=second)))

"""First and last days of cards, five consecutive years, months used."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import HealthInsurance, InsuranceState, PartialDate
from population_registry.procedures.insurance_cards import (
    Start,
    child_validity,
    five_years_from,
    last_covered,
    used_months,
    validity,
)

PAID = date(2026, 11, 16)


def card(begins, ends, group="GD", five=None, state=InsuranceState.IN_FORCE, since=None):
    """A card of that group."""
    return HealthInsurance(f"{group}4019900000101", group, 4, begins, ends, "x", five, state, since)


@pytest.mark.parametrize(
    ("cards", "group", "begins", "start"),
    [
        ([], "GD", date(2026, 12, 16), Start.AFTER_30_DAYS),
        ([card(date(2025, 1, 1), date(2026, 8, 17))], "GD", date(2026, 12, 16), Start.AFTER_30_DAYS),
        ([card(date(2025, 1, 1), date(2026, 8, 18))], "GD", PAID, Start.SHORT_INTERRUPTION),
        ([card(date(2026, 1, 1), date(2026, 11, 15))], "GD", PAID, Start.SHORT_INTERRUPTION),
        ([card(date(2026, 1, 1), PAID)], "GD", date(2026, 11, 17), Start.RENEWAL),
        ([card(date(2026, 1, 1), date(2026, 12, 31))], "GD", date(2027, 1, 1), Start.RENEWAL),
        ([], "HN", PAID, Start.AT_ONCE),
        ([], "HS", date(2026, 12, 16), Start.AFTER_30_DAYS),
    ],
)
def test_first_day(cards, group, begins, start):
    """Law 25/2008 Art. 16(3): 90 days without cover are long, 89 are short; only groups 4 and 5 wait."""
    found = validity(cards, group, PAID, 12)
    assert (found.begins, found.start) == (begins, start)


def test_months_are_counted_by_the_calendar():
    """A card of three months from 30 November ends on the last day of February."""
    assert validity([], "HN", date(2026, 11, 30), 3).ends == date(2027, 2, 27)
    assert validity([], "HN", date(2026, 1, 1), 12).ends == date(2026, 12, 31)


def test_a_stopped_card_ends_with_its_stop():
    """Whoever left an enterprise in June and joins in November is interrupted since June."""
    left = card(date(2026, 1, 1), date(2026, 12, 31), "DN", None, InsuranceState.STOPPED, date(2026, 6, 1))
    assert last_covered([left]) == date(2026, 5, 31)
    assert validity([left], "GD", PAID, 12).start is Start.AFTER_30_DAYS


@pytest.mark.parametrize(
    ("birth", "ends"),
    [
        (PartialDate(2020, 11, 20), date(2026, 11, 20)),
        (PartialDate(2020, 8, 3), date(2026, 9, 30)),
        (PartialDate(2020, 9, 30), date(2026, 9, 30)),
        (PartialDate(2020, 10, 1), date(2026, 10, 1)),
        (PartialDate(2020, 2, 29), date(2026, 9, 30)),
        (PartialDate(2020, 12), date(2026, 12, 31)),
    ],
)
def test_card_of_a_child(birth, ends):
    """Until the day of 72 months; who turns six before the school year begins keeps it to 30 September."""
    found = child_validity(birth)
    assert (found.begins, found.ends) == (birth.earliest(), ends)


def test_five_years_survive_short_gaps():
    """A gap of 90 days does not break the five years, one of 91 does (Art. 22(1)(d))."""
    first = card(date(2024, 1, 1), date(2024, 12, 31))
    begins = first.valid_until + timedelta(days=91)
    assert five_years_from([first], begins) == date(2029, 1, 1)
    later = begins + timedelta(days=1)
    assert five_years_from([first], later) == date(later.year + 5, later.month, later.day)


def test_a_date_on_an_older_card_stands():
    """The insurer has seen cover that this registry may not hold: its date goes on while the chain is unbroken."""
    known = card(date(2025, 1, 1), date(2025, 12, 31), five=date(2023, 7, 1))
    newer = card(date(2026, 1, 1), date(2026, 12, 31))
    assert five_years_from([known, newer], date(2027, 1, 1)) == date(2023, 7, 1)
    assert five_years_from([known], date(2026, 6, 1)) == date(2031, 6, 1)


HISTORIES = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from([3, 6, 12]), st.booleans()), min_size=1, max_size=8
)


@given(HISTORIES)
def test_cards_of_one_person_never_overlap(payments):
    """Whenever and for however long is paid, and whatever is stopped, two cards never cover the same day."""
    cards, day = [], date(2024, 7, 1)
    for pause, months, stopped in payments:
        day += timedelta(days=pause)
        new = validity(cards, "GD", day, months)
        assert new.begins <= new.ends
        state = (InsuranceState.STOPPED, new.begins + timedelta(days=20)) if stopped else ()
        cards.append(card(new.begins, new.ends, "GD", five_years_from(cards, new.begins), *state))
    spans = sorted((each.valid_from, each.last_day) for each in cards)
    assert all(ends < begins for (_, ends), (begins, _) in itertools.pairwise(spans))


@given(HISTORIES)
def test_five_years_lie_at_most_five_years_ahead(payments):
    """The date is never later than five years after the card begins, and waiting never makes it earlier."""
    cards, day = [], date(2024, 7, 1)
    for pause, months, _ in payments:
        day += timedelta(days=pause)
        new = validity(cards, "GD", day, months)
        five = five_years_from(cards, new.begins)
        assert five <= date(new.begins.year + 5, 12, 31)
        assert five >= min([each.five_year_from for each in cards], default=five)
        cards.append(card(new.begins, new.ends, "GD", five))


@given(st.dates(date(2024, 7, 1), date(2027, 1, 31)), st.sampled_from([3, 6, 12]), st.integers(-5, 400))
def test_months_used_and_unused_are_all_months(begins, months, after):
    """A month that has begun is used, the others are whole and unused."""
    used = used_months(begins, months, begins + timedelta(days=after) if after >= 0 else None)
    assert 0 <= used <= months
    assert (used == 0) is (after < 0)

"""Which lists of the insurer are due, and whose cards they renew (Law 25/2008 Art. 12, 16(3))."""

from __future__ import annotations

from datetime import date

import pytest

from population_registry.procedures.insurance_lists import LISTED, periods_over

SINCE = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("today", "ends"),
    [
        (date(2026, 12, 30), []),
        (date(2026, 12, 31), [date(2026, 12, 31)]),
        (date(2027, 9, 29), [date(2026, 12, 31)]),
        (date(2028, 1, 1), [date(2026, 12, 31), date(2027, 9, 30), date(2027, 12, 31)]),
    ],
)
def test_a_list_is_due_on_the_last_day_of_its_period(today: date, ends: list[date]) -> None:
    """So nobody is without cover at midnight; periods before the population's day have no list."""
    assert list(periods_over(SINCE, today)) == ends


def test_a_population_made_on_the_last_day_of_a_period_has_its_cards() -> None:
    """Its own day is no period that ended since."""
    assert list(periods_over(date(2026, 12, 31), date(2027, 9, 30))) == [date(2027, 9, 30)]


def test_households_and_small_children_are_on_no_list() -> None:
    """A household pays for itself, a child's card ends with the sixth year; wages, pensions, the poor are listed."""
    assert not {"GD", "TE"} & LISTED
    assert {"DN", "HC", "HT", "HN", "CN", "DT", "HS", "SV"} <= LISTED

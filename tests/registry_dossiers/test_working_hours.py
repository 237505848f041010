"""Two working hours, and 15:00."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from population_registry.dossiers.terms import due_day
from population_registry.dossiers.working_days import VIET_NAM
from population_registry.dossiers.working_hours import after_working_hours, linked_term

TWO = timedelta(hours=2)


def at(day, hour, minute=0):
    """A moment of November 2026 in Việt Nam; the 24th is a public holiday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=VIET_NAM)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (at(23, 9), at(23, 11)),
        (at(23, 11), at(23, 14)),
        (at(23, 12, 30), at(23, 15)),
        (at(23, 16), at(25, 9)),
        (at(23, 22), at(25, 10)),
        (at(21, 10), at(23, 10)),
        (at(23, 10), at(23, 12)),
    ],
)
def test_two_working_hours(since, until):
    """Noon, evening, a weekend and a public holiday do not count (Decree 63/2024; office hours assumed)."""
    assert after_working_hours(since, TWO) == until


@pytest.mark.parametrize(
    ("filed", "due"),
    [
        (at(23, 9), 27),
        (at(23, 14, 59), 27),
        (at(23, 15), 30),
        (at(23, 17), 30),
        (at(23, 23), 30),
        (at(25, 15), 31),
        (at(21, 10), 26),
        (at(22, 10), 27),
    ],
)
def test_from_three_o_clock_on_the_next_working_day_counts(filed, due):
    """Filed from 15:00 on it counts as of the next working day; three working days then (Decree 63/2024)."""
    found = due_day(linked_term(filed, 3).half_days, filed)
    assert (found - filed.date().replace(day=1)).days + 1 == due


@settings(deadline=None)
@given(st.integers(0, 330 * 24 * 60), st.integers(1, 40))
def test_more_working_time_never_ends_earlier(minutes, half_hours):
    """Working time adds up: half an hour more ends later, and never outside office hours."""
    begun = datetime(2026, 1, 1, tzinfo=VIET_NAM) + timedelta(minutes=minutes)
    less = after_working_hours(begun, timedelta(minutes=30 * half_hours))
    more = after_working_hours(begun, timedelta(minutes=30 * half_hours + 30))
    assert begun <= less < more
    assert after_working_hours(less, timedelta(minutes=30)) == more
    assert less.hour in range(8, 18)

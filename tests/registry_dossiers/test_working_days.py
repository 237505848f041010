"""Deadlines in working days, receiving hours and public holidays of Việt Nam."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from population_registry.dossiers.working_days import VIET_NAM, deadline, is_working_day, receipt_day
from population_registry.procedures.calendar_terms import add_months

moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(VIET_NAM))  # noqa: DTZ001 -- bounds are naive


def at(text: str) -> datetime:
    """A moment in Việt Nam."""
    return datetime.fromisoformat(text).replace(tzinfo=VIET_NAM)


@pytest.mark.parametrize(
    ("received_at", "received_on", "due_on"),
    [
        ("2026-11-16T09:00", "2026-11-16", "2026-11-19"),  # Monday: Tuesday, Wednesday, Thursday
        ("2026-11-16T16:59", "2026-11-16", "2026-11-19"),
        ("2026-11-16T17:00", "2026-11-17", "2026-11-20"),  # after hours: received on Tuesday
        ("2026-11-13T09:00", "2026-11-13", "2026-11-18"),  # Friday: the weekend does not count
        ("2026-11-14T11:00", "2026-11-14", "2026-11-18"),  # Saturday morning receives but is no working day
        ("2026-11-14T12:00", "2026-11-16", "2026-11-19"),  # Saturday noon: received on Monday
        ("2026-11-15T10:00", "2026-11-16", "2026-11-19"),  # Sunday
        ("2026-04-29T09:00", "2026-04-29", "2026-05-06"),  # 30 April and 1 May are holidays
        ("2026-02-13T09:00", "2026-02-13", "2026-02-25"),  # Tết, 16 to 20 February 2026
        ("2026-09-02T09:00", "2026-09-03", "2026-09-08"),  # National Day: received the day after
    ],
)
def test_three_working_days(received_at, received_on, due_on):
    """Civil Code 2015 Art. 147(2), Labour Code 2019 Art. 112: the first day and holidays do not count."""
    found = deadline(at(received_at), 3)
    assert (found.received_on.isoformat(), found.due_on.isoformat()) == (received_on, due_on)


def test_the_day_is_that_of_viet_nam():
    """Received at 18:30 UTC on Sunday is Monday 01:30 in Hà Nội."""
    assert receipt_day(datetime(2026, 11, 15, 18, 30, tzinfo=UTC)) == date(2026, 11, 16)
    tokyo = timezone(timedelta(hours=9))
    assert receipt_day(datetime(2026, 11, 16, 11, 0, tzinfo=tokyo)) == date(2026, 11, 16)


def test_a_moment_needs_its_zone():
    """A naive time is refused."""
    with pytest.raises(ValueError, match="zone"):
        receipt_day(datetime(2026, 11, 16, 9, 0))  # noqa: DTZ001 -- the mistake under test


@settings(deadline=None)  # the first use of the calendar reads it
@given(moments, st.integers(1, 30))
def test_deadline_properties(moment, days):
    """The last day is a working day, and exactly so many working days lie after the receipt."""
    found = deadline(moment, days)
    assert is_working_day(found.due_on)
    between = (found.due_on - found.received_on).days
    passed = sum(is_working_day(found.received_on + timedelta(days=n + 1)) for n in range(between))
    assert passed == days
    assert found.received_on >= moment.date()


@settings(deadline=None)  # the first use of the calendar reads it
@given(moments, moments)
def test_later_receipt_is_never_due_earlier(one, other):
    """Deadlines keep the order of receipts."""
    first, second = sorted((one, other))
    assert deadline(first, 3).due_on <= deadline(second, 3).due_on


@settings(deadline=None)  # the first use of the calendar reads it
@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 60))
def test_months_by_the_calendar(day, months):
    """The same day of a later month, or the last day of a shorter one (Civil Code 2015 Art. 148)."""
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1

"""Incomplete birth dates and ages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import DatePrecision, PartialDate, PartialDateError, birthday

days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@st.composite
def partial_dates(draw: st.DrawFn) -> PartialDate:
    """A date with the day, or day and month, perhaps unknown."""
    day = draw(days)
    known = draw(st.integers(1, 3))
    return PartialDate(*(day.year, day.month, day.day)[:known])


@pytest.mark.parametrize(
    ("text", "iso", "precision"),
    [
        ("1958", "1958", DatePrecision.YEAR),
        ("1958-03", "1958-03", DatePrecision.MONTH),
        ("1958-03-09", "1958-03-09", DatePrecision.FULL),
        ("03/1958", "1958-03", DatePrecision.MONTH),
        ("9/3/1958", "1958-03-09", DatePrecision.FULL),
        (" 09/03/1958 ", "1958-03-09", DatePrecision.FULL),
    ],
)
def test_forms_and_exchange_write_dates_so(text: str, iso: str, precision: DatePrecision) -> None:
    """Portal forms take dd/mm/yyyy, mm/yyyy, yyyy; messages take ISO (personal-id.md sections 10 and 11)."""
    date_read = PartialDate.parse(text)
    assert str(date_read) == iso
    assert date_read.precision is precision


@pytest.mark.parametrize(
    "text",
    ["", "58", "1958-3", "1958-13", "2023-02-29", "31/04/1990", "00/1990", "1958-", "9/3/58", "1700", "١٩٥٨"],
)
def test_what_no_calendar_holds_is_refused(text: str) -> None:
    """Impossible days, two-digit years and foreign digits are no dates."""
    with pytest.raises(PartialDateError):
        PartialDate.parse(text)


def test_a_day_needs_its_month() -> None:
    """There is no date of a year and a day."""
    with pytest.raises(PartialDateError):
        PartialDate(1990, None, 4)


@given(partial_dates())
def test_a_date_reads_as_it_is_written(day: PartialDate) -> None:
    """ISO text and value are one to one."""
    assert PartialDate.parse(str(day)) == day


@given(partial_dates(), st.integers(0, 100), days)
def test_surely_of_age_is_possibly_of_age(born: PartialDate, age: int, on: date) -> None:
    """What is certain is possible; a full date leaves no doubt."""
    if born.certainly_reached(age, on):
        assert born.possibly_reached(age, on)
    if born.precision is DatePrecision.FULL:
        assert born.certainly_reached(age, on) == born.possibly_reached(age, on)


def test_leap_day_birthdays_fall_on_28_february() -> None:
    """Born on 29 February, turning 14 in a common year on 28 February (personal-id.md section 6)."""
    assert birthday(date(2012, 2, 29), 14) == date(2026, 2, 28)
    assert birthday(date(2012, 2, 29), 16) == date(2028, 2, 29)


@given(days, st.integers(0, 60))
def test_birthdays_are_about_years_apart(born: date, age: int) -> None:
    """A birthday is as many years later, give or take a leap day."""
    assert abs(birthday(born, age) - born - timedelta(days=round(age * 365.25))) <= timedelta(days=2)

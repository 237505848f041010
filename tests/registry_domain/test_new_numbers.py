"""New personal numbers: what their digits say."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import PartialDate, Sex, inspect_number
from population_registry.domain.new_numbers import number_in, reserved_prefix, series_of
from population_registry.storage.reference import read_rows


@pytest.mark.parametrize(
    ("sex", "year", "series"),
    [
        (Sex.MALE, 1999, "099099"),
        (Sex.FEMALE, 1999, "099199"),
        (Sex.MALE, 2026, "099226"),
        (Sex.FEMALE, 2026, "099326"),
        (Sex.FEMALE, 2100, "099500"),
    ],
)
def test_century_and_sex_digit(sex, year, series):
    """Circular 59/2021/TT-BCA Art. 4: 0/1 in the 20th century, 2/3 in the 21st, 4/5 in the 22nd."""
    assert series_of("099", sex, year) == series


def test_nobody_born_before_1900_gets_a_number():
    """There is no code for other centuries."""
    with pytest.raises(ValueError, match="century"):
        series_of("099", Sex.MALE, 1899)


@pytest.mark.parametrize("serial", [-1, 999, 1_000_000])
def test_serials_of_personas_are_kept(serial):
    """The first thousand of each series are the demo's; a seventh digit does not exist."""
    with pytest.raises(ValueError, match="serial"):
        number_in("099326", serial)


@given(st.sampled_from(list(Sex)), st.integers(1950, 2026), st.integers(1_000, 999_999))
def test_a_new_number_agrees_with_its_record(sex, year, serial):
    """Sex and year are in the digits, and the prefix is nobody's (personal-id.md section 12)."""
    number = number_in(series_of(reserved_prefix("01"), sex, year), serial)
    assert number.is_reserved
    assert (
        inspect_number(
            number, on=date(2026, 11, 22), known_prefixes=frozenset(), sex=sex, birth=PartialDate(year)
        )
        == ()
    )


def test_prefixes_follow_the_regions():
    """Three nominal regions by province: the prefix a child gets is the one of the people around it."""
    south = {"Đông Nam Bộ", "Đồng bằng sông Cửu Long"}
    for row in read_rows("provinces_34.csv"):
        centre = row["region_vi"] == "Nam Trung Bộ" or row["code"] in {"44", "46"}
        expected = "098" if row["region_vi"] in south else "099" if centre else "097"
        assert reserved_prefix(row["code"]) == expected

"""Dates, numbers, sex and communes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import PartialDate
from population_registry.matching import (
    Grade,
    Reason,
    Successors,
    compare_communes,
    compare_dates,
    compare_numbers,
    compare_sex,
)

Parts = PartialDate


@pytest.mark.parametrize(
    ("asked", "registered", "grade", "reason"),
    [
        (Parts(1990, 5, 17), Parts(1990, 5, 17), Grade.EXACT, None),
        (Parts(1950), Parts(1950), Grade.EXACT, None),
        (Parts(1950, 5, 17), Parts(1950), Grade.EQUAL_AFTER_NORMALISATION, Reason.REGISTERED_LESS_PRECISE),
        (Parts(1950, 5), Parts(1950), Grade.EQUAL_AFTER_NORMALISATION, Reason.REGISTERED_LESS_PRECISE),
        (Parts(1990), Parts(1990, 5, 17), Grade.NEAR, Reason.ASKED_LESS_PRECISE),
        (Parts(1990, 5), Parts(1990, 5, 17), Grade.NEAR, Reason.ASKED_LESS_PRECISE),
        (Parts(1990, 7, 5), Parts(1990, 5, 7), Grade.NEAR, Reason.DAY_MONTH_SWAPPED),
        (Parts(1990, 5, 17), Parts(1990, 5, 18), Grade.DIFFERENT, Reason.OTHER_VALUE),
        (Parts(1991), Parts(1990, 5, 17), Grade.DIFFERENT, Reason.OTHER_VALUE),
        (Parts(1990, 6), Parts(1990, 5, 17), Grade.DIFFERENT, Reason.OTHER_VALUE),
    ],
)
def test_dates(asked, registered, grade, reason):
    """Known parts decide; a registry that knows more than was asked answers only near."""
    result = compare_dates(asked, registered)
    assert result.grade is grade
    assert result.reasons == ((reason,) if reason else ())


def test_old_numbers_are_compared_with_each_known_one():
    """A person may have had several nine-digit numbers; one wrong digit is another person."""
    known = ("099000123", "099000124")
    assert compare_numbers("099000124", known).grade is Grade.EXACT
    assert compare_numbers("099 000 123", known).grade is Grade.EQUAL_AFTER_NORMALISATION
    assert compare_numbers("099000125", known).grade is Grade.DIFFERENT
    assert compare_numbers("099000123", ()).grade is Grade.DIFFERENT


def test_sex_is_read_in_every_official_writing():
    """Words of both languages, letters and the form codes 1 and 2."""
    for written in ("Nam", "male", "M", "1"):
        assert compare_sex(written, "male").grade is Grade.EXACT
        assert compare_sex(written, "female").grade is Grade.DIFFERENT
    assert compare_sex("3", "male").reasons == (Reason.ILLEGIBLE,)


def test_old_ward_reaches_its_new_commune():
    """A merged ward equals its successor, a divided ward is near each part, a neighbour is different."""
    successors = Successors.from_pairs(
        [("00004", "00013"), ("00004", "00019"), ("00008", "00019"), ("00004", "00004")]
    )
    assert compare_communes("00004", "00004", successors).grade is Grade.EXACT
    assert compare_communes("00013", "00004", successors).reasons == (Reason.UNIT_MERGED,)
    assert compare_communes("00019", "00008", successors).reasons == (Reason.UNIT_SPLIT,)
    assert compare_communes("00013", "00008", successors).grade is Grade.DIFFERENT
    assert compare_communes("99999", "00008", successors).grade is Grade.DIFFERENT


@given(st.text(), st.text())
def test_comparisons_never_raise(a, b):
    """Whatever text arrives, a comparison answers."""
    compare_numbers(a, (b,))
    compare_sex(a, b)
    compare_communes(a, b, Successors())

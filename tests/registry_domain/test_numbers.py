"""Personal numbers: what is read, what is refused, what is only remarked."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import (
    NumberFinding,
    NumberRejectedError,
    NumberRejection,
    OldNumber,
    PartialDate,
    PersonalNumber,
    Sex,
    inspect_number,
    normalise_number,
    parse_number,
)

TODAY = date(2026, 11, 21)
KNOWN = frozenset({"001", "002", "079"})


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("099190000123", "099190000123"),
        ("099060004321", "099060004321"),
        ("099311000007", "099311000007"),
        ("097226000042", "097226000042"),
        (" 099 190 000 123 ", "099190000123"),
        ("099.190.000.123", "099190000123"),
        ("０９９１９００００１２３", "099190000123"),
        ("099\u00a0190\u202f000\u2009123", "099190000123"),
    ],
)
def test_twelve_digits_are_a_personal_number(typed: str, value: str) -> None:
    """Spaces, dots and full-width digits are cleaned first (personal-id.md sections 3 and 14)."""
    number = parse_number(typed)
    assert number == PersonalNumber(value)
    assert isinstance(number, PersonalNumber)
    assert number.is_reserved


def test_nine_digits_are_an_old_number() -> None:
    """Nine digits are a CMND number, never padded to twelve (section 14)."""
    assert parse_number("099000123") == OldNumber("099000123")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("99190000123", NumberRejection.LEADING_ZERO_LOST),
        ("O99190000123", NumberRejection.NOT_DIGITS),
        ("٠٩٩١٩٠٠٠٠١٢٣", NumberRejection.NOT_DIGITS),
        ("099-190-000-12", NumberRejection.NOT_DIGITS),
        ("", NumberRejection.NOT_DIGITS),
        ("0991900001234", NumberRejection.WRONG_LENGTH),
        ("0991900001", NumberRejection.WRONG_LENGTH),
    ],
)
def test_anything_else_is_rejected_with_its_reason(typed: str, reason: NumberRejection) -> None:
    """A lost zero, a letter O, digits of other scripts and wrong lengths are told apart (section 14)."""
    with pytest.raises(NumberRejectedError) as rejected:
        parse_number(typed)
    assert rejected.value.reason is reason
    assert not typed or typed not in str(rejected.value)


@pytest.mark.parametrize(
    ("number", "sex", "birth", "findings"),
    [
        ("099190000123", Sex.FEMALE, "1990-05-17", ()),
        ("099060004321", Sex.MALE, "1960", ()),
        ("099311000007", Sex.FEMALE, "2011-02", ()),
        ("097226000042", Sex.MALE, "2026-01-01", ()),
        ("003190000123", Sex.FEMALE, "1990-05-17", (NumberFinding.UNKNOWN_PREFIX,)),
        ("001190000123", Sex.FEMALE, "1990-05-17", ()),
        ("099190000123", Sex.MALE, "1990-05-17", (NumberFinding.SEX_DIGIT_MISMATCH,)),
        ("099190000123", Sex.FEMALE, "1991", (NumberFinding.YEAR_DIGITS_MISMATCH,)),
        ("099190000123", None, None, ()),
    ],
)
def test_digits_against_the_record_are_findings_only(
    number: str, sex: Sex | None, birth: str | None, findings: tuple[NumberFinding, ...]
) -> None:
    """A number may lawfully disagree with its record (Decree 70/2024 Art. 11(7)): remarked, never refused."""
    born = PartialDate.parse(birth) if birth else None
    assert (
        inspect_number(PersonalNumber(number), on=TODAY, known_prefixes=KNOWN, sex=sex, birth=born)
        == findings
    )


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("099290000123", NumberRejection.BIRTH_YEAR_IN_FUTURE),
        ("099327000001", NumberRejection.BIRTH_YEAR_IN_FUTURE),
        ("099005000001", NumberRejection.TOO_OLD),
    ],
)
def test_digits_of_an_impossible_year_are_rejected(number: str, reason: NumberRejection) -> None:
    """A year of birth in the future, or beyond 120 years ago, belongs to nobody (sections 3 and 14)."""
    with pytest.raises(NumberRejectedError) as rejected:
        inspect_number(PersonalNumber(number), on=TODAY, known_prefixes=KNOWN)
    assert rejected.value.reason is reason


@given(st.text())
def test_reading_never_fails_otherwise(text: str) -> None:
    """Any text is either a number or rejected; a number read is digits only and reads as itself again."""
    try:
        number = parse_number(text)
    except NumberRejectedError:
        return
    assert number.value.isascii()
    assert number.value.isdigit()
    assert parse_number(str(number)) == number


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    """Normalisation is idempotent."""
    assert normalise_number(normalise_number(text)) == normalise_number(text)

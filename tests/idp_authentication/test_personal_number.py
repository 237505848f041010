"""Reading the personal number as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.authentication.personal_number import masked, read_personal_number


@pytest.mark.parametrize(
    "typed",
    [
        "099194000101",
        " 099 194 000101 ",
        "099.194.000.101",
        "０９９１９４０００１０１",
        "099-194-000-101",
        "099194000101\u200b",
    ],
)
def test_ways_of_typing(typed: str) -> None:
    """Spaces, dots, dashes and full-width digits are one number; leading zeros stay."""
    assert read_personal_number(typed) == "099194000101"


@pytest.mark.parametrize(
    "typed", ["", "99194000101", "099000123", "09919400010a", "0991940001012", "٠٩٩١٩٤٠٠٠١٠١", "0" * 500]
)
def test_what_is_no_number(typed: str) -> None:
    """Nine-digit old numbers are never padded; other alphabets' digits and lengths are refused."""
    assert read_personal_number(typed) is None


@given(st.text(max_size=100))
def test_reading_never_raises(typed: str) -> None:
    """Whatever is typed gives twelve ASCII digits or None."""
    number = read_personal_number(typed)
    assert number is None or (len(number) == 12 and number.isascii() and number.isdigit())


def test_masked() -> None:
    """Only the last three digits are shown."""
    assert masked("099194000101") == "•••••••••101"
    assert masked("") == ""

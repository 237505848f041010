"""The machine-readable zone of chip cards (personal-id.md section 8; ICAO Doc 9303)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import PersonalNumber, PersonName, Sex
from population_registry.domain.mrz import Mrz, MrzError, check_digit, read_mrz, write_mrz

PHAM = ("IDVNM1900001230099190000123<<6", "9005178F3005176VNM<<<<<<<<<<<0", "PHAM<<THI<KIEM<THU<<<<<<<<<<<<")
TRAN = ("IDVNM0600043210099060004321<<6", "6001010M9912315VNM<<<<<<<<<<<0", "TRAN<<VAN<MAU<<<<<<<<<<<<<<<<<")


@pytest.mark.parametrize(
    ("number", "name", "birth", "sex", "expires", "lines"),
    [
        ("099190000123", ("Phạm", "Thị Kiểm", "Thử"), date(1990, 5, 17), Sex.FEMALE, date(2030, 5, 17), PHAM),
        ("099060004321", ("Trần", "Văn", "Mẫu"), date(1960, 1, 1), Sex.MALE, None, TRAN),
    ],
)
def test_published_vectors(
    number: str,
    name: tuple[str, str, str],
    birth: date,
    sex: Sex,
    expires: date | None,
    lines: tuple[str, str, str],
) -> None:
    """Both cards of section 8, letter by letter; a lifetime card carries 991231."""
    assert write_mrz(PersonalNumber(number), PersonName(*name), birth, sex, expires) == lines
    ends = None if expires is None else f"{expires:%y%m%d}"
    assert read_mrz(*lines[:2]) == Mrz(PersonalNumber(number), f"{birth:%y%m%d}", sex, ends)


def test_check_digit_of_icao() -> None:
    """The example of ICAO Doc 9303 part 3: 520727 has check digit 3, AB2134<<< has 5."""
    assert check_digit("520727") == "3"
    assert check_digit("AB2134<<<") == "5"


def test_long_names_are_cut_and_strange_letters_left_out() -> None:
    """Thirty characters at most; Đ is D, apostrophes end a word, an empty family name leaves its place empty."""
    number = PersonalNumber("099190000123")
    long = PersonName("Đặng", "Nguyễn Hoàng Phương Khánh", "Linh")
    assert write_mrz(number, long, date(1990, 5, 17), Sex.FEMALE, None)[2] == "DANG<<NGUYEN<HOANG<PHUONG<KHAN"
    nameless = PersonName("", "", "H' Bia")
    assert write_mrz(number, nameless, date(1990, 5, 17), Sex.FEMALE, None)[2] == "<<H<BIA".ljust(30, "<")


@given(st.integers(0, 59), st.sampled_from("0123456789ABCXYZ<"))
def test_a_misread_letter_never_gives_another_number(place: int, letter: str) -> None:
    """One letter read wrongly is either noticed or leaves number, birth, sex and expiry as they were."""
    text = PHAM[0] + PHAM[1]
    misread = text[:place] + letter + text[place + 1 :]
    try:
        read = read_mrz(misread[:30], misread[30:])
    except MrzError:
        return
    assert read == read_mrz(*PHAM[:2])


@given(st.text(), st.text())
def test_reading_anything_fails_only_as_mrz_error(first: str, second: str) -> None:
    """Whatever a reader delivers is read or refused."""
    with pytest.raises(MrzError):
        read_mrz(first, second)

"""The zone of a card as typed or scanned, and its comparison with the record (personal-id.md section 8)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import PartialDate, PersonName, Sex
from population_registry.domain.mrz import MrzError, ZoneBirth, ZoneName, check_digit, name_line, write_mrz
from population_registry.matching import Grade, compare_zone_births, compare_zone_names
from population_registry.papers.paper import PaperError
from population_registry.papers.zone import read_zone
from population_registry.verification.claims.card import ZoneExpiry
from tests.registry_papers.cards import holder

PHAM = ("IDVNM1900001230099190000123<<6", "9005178F3005176VNM<<<<<<<<<<<0", "PHAM<<THI<KIEM<THU<<<<<<<<<<<<")
TRAN = ("IDVNM0600043210099060004321<<6", "6001010M9912315VNM<<<<<<<<<<<0", "TRAN<<VAN<MAU<<<<<<<<<<<<<<<<<")


@pytest.mark.parametrize(("text", "digit"), [("520727", "3"), ("AB2134<<<", "5"), ("HA672242<", "6")])
def test_check_digits_of_icao(text, digit):
    """The worked examples of ICAO Doc 9303 part 3 section 4.9."""
    assert check_digit(text) == digit


def test_vectors_of_section_8_are_read():
    """Number, birth, sex and expiry of both cards; a lifetime card (991231) has no end."""
    pham, tran = read_zone(PHAM), read_zone(TRAN)
    assert (str(pham.number), pham.birth, pham.sex) == ("099190000123", ZoneBirth("900517"), Sex.FEMALE)
    assert pham.card.expires == ZoneExpiry("300517")
    assert tran.card.expires == ZoneExpiry(None)
    assert PHAM[0][5:14] == "099190000123"[-9:], "the document number is the last nine digits"


def test_typed_spaces_and_small_letters():
    """What a hand types is tidied; what it types wrongly is not."""
    assert read_zone([" idvnm190000123 0099190000123<<6", *PHAM[1:]]) == read_zone(PHAM)
    with pytest.raises(PaperError, match="zone"):
        read_zone(["IDVNM1900001240099190000123<<6", *PHAM[1:]])


@given(st.lists(st.text(max_size=70), max_size=4))
def test_reading_anything_fails_only_as_paper_error(lines):
    """Whatever is typed is read or refused."""
    with pytest.raises(PaperError):
        read_zone(lines)


def test_partial_birth_date_has_fillers():
    """Unknown parts of a birth date are `<<` (ICAO Doc 9303 part 3) and are read again."""
    who = holder(birth="1952").person
    lines = write_mrz(who.number, who.name, who.birth, who.sex, None)
    assert lines[1].startswith("52<<<<")
    assert read_zone(lines).birth == ZoneBirth("52<<<<")


@pytest.mark.parametrize(
    ("asked", "registered", "grade"),
    [
        ("900517", "1990-05-17", Grade.EXACT),
        ("150901", "2015-09-01", Grade.EXACT),
        ("150901", "1915-09-01", Grade.EXACT),
        ("52<<<<", "1952", Grade.EXACT),
        ("520101", "1952", Grade.EQUAL_AFTER_NORMALISATION),
        ("90<<<<", "1990-05-17", Grade.NEAR),
        ("900518", "1990-05-17", Grade.DIFFERENT),
        ("910230", "1991-02-28", Grade.DIFFERENT),
    ],
)
def test_births_are_compared_without_their_century(asked, registered, grade):
    """The century comes from the record; known parts decide, an impossible day is different."""
    assert compare_zone_births(ZoneBirth(asked), PartialDate.parse(registered)).grade is grade


def test_names_are_near_at_best():
    """One line stands for many names, so it never matches a name in full; a cut name still agrees."""
    long = PersonName("Đặng", "Nguyễn Hoàng Phương Khánh", "Linh")
    for name in (PersonName("Phạm", "Thị Kiểm", "Thử"), PersonName("", "", "H' Bia"), long):
        assert compare_zone_names(ZoneName(name_line(name)), name).grade is Grade.NEAR
    assert (
        compare_zone_names(ZoneName(PHAM[2]), PersonName("Phạm", "Thị Kiểm", "Thơ")).grade is Grade.DIFFERENT
    )
    assert ZoneName(name_line(long)).is_of(long.full)
    assert not ZoneName(PHAM[2]).is_of("Phạm Thị Kiểm Thử Hai"), "an uncut name does not go on"


@pytest.mark.parametrize("line", ["", "<" * 30, "PHAM", "PHẠM".ljust(30, "<"), "A1".ljust(30, "<")])
def test_no_name_line(line):
    """Thirty letters with at least one that is none of the fillers."""
    with pytest.raises(MrzError):
        ZoneName(line)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_birth_agrees_with_its_own_zone(born):
    """Whatever the date, its zone compares as exact."""
    assert compare_zone_births(ZoneBirth(f"{born:%y%m%d}"), PartialDate.of(born)).grade is Grade.EXACT

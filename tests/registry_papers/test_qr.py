"""The QR line of chip cards (personal-id.md section 7)."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import PartialDate, PersonalNumber, Sex
from population_registry.papers.paper import PaperError, PaperFault, PaperKind
from population_registry.papers.qr import read_qr, write_qr
from tests.registry_papers.cards import ADDRESS, holder

EXAMPLE = f"099190000123|099000123|Phạm Thị Kiểm Thử|17051990|Nữ|{ADDRESS}|20052022"
FIELDS = EXAMPLE.split("|")


def test_example_of_section_7_is_written_and_read():
    """The invented line of section 7, letter by letter, and what it says."""
    assert write_qr(holder().person, date(2022, 5, 20), old_number="099000123", address=ADDRESS) == EXAMPLE
    paper = read_qr(EXAMPLE)
    assert paper.kind is PaperKind.QR
    assert (paper.number, paper.old_number) == (PersonalNumber("099190000123"), "099000123")
    assert (paper.name, paper.birth, paper.sex) == ("Phạm Thị Kiểm Thử", PartialDate(1990, 5, 17), Sex.FEMALE)
    assert (paper.address, paper.card.issued) == (ADDRESS, date(2022, 5, 20))
    assert paper.card.expires is None, "the line says no expiry date"


def test_decomposed_text_is_brought_to_nfc():
    """A scanner may deliver NFD, a byte order mark and the end of a line; the name is NFC all the same."""
    paper = read_qr("\ufeff" + unicodedata.normalize("NFD", EXAMPLE) + "\r\n")
    assert paper == read_qr(EXAMPLE)


def test_empty_old_number_and_further_fields():
    """Two pipes side by side mean no CMND; fields after the seventh (cards since July 2024) are passed over."""
    line = EXAMPLE.replace("099000123", "", 1) + "|Phạm Văn Cha|Lê Thị Mẹ||"
    paper = read_qr(line)
    assert paper.old_number is None
    assert "old_number" not in paper.claims()
    assert paper.card.issued == date(2022, 5, 20)


def test_address_is_not_judged():
    """Free text in the units of the issue date is no statement to compare with the record of today."""
    assert "address" not in str(read_qr(EXAMPLE).claims().keys())


@pytest.mark.parametrize(
    ("field", "text", "fault"),
    [
        (0, "99190000123", PaperFault.NUMBER),
        (0, "O99190000123", PaperFault.NUMBER),
        (0, "０99190000123", PaperFault.NUMBER),
        (0, "", PaperFault.NUMBER),
        (1, "09900012", PaperFault.OLD_NUMBER),
        (1, "099190000123", PaperFault.OLD_NUMBER),
        (2, "", PaperFault.NAME),
        (2, "A" * 201, PaperFault.NAME),
        (3, "31021990", PaperFault.BIRTH_DATE),
        (3, "1990-05-17", PaperFault.BIRTH_DATE),
        (3, "17001990", PaperFault.BIRTH_DATE),
        (3, "١٧٠٥١٩٩٠", PaperFault.BIRTH_DATE),
        (4, "Female", PaperFault.SEX),
        (4, "", PaperFault.SEX),
        (5, "x" * 501, PaperFault.ADDRESS),
        (6, "00052022", PaperFault.ISSUE_DATE),
        (6, "", PaperFault.ISSUE_DATE),
        (2, "A\x00B", PaperFault.NOT_TEXT),
        (2, "A\u202eB", PaperFault.NOT_TEXT),
        (2, "A\ud800B", PaperFault.NOT_TEXT),
        (5, "x" * 2000, PaperFault.TOO_LONG),
        (6, "20052022" + "|" * 40, PaperFault.TOO_LONG),
    ],
)
def test_each_field_is_judged(field, text, fault):
    """The fault names the field, never its content."""
    fields = [*FIELDS]
    fields[field] = text
    with pytest.raises(PaperError) as refused:
        read_qr("|".join(fields))
    assert refused.value.fault is fault


def test_six_fields_are_too_few():
    """A line without the issue date is none."""
    with pytest.raises(PaperError, match="too_few_fields"):
        read_qr("|".join(FIELDS[:6]))


def test_separator_in_a_field_is_never_written():
    """A name or address with a pipe would shift every field after it."""
    with pytest.raises(ValueError, match="separator"):
        write_qr(holder().person, date(2022, 5, 20), old_number=None, address="Số 5|Đường Hoa Sen")


@given(st.text(max_size=300))
def test_reading_anything_fails_only_as_paper_error(line):
    """Whatever a scanner delivers is read or refused."""
    with pytest.raises(PaperError):
        read_qr(line)


@given(
    st.integers(0, 10**9 - 1),
    st.one_of(st.none(), st.integers(0, 10**9 - 1)),
    st.dates(date(1900, 1, 1), date(2026, 11, 21)),
    st.sampled_from(["", "-mm", "-mm-dd"]),
    st.sampled_from(list(Sex)),
    st.dates(date(2021, 1, 5), date(2026, 11, 21)),
    st.text("Số đường phường,.0123456789", max_size=60),
)
def test_what_is_written_is_read_again(serial, cmnd, born, precision, sex, issued, address):
    """Writing and reading are inverse, for partial birth dates as well."""
    birth = born.isoformat()[: 4 + len(precision)]
    old = None if cmnd is None else f"{cmnd:09d}"
    who = holder(f"099{serial:09d}", birth=birth, sex=sex, cmnd=old)
    paper = read_qr(write_qr(who.person, issued, old_number=old, address=address))
    assert (paper.number, paper.old_number, paper.sex) == (who.person.number, old, sex)
    assert (paper.birth, paper.card.issued) == (PartialDate.parse(birth), issued)
    assert (paper.address or "") == unicodedata.normalize("NFC", address).strip()

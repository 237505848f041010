"""Addresses of before and after 1 July 2025: where they lead, and how they compare with a registered one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from population_registry.api.references import References
from population_registry.matching import Grade, Reason, compare_addresses, compare_coded, resolve, strip_marks
from population_registry.storage.reference import read_rows

MAPS = References.load()
PLACES, SUCCESSORS = MAPS.places, MAPS.successors
_DISTRICTS = {
    row["code"]: (row["full_name_vi"], row["province_code"]) for row in read_rows("districts_pre2025.csv")
}
_PROVINCES = {row["pid_code"][1:]: row["name_vi"] for row in read_rows("provinces.csv")}
WARDS = [row for row in read_rows("wards_pre2025.csv") if row["code"] in SUCCESSORS.by_old_ward]
COMMUNES = list(read_rows("communes_2026.csv"))


def old(ward, detail="Số 5"):
    """The four-part wording of before July 2025."""
    district, province = _DISTRICTS[ward["district_code"]]
    return f"{detail}, {ward['full_name_vi']}, {district}, {_PROVINCES[province]}"


def communes(text):
    """The communes of today that a text leads to."""
    return {reading.commune for reading in resolve(text, PLACES, SUCCESSORS)}


def compared(asked, registered="Số 5, đường Hoa Sen", commune="00004", as_issued=None):
    """Grade and reasons."""
    found = compare_addresses(asked, registered, commune, as_issued, PLACES, SUCCESSORS)
    return (found.grade, *found.reasons)


@settings(max_examples=150)
@given(st.sampled_from(WARDS))
def test_every_old_ward_leads_to_its_successors(ward):
    """Property: the full old wording of any ward in the map leads to all communes that got its land, to no other."""
    assert communes(old(ward)) == set(SUCCESSORS.of(ward["code"]))


@settings(max_examples=150)
@given(st.sampled_from(COMMUNES))
def test_every_commune_of_today_leads_to_itself(commune):
    """Property: name and province of today lead to the commune; a bearer of the same name in the province stays."""
    assert commune["code"] in communes(f"Thôn 1, {commune['name_vi']}, {commune['province_name_vi']}")


@settings(max_examples=150)
@given(
    st.sampled_from(WARDS),
    st.sampled_from([str.upper, str.lower, strip_marks, lambda t: unicodedata.normalize("NFD", t)]),
)
def test_writing_never_loses_the_place(ward, write):
    """Property: capitals, decomposed Unicode or lost diacritics still find every commune of the plain wording."""
    assert communes(old(ward)) <= communes(write(old(ward)))


@settings(max_examples=300)
@given(st.text(max_size=400))
def test_nothing_raises(text):
    """Property: any text is read, or leads nowhere; a comparison answers a grade."""
    readings = resolve(text, PLACES, SUCCESSORS)
    assert len(readings) <= 20
    assert compared(text)[0] in set(Grade)


@settings(max_examples=150)
@given(st.sampled_from(WARDS))
def test_an_address_compares_equal_with_its_own_commune(ward):
    """Property: a ward that went whole into one commune is equal; a divided one near, never more (all candidates)."""
    candidates = SUCCESSORS.of(ward["code"])
    for commune in candidates:
        grade, *reasons = compared(old(ward), "Số 5", commune)
        if len(candidates) > 1:
            assert (grade, Reason.UNIT_SPLIT in reasons) == (Grade.NEAR, True)
        else:
            assert grade in {Grade.EQUAL_AFTER_NORMALISATION, Grade.NEAR}
            assert (grade is Grade.NEAR) <= (Reason.UNIT_AMBIGUOUS in reasons)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Số 5, đường Hoa Sen, Phường Ba Đình, Thành phố Hà Nội", (Grade.EXACT,)),
        (
            "Số 5, Hoa Sen, Phường Trúc Bạch, Quận Ba Đình, Hà Nội",
            (Grade.EQUAL_AFTER_NORMALISATION, Reason.UNIT_MERGED),
        ),
        ("5 Hoa Sen, P. Trúc Bạch, Q. Ba Đình, TP. Hà Nội", (Grade.EQUAL_AFTER_NORMALISATION, Reason.UNIT_MERGED)),
        ("so 5 duong hoa sen, phuong ba dinh, ha noi", (Grade.NEAR, Reason.WITHOUT_DIACRITICS)),
        ("Số 7, đường Hoa Sen, Phường Ba Đình, Hà Nội", (Grade.DIFFERENT, Reason.OTHER_DETAIL)),
        ("Số 5, đường Hoa Sen, Phường Ngọc Hà, Hà Nội", (Grade.DIFFERENT, Reason.OTHER_VALUE)),
        ("Phường Ba Đình, Hà Nội", (Grade.NEAR, Reason.DETAIL_MISSING)),
        ("Số 5, đường Hoa Sen, Phường Ba Đình", (Grade.NEAR, Reason.PROVINCE_MISSING, Reason.UNIT_AMBIGUOUS)),
        ("0x5", (Grade.DIFFERENT, Reason.OTHER_VALUE)),
        ("", (Grade.DIFFERENT, Reason.ILLEGIBLE)),
        ("Phường " * 60, (Grade.DIFFERENT, Reason.ILLEGIBLE)),
    ],
)  # a table, read by rows  # fmt: skip
def test_reasons_are_given(asked, expected):
    """Each grade explains itself, and never by a registered value."""
    assert compared(asked) == expected


def test_an_old_papers_own_wording_is_equal():
    """What an older paper said of the same home is believed as written, also where its names are on no list."""
    paper = "Thôn Mẫu 1, Xã Thử Nghiệm, Huyện Mô Phỏng, Tỉnh Mẫu"
    assert compared(paper, as_issued=paper) == (Grade.EQUAL_AFTER_NORMALISATION, Reason.AS_ISSUED)


def test_todays_commune_under_the_old_province():
    """People write the new commune with the province they grew up in; that is said, and equal."""
    commune = next(
        row for row in COMMUNES if row["province_name_vi"] == "Tuyên Quang" and row["name_vi"] == "Hà Giang 1"
    )
    grade, *reasons = compared("Số 5, Hà Giang 1, Tỉnh Hà Giang", "Số 5", commune["code"])
    assert (grade, reasons) == (Grade.EQUAL_AFTER_NORMALISATION, [Reason.PROVINCE_MERGED])


def test_codes_are_compared_like_names():
    """A code of an old ward leads to its successors too."""
    assert (
        compare_coded("00004", "Số 5, đường Hoa Sen", "Số 5, đường Hoa Sen", "00004", SUCCESSORS).grade
        is Grade.EXACT
    )
    merged = compare_coded("00013", "5 Hoa Sen", "Số 5, đường Hoa Sen", "00004", SUCCESSORS)
    assert merged.reasons == (Reason.UNIT_MERGED,)
    assert (
        compare_coded("00008", "5 Hoa Sen", "Số 5, đường Hoa Sen", "00004", SUCCESSORS).grade
        is Grade.DIFFERENT
    )

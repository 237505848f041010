"""Names: the table of hard pairs and the properties that hold for any text."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from population_registry.matching import Grade, Reason, compare_names, normalise
from population_registry.matching.names import _stages, _stages_of_whole

EXACT, EQUAL, NEAR, DIFFERENT = Grade.EXACT, Grade.EQUAL_AFTER_NORMALISATION, Grade.NEAR, Grade.DIFFERENT

HARD_PAIRS = [
    # asked, registered, grade, reason
    ("Nguyễn Văn An", "Nguyễn Văn An", EXACT, None),
    (unicodedata.normalize("NFD", "Nguyễn Thị Thuỷ"), "Nguyễn Thị Thuỷ", EQUAL, Reason.UNICODE_FORM),
    ("NGUYỄN VĂN ĐỨC", "Nguyễn Văn Đức", EQUAL, Reason.LETTER_CASE),
    ("Nguyễn Văn Hoà", "Nguyễn Văn Hòa", EQUAL, Reason.TONE_PLACEMENT),
    ("Lê Thuý", "Lê Thúy", EQUAL, Reason.TONE_PLACEMENT),
    ("Lê Thuỷ", "Lê Thủy", EQUAL, Reason.TONE_PLACEMENT),
    ("Ðặng Minh", "Đặng Minh", EQUAL, Reason.ETH_FOR_D_STROKE),
    ("ÐẶNG MINH", "Đặng Minh", EQUAL, Reason.LETTER_CASE),
    ("K’Brửu", "K'Brửu", EQUAL, Reason.APOSTROPHE),
    ("Rơ Ô H' Bia", "Rơ Ô H'Bia", EQUAL, Reason.APOSTROPHE),
    ("  Trần   Thị  Mơ ", "Trần Thị Mơ", EQUAL, Reason.SPACING),
    ("Trần Quí", "Trần Quý", NEAR, Reason.I_Y),
    ("Lê Mĩ Hạnh", "Lê Mỹ Hạnh", NEAR, Reason.I_Y),
    ("Lí Thu", "Lý Thu", NEAR, Reason.I_Y),
    ("Trần Vĩ", "Trần Vỹ", NEAR, Reason.I_Y),
    ("Hoàng Iến", "Hoàng Yến", NEAR, Reason.I_Y),
    ("Lê Thúi", "Lê Thúy", DIFFERENT, Reason.OTHER_VALUE),
    ("Lê Mai", "Lê May", DIFFERENT, Reason.OTHER_VALUE),
    ("Hửu Phước", "Hữu Phước", NEAR, Reason.HOI_NGA),
    ("Vủ Minh", "Vũ Minh", NEAR, Reason.HOI_NGA),
    ("Trần Hạ Lan", "Trần Hà Lan", NEAR, Reason.TONE),
    ("Trần Ha Lan", "Trần Hà Lan", NEAR, Reason.TONE),
    ("Trán Hạ Lan", "Trần Hà Lan", DIFFERENT, Reason.OTHER_VALUE),
    ("NGUYEN THI LE", "Nguyễn Thị Lệ", NEAR, Reason.WITHOUT_DIACRITICS),
    ("PHAM VAN DUC", "Phạm Văn Đức", NEAR, Reason.WITHOUT_DIACRITICS),
    ("An Nguyễn Văn", "Nguyễn Văn An", NEAR, Reason.WORD_ORDER),
    ("Nguyễn An", "Nguyễn Văn An", NEAR, Reason.MIDDLE_NAME_MISSING),
    ("Nguyễn Thị Thu An", "Nguyễn Thị An", NEAR, Reason.MIDDLE_NAME_EXTRA),
    ("Văn An", "Nguyễn Văn An", DIFFERENT, Reason.OTHER_VALUE),
    ("An", "Nguyễn Văn An", DIFFERENT, Reason.OTHER_VALUE),
    ("Hoàng Minh", "Huỳnh Minh", DIFFERENT, Reason.OTHER_VALUE),
    ("Hoang Minh", "Huynh Minh", DIFFERENT, Reason.OTHER_VALUE),
    ("Vũ Minh", "Võ Minh", DIFFERENT, Reason.OTHER_VALUE),
    ("Vu Minh", "Vo Minh", DIFFERENT, Reason.OTHER_VALUE),
    ("Lê Lân Anh", "Lê Lan Anh", DIFFERENT, Reason.OTHER_VALUE),
    ("Dỗ Minh", "Đỗ Minh", DIFFERENT, Reason.OTHER_VALUE),
    ("Y Bhăm", "Y Bhăm", EXACT, None),
    ("Nguyễn Văn Аn", "Nguyễn Văn An", DIFFERENT, Reason.ILLEGIBLE),  # Cyrillic А
    ("Nguyễn\u200bVăn An", "Nguyễn Văn An", DIFFERENT, Reason.ILLEGIBLE),
    ("Nguyễn Văn ＡＮ", "Nguyễn Văn An", DIFFERENT, Reason.ILLEGIBLE),
    ("Nguyễn Văn An 2", "Nguyễn Văn An", DIFFERENT, Reason.ILLEGIBLE),
    ("", "Nguyễn Văn An", DIFFERENT, Reason.ILLEGIBLE),
]

_syllable = st.sampled_from(
    [
        "nguyễn",
        "trần",
        "hoàng",
        "huỳnh",
        "vũ",
        "võ",
        "hòa",
        "hoà",
        "thúy",
        "thuý",
        "quí",
        "quý",
        "mỹ",
        "mĩ",
        "hữu",
        "hửu",
        "đức",
        "ðức",
        "k'brửu",
        "văn",
        "thị",
        "an",
        "ánh",
        "ạnh",
        "lan",
        "lân",
    ]
)
names = st.lists(_syllable, min_size=1, max_size=5).map(" ".join)
anything = st.one_of(
    names, names.map(str.upper), names.map(lambda n: unicodedata.normalize("NFD", n)), st.text()
)
_MIRROR = {
    Reason.MIDDLE_NAME_MISSING: Reason.MIDDLE_NAME_EXTRA,
    Reason.MIDDLE_NAME_EXTRA: Reason.MIDDLE_NAME_MISSING,
}


@pytest.mark.parametrize(("asked", "registered", "grade", "reason"), HARD_PAIRS)
def test_hard_pair(asked, registered, grade, reason):
    """Each writing trap of names.md section 4 gets its grade and names its reason."""
    result = compare_names(asked, registered)
    assert result.grade is grade, result
    assert (reason in result.reasons) if reason else (result.reasons == ())


@given(anything, anything)
def test_comparison_is_symmetric(a, b):
    """Swapping the two names keeps the grade; only the two middle-name reasons change places."""
    there, back = compare_names(a, b), compare_names(b, a)
    assert there.grade is back.grade
    if there.grade is Grade.NEAR:
        assert {_MIRROR.get(reason, reason) for reason in there.reasons} == set(back.reasons)


@given(anything)
def test_normalisation_is_idempotent(text):
    """Normalising what is normalised changes nothing."""
    once = normalise(text)
    assert normalise(once) == once


@given(anything)
@example("Nguyễn-Thị  Lan")
@example("H ' Bia ' Đen")
@example("Hoa\u0300 \u0301An ð")
@example("ΑΣ ΣΑΣ İ")
def test_a_name_has_one_key_word_by_word_or_whole(text):
    """Spaces around a name are no part of it, and send it another way: not by the words that are known."""
    assert normalise(text) == normalise(f" {text} ")


@given(anything)
@example("H' Bia")
@example("an . bình")
@example("lan\u0301 \u0301 an")
@example("nguyễn-thị  lan")
@example(f"an {'a' * 198}")
def test_a_name_of_known_words_reads_as_the_whole(text):
    """Names are put together from words that were met before; steps and keys are those of the whole."""
    assert _stages(text)._replace(plain=False) == _stages_of_whole(text)


@given(names)
def test_writing_alone_never_separates(name):
    """Case, Unicode form and spaces never make a name less than equal."""
    for variant in (name.upper(), unicodedata.normalize("NFD", name), f"  {name.replace(' ', '   ')} "):
        assert compare_names(variant, name).grade in {Grade.EXACT, Grade.EQUAL_AFTER_NORMALISATION}


@given(names, names)
def test_equality_is_equality_of_keys(a, b):
    """Two legible names are at least equal exactly when their normalised keys are the same."""
    equal = compare_names(a, b).grade in {Grade.EXACT, Grade.EQUAL_AFTER_NORMALISATION}
    assert equal == (normalise(a) == normalise(b))


@given(names, names)
def test_every_grade_below_exact_is_explained(a, b):
    """A comparison that is not exact always carries a reason."""
    result = compare_names(a, b)
    assert (result.grade is Grade.EXACT) == (result.reasons == ())


@given(st.sampled_from([("Hoàng", "Huỳnh"), ("Vũ", "Võ")]), names, st.booleans())
def test_regional_pairs_are_never_merged(pair, rest, bare):
    """Hoàng/Huỳnh and Vũ/Võ are different legal names (names.md section 2), with or without diacritics."""
    left, right = (f"{family} {rest}" for family in pair)
    if bare:
        left = "".join(c for c in unicodedata.normalize("NFD", left) if not unicodedata.combining(c))
    assert compare_names(left, right).grade is Grade.DIFFERENT

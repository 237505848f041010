"""Names in three fields."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import PersonName

words = st.text(alphabet="aăâbcdđeêơưỵ ̣̀́AĐ '", max_size=12)


def test_decomposed_input_is_stored_composed() -> None:
    """QR codes may carry decomposed letters; the registry holds NFC (names.md section 4)."""
    name = PersonName(unicodedata.normalize("NFD", "Nguyễn"), " Thị  Thu ", "Huệ")
    assert name == PersonName("Nguyễn", "Thị Thu", "Huệ")
    assert name.full == "Nguyễn Thị Thu Huệ"


def test_a_family_name_may_be_missing() -> None:
    """Some peoples of Viet Nam have none; a form that insists rejects citizens (names.md section 5)."""
    assert PersonName("", "", "Y Thu").full == "Y Thu"


@pytest.mark.parametrize("given_name", ["", "  "])
def test_a_given_name_may_not_be_missing(given_name: str) -> None:
    """Everybody has a given name."""
    with pytest.raises(ValueError, match="given name"):
        PersonName("Nguyễn", "Văn", given_name)


@given(words, words, words.filter(lambda word: bool(word.strip())))
def test_tidying_is_idempotent_and_matches_the_stored_form(family: str, middle: str, given_name: str) -> None:
    """A name rebuilt from its own fields, on either path, is the same name."""
    name = PersonName(family, middle, given_name)
    assert PersonName(name.family, name.middle, name.given) == name
    assert PersonName.stored(name.family, name.middle, name.given) == name
    assert unicodedata.is_normalized("NFC", name.full)

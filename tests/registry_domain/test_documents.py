"""When cards end (Law on Identity Art. 21)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.domain import Document, DocumentKind, DocumentState, birthday, card_expiry

BORN = date(1990, 5, 17)


@pytest.mark.parametrize(
    ("born", "issued", "expires"),
    [
        (date(2020, 3, 1), date(2024, 8, 1), date(2034, 3, 1)),
        (date(2013, 3, 1), date(2024, 8, 1), date(2027, 3, 1)),
        (BORN, date(2005, 1, 1), date(2015, 5, 17)),
        (BORN, date(2013, 5, 16), date(2015, 5, 17)),
        (BORN, date(2013, 5, 17), date(2030, 5, 17)),
        (BORN, date(2015, 5, 16), date(2030, 5, 17)),
        (BORN, date(2015, 5, 17), date(2030, 5, 17)),
        (BORN, date(2028, 5, 17), date(2050, 5, 17)),
        (BORN, date(2048, 5, 16), date(2050, 5, 17)),
        (BORN, date(2048, 5, 17), None),
        (BORN, date(2050, 5, 17), None),
        (date(1950, 1, 1), date(2022, 1, 1), None),
        (date(2012, 2, 29), date(2022, 3, 1), date(2026, 2, 28)),
    ],
)
def test_expiry_is_the_next_exchange_age_unless_two_years_are_left(
    born: date, issued: date, expires: date | None
) -> None:
    """Exchange at 14, 25, 40, 60; within two years before one of them the card counts until the next (Art. 21)."""
    assert card_expiry(born, issued) == expires


@given(st.dates(date(1930, 1, 1), date(2020, 1, 1)), st.integers(0, 40_000))
def test_a_card_lasts_over_two_years_and_ends_on_an_exchange_birthday(born: date, age_in_days: int) -> None:
    """Whatever the issue day, at least two years are left, and the end is the birthday of 14, 25, 40 or 60."""
    issued = date.fromordinal(born.toordinal() + age_in_days)
    expires = card_expiry(born, issued)
    if expires is None:
        assert issued >= birthday(birthday(born, 60), -2)
    else:
        assert issued < birthday(expires, -2)
        assert expires in {birthday(born, age) for age in (14, 25, 40, 60)}


@pytest.mark.parametrize(
    ("state", "on", "usable"),
    [
        (DocumentState.VALID, date(2024, 1, 1), True),
        (DocumentState.VALID, date(2030, 5, 17), True),
        (DocumentState.VALID, date(2030, 5, 18), False),
        (DocumentState.VALID, date(2019, 12, 31), False),
        (DocumentState.LOST, date(2024, 1, 1), False),
        (DocumentState.VOID, date(2024, 1, 1), False),
    ],
)
def test_a_card_is_usable_while_valid_and_in_time(state: DocumentState, on: date, usable: bool) -> None:
    """CCCD cards count to their printed end (Art. 46); lost, void, withdrawn and held cards never."""
    card = Document(DocumentKind.CCCD_CHIP, "099190000123", date(2020, 1, 1), date(2030, 5, 17), state)
    assert card.usable_on(on) is usable

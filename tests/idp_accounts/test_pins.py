"""Which PINs may be chosen, and what wrong ones cost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.accounts.pins import MOST_TRIES, TRIES_A_DAY, blocked_until, is_spent, tries_left, weakness
from idp.domain.account import Account, AccountStatus
from idp.domain.device_key import DeviceKey

ACCOUNT = Account(
    "a", 2, AccountStatus.ACTIVE, personal_number="099194000101", profile={"birthdate": "1994-05-17"}
)
DEVICE = DeviceKey("d" * 43, "a", b"x", b"y", "Máy", "$argon2id$", 1)
MIDNIGHT = 1_790_010_000 - (1_790_010_000 + 7 * 3_600) % 86_400
"""A midnight in Viet Nam."""


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        *((pin, "shape") for pin in ("", "12345", "1234567", "12345a", "١٢٣٤٥٦")),
        *((pin, "simple") for pin in ("000000", "123456", "987654", "121212", "123123", "123321", "246802")),
        *((pin, "own") for pin in ("170594", "940517", "051794", "051994", "194000", "940001")),
        *((pin, None) for pin in ("291847", "806315")),
    ],
)
def test_pins_that_a_thief_tries_first_are_refused(pin: str, why: str | None) -> None:
    """NIST SP 800-63B-4 section 3.1.1.2: patterns, one's own birthday and number; anything else is free."""
    assert weakness(pin, ACCOUNT) == why


@given(st.text(max_size=20))
def test_no_pin_breaks_the_rule(pin: str) -> None:
    """Whatever is sent, the answer is a reason or none."""
    weakness(pin, ACCOUNT)


@pytest.mark.attack
def test_five_wrong_pins_rest_until_the_next_day_of_viet_nam() -> None:
    """Domain facts 3: five wrong passcodes block until the next day; the sixth is counted from then on."""
    at = MIDNIGHT + 3_600
    blocked = replace(DEVICE, tries=TRIES_A_DAY, tried_at=at)
    assert blocked_until(blocked, at) == MIDNIGHT + 86_400
    assert blocked_until(blocked, MIDNIGHT + 86_399) == MIDNIGHT + 86_400
    assert blocked_until(blocked, MIDNIGHT + 86_400) == 0
    for tries in (0, 1, 4, 6, 9):
        assert blocked_until(replace(DEVICE, tries=tries, tried_at=at), at) == 0
    assert [tries_left(each) for each in range(1, 6)] == [4, 3, 2, 1, 0]


def test_a_phone_is_worth_fifteen_guesses() -> None:
    """Three such days, and the phone is forgotten."""
    assert [is_spent(each) for each in (1, 14, 15, 16)] == [False, False, True, True]
    assert MOST_TRIES == 3 * TRIES_A_DAY

"""Parents and guardians: whatever is granted, nothing lives into the birthday that ends it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.accounts import representation
from idp.accounts.holding import ADULT, OWN_ACCOUNT, Dependant, birthday, dependant_of
from idp.accounts.life import NotAllowed

BORN = st.dates(date(1990, 1, 1), date(2026, 11, 22))
TODAY = st.dates(date(2008, 1, 1), date(2046, 1, 1))


def dependant(born: date, *, ward: bool = False) -> Dependant:
    """Somebody."""
    return Dependant("099000000000", "Bé", born, "ward" if ward else "child", ward=ward)


@given(BORN, st.integers(0, 19 * 366))
def test_rights_shrink_at_fourteen_and_end_at_eighteen(born: date, days: int) -> None:
    """Decree 69/2024 Art. 14(2), Civil Code Arts. 20, 21: by birthdays alone, those of 29 February on 1 March."""
    today = born + timedelta(days=days)
    child = dependant(born)
    if today >= birthday(born, ADULT):
        with pytest.raises(NotAllowed, match="grown_up"):
            representation.rights(child, today)
        assert representation.ends_at(child, today) is None
    elif today >= birthday(born, OWN_ACCOUNT):
        assert representation.rights(child, today) == representation.FILE
        assert representation.ends_at(child, today) == representation.beginning(birthday(born, ADULT))
    else:
        assert representation.rights(child, today) == representation.USE
        assert representation.ends_at(child, today) == representation.beginning(birthday(born, OWN_ACCOUNT))


@pytest.mark.attack
@given(BORN, st.integers(0, 18 * 366 * 86_400), st.integers(1, 30 * 86_400))
def test_nothing_outlives_the_birthday(born: date, age: int, lifetime: int) -> None:
    """Attack 52: capped by ``ends_at``, whatever is born at any second has no right that the next day lacks."""
    now = representation.beginning(born) + age
    child, today = dependant(born), representation.day_of(now)
    try:
        scopes = representation.rights(child, today)
    except NotAllowed:
        return
    ends = representation.ends_at(child, today)
    assert ends is not None
    assert ends > now
    last = min(now + lifetime, ends) - 1
    assert representation.rights(child, representation.day_of(last)) == scopes
    later = representation.day_of(ends)
    try:
        assert representation.rights(child, later) < scopes
    except NotAllowed:
        assert later >= birthday(born, ADULT)


@given(BORN, TODAY)
def test_a_ward_has_no_birthday(born: date, today: date) -> None:
    """Civil Code Arts. 46-57, 62: guardianship of an adult ends by a decision, which the registry knows."""
    ward = dependant(born, ward=True)
    assert representation.rights(ward, today) == representation.USE
    assert representation.ends_at(ward, today) is None


@given(BORN, TODAY)
def test_a_minor_ward_has_a_childs_birthdays(born: date, today: date) -> None:
    """Civil Code Art. 47(1)(a): a guardian of a minor stands in for parents, and so until the same days."""
    ward = dependant_of("099000000000", "Bé", born, "ward", today)
    if today < birthday(born, ADULT):
        child = dependant_of("099000000000", "Bé", born, "child", today)
        assert representation.ends_at(ward, today) == representation.ends_at(child, today)
        assert representation.rights(ward, today) == representation.rights(child, today)
    else:
        assert ward.ward

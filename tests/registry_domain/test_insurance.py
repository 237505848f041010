"""Card codes and cover."""

from __future__ import annotations

from datetime import date

import pytest

from population_registry.domain import (
    HealthInsurance,
    InsuranceCodeError,
    InsuranceState,
    SocialInsuranceNumber,
    card_code,
)

NUMBER = SocialInsuranceNumber("9900000101")


def test_card_code_is_group_benefit_province_number() -> None:
    """`XX Y ZZ NNNNNNNNNN`, 15 characters (Decision 1351/QĐ-BHXH)."""
    assert card_code("GD", 4, "79", NUMBER) == "GD4799900000101"


@pytest.mark.parametrize(
    ("group", "benefit", "province"), [("G", 4, "79"), ("GD", 6, "79"), ("gd", 4, "79"), ("GD", 4, "7")]
)
def test_malformed_parts_are_refused(group: str, benefit: int, province: str) -> None:
    """Two capital letters, a digit 1 to 5, two digits."""
    with pytest.raises(InsuranceCodeError):
        card_code(group, benefit, province, NUMBER)


@pytest.mark.parametrize("value", ["990000010", "99000001011", "99000O0101", "９９00000101"])
def test_a_social_insurance_number_has_ten_digits(value: str) -> None:
    """Ten ASCII digits and nothing else (insurance.md section 1)."""
    with pytest.raises(InsuranceCodeError):
        SocialInsuranceNumber(value)


@pytest.mark.parametrize(
    ("state", "on", "covers"),
    [
        (InsuranceState.IN_FORCE, date(2026, 1, 1), True),
        (InsuranceState.IN_FORCE, date(2026, 12, 31), True),
        (InsuranceState.IN_FORCE, date(2027, 1, 1), False),
        (InsuranceState.STOPPED, date(2026, 6, 1), False),
    ],
)
def test_cover_lasts_from_first_to_last_day(state: InsuranceState, on: date, covers: bool) -> None:
    """A card pays from its first through its last day unless stopped (Law 25/2008 Art. 16)."""
    card = HealthInsurance("GD4799900000101", "GD", 4, date(2026, 1, 1), date(2026, 12, 31), "x", None, state)
    assert card.in_force(on) is covers

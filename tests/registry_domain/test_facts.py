"""Questions that facts answer without a database."""

from __future__ import annotations

from datetime import date

from population_registry.domain import (
    Address,
    Dwelling,
    DwellingKind,
    Household,
    Membership,
    RegistryFacts,
    Relation,
    Residence,
    ResidenceKind,
    Tenure,
)

SINCE = date(2020, 1, 1)
HOME = Household(
    household_id=5,
    file_number="010000000005",
    kind=ResidenceKind.PERMANENT,
    dwelling_id=9,
    members=(Membership(5, 1, Relation.HEAD, SINCE), Membership(5, 2, Relation.SPOUSE_WIFE, SINCE)),
)
HOUSE = Dwelling(9, DwellingKind.HOUSE, Address("00166", "Số 1"), 60.0, (2, 3))
FACTS = RegistryFacts(("099190000123",), {}, {5: HOME}, {9: HOUSE})


def test_nobody_is_found_for_a_number_of_nobody() -> None:
    """The subject of an unknown number is None, and so is any other number."""
    assert FACTS.subject is None
    assert FACTS.get("099190000124") is None
    assert RegistryFacts((), {}, {}, {}).subject is None


def test_head_and_owner_are_separate_people() -> None:
    """The dwelling's owner may differ from the head of household (residence.md section 2)."""
    assert HOME.head_id == 1
    assert FACTS.is_head(1)
    assert not FACTS.owns(1, 9)
    assert FACTS.owns(3, 9)
    assert not FACTS.owns(3, 10)


def test_household_is_found_by_kind() -> None:
    """A person has at most one household of each kind."""
    assert FACTS.household_of(2, ResidenceKind.PERMANENT) is HOME
    assert FACTS.household_of(2, ResidenceKind.TEMPORARY) is None
    assert FACTS.household_of(4, ResidenceKind.PERMANENT) is None


def test_a_registration_counts_until_its_last_day_or_its_deletion() -> None:
    """A term includes its last day; a deleted registration ends on the day it is deleted."""
    term = Residence(
        ResidenceKind.TEMPORARY,
        Address("00166", "Số 1"),
        9,
        Tenure.RENTED,
        SINCE,
        date(2021, 12, 31),
        date(2021, 6, 1),
    )
    assert term.in_force(date(2021, 5, 31))
    assert not term.in_force(date(2021, 6, 1))
    assert not term.in_force(date(2019, 12, 31))

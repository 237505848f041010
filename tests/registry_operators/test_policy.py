"""Who may do what, where and why: the officers' policy, rule by rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.operators.errands import LEGAL_BASIS, Errand, ErrandRefused, Purpose, read_errand
from population_registry.operators.officers import POWERS, Officer, Place, Power, Role, covers
from population_registry.operators.policy import Denial, Denied, must_have_errand, must_reach

CAU_GIAY, DONG_DA, HUE = Place("00166", "01"), Place("00235", "01"), Place("19804", "46")
ERRAND = Errand(Purpose.RESIDENCE_DOSSIER, "G01.899.05-261121-010042")


def officer(role: Role, territory: str | None = None) -> Officer:
    """An officer of a role."""
    return Officer("CA-00166-017", "Phạm Đức Cường", "Công an phường Cầu Giấy", role, territory)


OFFICERS = st.builds(officer, st.sampled_from(Role), st.sampled_from([None, "00166", "01", "46"]))
PLACES = st.lists(st.sampled_from([CAU_GIAY, DONG_DA, HUE]), max_size=3).map(tuple)


@pytest.mark.attack
@given(OFFICERS, st.sampled_from(Power), PLACES, st.booleans())
def test_nothing_is_done_without_an_errand(
    who: Officer, power: Power, places: tuple[Place, ...], own: bool
) -> None:
    """Attack 49: whatever the role, power and place, no purpose and case means no."""
    with pytest.raises(Denied) as denied:
        must_reach(who, power, None, places, own=own)
    assert denied.value.denial in {Denial.NO_ERRAND, Denial.NO_POWER}


@given(OFFICERS, st.sampled_from(Power), PLACES)
def test_an_act_is_within_role_and_territory(who: Officer, power: Power, places: tuple[Place, ...]) -> None:
    """What is allowed is allowed by the role, and one of the places is the officer's."""
    try:
        must_reach(who, power, ERRAND, places)
    except Denied:
        assert power not in POWERS[who.role] or not covers(who, places)
    else:
        assert power in POWERS[who.role]
        assert covers(who, places)


@pytest.mark.parametrize(
    ("role", "territory", "places", "reached"),
    [
        (Role.COMMUNE_OFFICER, "00166", (CAU_GIAY,), True),
        (Role.COMMUNE_OFFICER, "00166", (DONG_DA,), False),
        (Role.COMMUNE_OFFICER, "00166", (HUE, CAU_GIAY), True),
        (Role.COMMUNE_OFFICER, "00166", (), False),
        (Role.COMMUNE_OFFICER, None, (CAU_GIAY,), False),
        (Role.PROVINCE_OFFICER, "01", (DONG_DA,), True),
        (Role.PROVINCE_OFFICER, "01", (HUE,), False),
        (Role.CENTRE_OFFICER, None, (), True),
    ],
)
def test_the_territory_decides_where(
    role: Role, territory: str | None, places: tuple[Place, ...], reached: bool
) -> None:
    """Commune, province and centre; an officer whose territory was forgotten has none."""
    assert covers(officer(role, territory), places) is reached


@pytest.mark.attack
def test_nobody_works_on_their_own_case() -> None:
    """Attack 49: an officer's own record stays closed to them at the console, in their own commune too."""
    with pytest.raises(Denied) as denied:
        must_reach(officer(Role.COMMUNE_OFFICER, "00166"), Power.OPEN_RECORD, ERRAND, (CAU_GIAY,), own=True)
    assert denied.value.denial is Denial.OWN_RECORD


def test_auditors_read_logs_and_no_records() -> None:
    """Least privilege: who reviews look-ups cannot look; who looks cannot review."""
    assert Power.OPEN_RECORD not in POWERS[Role.AUDITOR]
    assert {role for role in Role if Power.REVIEW_LOOKUPS in POWERS[role]} == {Role.AUDITOR}
    assert {role for role in Role if Power.DECIDE_LOCK in POWERS[role]} == {Role.CENTRE_OFFICER}
    with pytest.raises(Denied):
        must_have_errand(officer(Role.AUDITOR), Power.SEARCH, ERRAND)


def test_every_purpose_has_a_legal_basis() -> None:
    """Law 91/2025 Art. 3: purpose limitation needs purposes that are written down."""
    assert set(LEGAL_BASIS) == set(Purpose)
    assert read_errand("residence_dossier", " g01.899.05-261121-010042 ") == ERRAND


@pytest.mark.parametrize(
    ("purpose", "case", "field"),
    [
        ("", "G01.899.05-261121-010042", "purpose"),
        ("curiosity", "G01.899.05-261121-010042", "purpose"),
        ("issue_eid", "", "case"),
        ("issue_eid", "....", "case"),
        ("issue_eid", "A" * 41, "case"),
        ("issue_eid", "HỒ SƠ 12", "case"),
        ("issue_eid", "AB12\n5", "case"),
    ],
)
def test_an_errand_is_read_strictly(purpose: str, case: str, field: str) -> None:
    """A free text is no purpose, an empty or endless one no case."""
    with pytest.raises(ErrandRefused) as refused:
        read_errand(purpose, case)
    assert refused.value.field == field

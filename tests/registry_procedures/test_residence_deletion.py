"""Xóa đăng ký: the grounds of Law on Residence Art. 24 (permanent) and 29 (temporary)."""

from __future__ import annotations

import pytest

from population_registry.domain import EndReason, PersonStatus
from population_registry.dossiers import Filing
from population_registry.procedures import residence_deletion_permanent, residence_deletion_temporary
from population_registry.verification.refusals import Refusal
from tests.registry_procedures.town import (
    HOUSE,
    PERMANENT,
    TEMPORARY,
    case,
    failing,
    flags,
    lives,
    opened,
    stated,
    written,
)

DELETE, DELETE_TEMPORARY = residence_deletion_permanent.PROCEDURE, residence_deletion_temporary.PROCEDURE


def about(ground, name, since="2026-11-01"):
    """Inputs of a deletion."""
    return {"ground": ground, "since": since, "people": [stated(name)]}


def test_death_is_what_the_record_says():
    """Art. 24(1)(a): the record knows the death, the head files; registration and membership end."""
    inputs = about("death", "cu")
    found = case(DELETE, inputs, statuses={"cu": PersonStatus.DECEASED})
    assert not failing(DELETE, found)
    assert written(DELETE, found) == [("EndResidence", "cu"), ("LeaveHousehold", "cu")]
    assert {change.reason for change in DELETE.outcome(found).changes} == {EndReason.DEATH}
    assert flags(DELETE, case(DELETE, inputs))["ground"] == ("fail", "not_recorded")


def test_ex_officio_within_a_day():
    """Decree 58/2026 Art. 4(6): what a database reports is deleted within 1 working day, by request within 5."""
    inputs = about("death", "cu")
    changed = {"statuses": {"cu": PersonStatus.DECEASED}}
    own_motion = case(DELETE, inputs, applicant="cu", filing=Filing.EX_OFFICIO, **changed)
    assert not failing(DELETE, own_motion)
    assert DELETE.term(own_motion).half_days == 2
    assert DELETE.term(case(DELETE, inputs, **changed)).half_days == 10
    assert (
        DELETE_TEMPORARY.term(case(DELETE_TEMPORARY, about("lease_ended", "lan"), applicant="lan")).half_days
        == 6
    )


@pytest.mark.parametrize(
    ("procedure", "ground", "since", "flag"),
    [
        (DELETE, "owner_changed", "2025-11-24", "fail"),
        (DELETE, "owner_changed", "2025-11-23", "unknown"),
        (DELETE, "absent", "2025-12-23", "fail"),
        (DELETE, "absent", "2025-11-23", "unknown"),
        (DELETE, "owner_refused", "2026-11-22", "unknown"),
    ],
)
def test_twelve_months(procedure, ground, since, flag):
    """Art. 24(1)(d), (g): twelve months first; (h): without waiting where the owner does not agree."""
    found = case(procedure, about(ground, "nam", since), applicant="nam")
    assert flags(procedure, found)["ground"][0] == flag


def test_six_months_for_temporary():
    """Art. 29(1)(c): absent six months; (e): a lease that ended waits for nothing."""
    early = case(DELETE_TEMPORARY, about("absent", "lan", "2026-05-24"), applicant="lan")
    assert flags(DELETE_TEMPORARY, early)["ground"] == ("fail", "before_6_months")
    lease = case(DELETE_TEMPORARY, about("lease_ended", "lan", "2026-11-22"), applicant="lan")
    assert opened(DELETE_TEMPORARY, lease) == {"ground"}


def test_absent_but_registered_elsewhere():
    """Art. 24(1)(d): who registered temporarily elsewhere is not absent."""
    found = case(DELETE, about("absent", "lan", "2024-01-01"), applicant="lan")
    assert flags(DELETE, found)["ground"] == ("fail", "registered_temporarily")


def test_permanent_at_the_same_place():
    """Art. 29(1)(đ): the temporary entry goes when the permanent one is at the same place, and only then."""
    both = {"nam": (lives(PERMANENT, HOUSE, 70), lives(TEMPORARY, HOUSE, 70))}
    same = case(DELETE_TEMPORARY, about("moved", "nam"), applicant="nam", residences=both)
    assert not failing(DELETE_TEMPORARY, same)
    other = case(DELETE_TEMPORARY, about("moved", "lan"), applicant="lan")
    assert "ground" in failing(DELETE_TEMPORARY, other)


@pytest.mark.attack
def test_strangers_delete_nobody():
    """Decree 58/2026 Art. 4(6): the person, a representative, the head or the owner; nobody else (attack 49)."""
    found = case(DELETE, about("settled_abroad", "nam"), applicant="lan")
    assert flags(DELETE, found)["filer"] == ("fail", "may_not_file")
    assert "filer" not in failing(DELETE, case(DELETE, about("settled_abroad", "nam"), applicant="hung"))
    landlord = case(DELETE_TEMPORARY, about("lease_ended", "lan"), applicant="phuc")
    assert "filer" not in failing(DELETE_TEMPORARY, landlord)


def test_nothing_to_delete():
    """Whoever is not registered cannot be deleted, nor before the ground exists."""
    assert "registration" in failing(
        DELETE_TEMPORARY, case(DELETE_TEMPORARY, about("absent", "nam", "2020-01-01"), applicant="nam")
    )
    assert "since" in failing(
        DELETE, case(DELETE, about("settled_abroad", "nam", "2027-01-01"), applicant="nam")
    )


@pytest.mark.parametrize("ground", ["moved", "expired", "owner", ""])
def test_only_grounds_of_the_article(ground):
    """Art. 24 knows no other ground: `moved` and `expired` belong to temporary residence and to moves."""
    with pytest.raises(Refusal):
        DELETE.read(about(ground, "nam"))

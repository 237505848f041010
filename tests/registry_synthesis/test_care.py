"""Guardians, custody, deaths, absences and stays of the synthetic people."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from population_registry.domain import PartialDate
from population_registry.synthesis import AS_OF
from tests.registry_synthesis.conftest import SIZE, Country, Record


def _is_adult(row: Record) -> bool:
    return PartialDate.parse(str(row["birth_date"])).possibly_reached(18, AS_OF)


def test_wards_have_living_grown_guardians_who_know_them(country: Country) -> None:
    """Minors without parents and adults without capacity have one guardian each (Civil Code Art. 47-54)."""
    kin = {(row["person_id"], row["kind"], row["kin_person_id"]) for row in country.tables["kinship"]}
    particulars = {row["person_id"]: row for row in country.tables["person_particulars"]}
    bases = Counter(row["basis"] for row in country.tables["guardianship"])
    assert set(bases) == {"minor", "incapacity", "limited_cognition"}
    assert min(bases.values()) > 2
    for row in country.tables["guardianship"]:
        ward, guardian = row["person_id"], row["guardian_id"]
        assert country.people[guardian]["status"] == "active"
        assert _is_adult(country.people[guardian])
        assert {(ward, "guardian", guardian), (guardian, "ward", ward)} <= kin
        minor = row["basis"] == "minor"
        assert _is_adult(country.people[ward]) != minor
        assert (particulars[ward]["capacity"] == "full") == minor
        if minor:
            assert not any((ward, kind) == pair[:2] for pair in kin for kind in ("father", "mother"))
        assert row["since"] <= row["recorded_at"]  # type: ignore[operator]  # both are dates
    wards = [row["person_id"] for row in country.tables["guardianship"]]
    assert len(set(wards)) == len(wards)
    without = {row["person_id"] for row in particulars.values() if row["capacity"] != "full"}
    assert without == {row["person_id"] for row in country.tables["guardianship"] if row["basis"] != "minor"}


def test_children_of_divorced_parents_live_with_the_one_who_has_them(country: Country) -> None:
    """Custody names a divorced parent of the same household; the other is often known too (Art. 81)."""
    homes = {row["person_id"]: row["household_id"] for row in country.tables["membership"]}
    parents: dict[object, set[object]] = {}
    for row in country.tables["kinship"]:
        if row["kind"] in {"father", "mother"}:
            parents.setdefault(row["person_id"], set()).add(row["kin_person_id"])
    elsewhere = 0
    for row in country.tables["custody"]:
        child, parent = row["person_id"], row["parent_id"]
        assert not _is_adult(country.people[child])
        assert country.people[parent]["marital_status"] == "divorced"
        assert parent in parents[child]
        assert homes[child] == homes[parent]
        for other in parents[child] - {parent}:
            assert country.people[other]["marital_status"] == "divorced"
            assert homes[other] != homes[child]
            elsewhere += 1
    assert len(country.tables["custody"]) > 20
    assert elsewhere > 5


def test_many_grown_people_have_parents_in_another_household(country: Country) -> None:
    """Kinship does not end at the door: a good part of married people know a father and mother elsewhere."""
    homes = {row["person_id"]: row["household_id"] for row in country.tables["membership"]}
    away = [
        row
        for row in country.tables["kinship"]
        if row["kind"] == "mother" and homes[row["person_id"]] != homes[row["kin_person_id"]]
    ]
    assert len(away) > 0.05 * SIZE
    for row in away:
        assert row["kin_name"] == " ".join(
            str(part)
            for name in ("family_name", "middle_name", "given_name")
            if (part := country.people[row["kin_person_id"]][name])
        )


def test_the_dead_have_two_times(country: Country) -> None:
    """A death has the day it happened and the later moment when the registry knew; some were known very late."""
    deaths = {row["person_id"]: row for row in country.tables["death"]}
    gone = {
        row["person_id"]: row
        for row in country.tables["person"]
        if row["status"] in {"deceased", "missing_declared"}
    }
    assert deaths.keys() == gone.keys()
    assert len(deaths) > 0.002 * SIZE
    delays = []
    for person_id, row in deaths.items():
        day, known = row["occurred_at"], row["recorded_at"]
        assert isinstance(day, date)
        assert isinstance(known, date)
        assert day == gone[person_id]["status_since"]
        assert day <= known <= AS_OF
        delays.append(known - day)
    assert any(delay > timedelta(days=60) for delay in delays)
    assert sum(delay <= timedelta(days=15) for delay in delays) > 0.85 * len(delays)


def test_the_dead_left_their_household_and_their_cover(country: Country) -> None:
    """Membership and residence end on the day of death, cards stop on it (Law 68/2020 Art. 24)."""
    dead = {row["person_id"]: row["occurred_at"] for row in country.tables["death"]}
    for row in country.tables["membership"]:
        assert row["until"] == country.people[row["person_id"]]["status_since"]
    for row in country.tables["health_insurance"]:
        day = dead.get(row["person_id"])
        if day is not None and row["valid_until"] >= day:  # type: ignore[operator]  # both are dates
            assert (row["state"], row["state_since"]) == ("stopped", day)
        elif row["person_id"] not in dead and country.people[row["person_id"]]["status"] == "active":
            assert (row["state"], row["state_since"]) == ("in_force", None)
    spouses = {row["person_id"] for row in country.tables["kinship"] if row["kind"] == "spouse"}
    assert not spouses & dead.keys()


def test_absences_and_stays_are_short_and_declared(country: Country) -> None:
    """A stay lasts at most thirty days (Art. 30); an absence is military duty or a year and more (Art. 31)."""
    for row in country.tables["stay"]:
        assert timedelta(0) < row["until"] - row["since"] < timedelta(days=30)  # type: ignore[operator]  # dates
    for row in country.tables["absence"]:
        length = row["until"] - row["since"]  # type: ignore[operator]  # both are dates
        assert length >= timedelta(days=365)
        assert row["category"] in {"duty", "long"}
        assert row["returned"] is None or row["returned"] < AS_OF  # type: ignore[operator]  # both are dates
    assert 0.01 * SIZE < len(country.tables["stay"]) < 0.03 * SIZE
    assert 0.001 * SIZE < len(country.tables["absence"]) < 0.006 * SIZE


def test_phone_numbers_and_addresses_reach_nobody(country: Country) -> None:
    """Phones begin with 000, which no subscriber has; mail goes to a name that never resolves (names.md 11)."""
    rows = country.tables["person_particulars"]
    phones = [str(row["phone"]) for row in rows if row["phone"] is not None]
    assert len(phones) > 0.4 * SIZE
    assert all(len(phone) == 10 and phone.startswith("000") for phone in phones)
    mails = [str(row["email"]) for row in rows if row["email"] is not None]
    assert all(mail.endswith("@example.vn.test") and mail.isascii() for mail in mails)
    for column in ("ethnic_group", "religion", "blood_group"):
        assert not any(row[column] for row in rows)

"""Families, residence and insurance of the synthetic people."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

from population_registry.domain import PartialDate, Relation
from population_registry.storage.reference import read_rows
from population_registry.synthesis import AS_OF
from tests.registry_synthesis.conftest import SIZE, Country, Record


def _born(row: Record) -> PartialDate:
    return PartialDate.parse(str(row["birth_date"]))


def _members(country: Country) -> dict[object, list[Record]]:
    found = defaultdict(list)
    for row in country.tables["membership"]:
        found[row["household_id"]].append(row)
    return found


def test_parents_are_at_least_fifteen_years_older(country: Country) -> None:
    """No child is born to a child, and no mother bears after 50."""
    for row in country.tables["kinship"]:
        if row["kind"] not in {"father", "mother"}:
            continue
        child, parent = _born(country.people[row["person_id"]]), _born(country.people[row["kin_person_id"]])
        assert child.latest().year - parent.year >= 15
        if row["kind"] == "mother":
            assert country.people[row["kin_person_id"]]["sex"] == "female"
            assert child.year - parent.year <= 50
        else:
            assert country.people[row["kin_person_id"]]["sex"] == "male"


def test_spouses_are_of_age_and_know_each_other(country: Country) -> None:
    """Wives at least 18, husbands at least 20 (Law on Marriage and Family Art. 8); marriage is mutual."""
    pairs = {(r["person_id"], r["kin_person_id"]) for r in country.tables["kinship"] if r["kind"] == "spouse"}
    assert pairs
    for one, other in pairs:
        assert (other, one) in pairs
        least = 18 if country.people[one]["sex"] == "female" else 20
        assert _born(country.people[one]).possibly_reached(least, AS_OF)
        assert country.people[one]["marital_status"] == "married"
        assert country.people[one]["sex"] != country.people[other]["sex"]


def test_parents_and_children_are_recorded_on_both_sides(country: Country) -> None:
    """Who has a father or mother is that person's child (Law on Identity Art. 9(15))."""
    kin = {(r["person_id"], r["kind"], r["kin_person_id"]) for r in country.tables["kinship"]}
    up = {(parent, child) for child, kind, parent in kin if kind in {"father", "mother"}}
    assert up == {(parent, child) for parent, kind, child in kin if kind == "child"}


def test_siblings_are_born_apart_and_named_apart(country: Country) -> None:
    """Children of one mother are at least nine months apart and never bear the same full name."""
    siblings = defaultdict(list)
    for row in country.tables["kinship"]:
        if row["kind"] == "mother":
            siblings[row["kin_person_id"]].append(country.people[row["person_id"]])
    for children in siblings.values():
        names = [(c["family_name"], c["middle_name"], c["given_name"]) for c in children]
        assert len(set(names)) == len(names)
        days = sorted(_born(c).latest() for c in children)
        assert all(later - earlier > timedelta(days=270) for earlier, later in pairwise(days))


def test_every_household_has_one_living_head(country: Country) -> None:
    """Exactly one head each, active, and at least 18."""
    for members in _members(country).values():
        heads = [row["person_id"] for row in members if row["relation"] == Relation.HEAD.value]
        assert len(heads) == 1
        assert country.people[heads[0]]["status"] == "active"
        assert _born(country.people[heads[0]]).possibly_reached(18, AS_OF)


def test_household_sizes_have_the_national_mean(country: Country) -> None:
    """Mean size 3.6; sizes 2 to 4 are about two thirds (names.md section 8)."""
    sizes = Counter(len(members) for members in _members(country).values())
    households = sum(sizes.values())
    assert 3.4 < SIZE / households < 3.9
    assert 0.6 < sum(sizes[n] for n in (2, 3, 4)) / households < 0.72


def test_every_membership_relation_is_one_of_the_form(country: Country) -> None:
    """Relations are those of the residence form (Circular 116/2026 Art. 6)."""
    assert {row["relation"] for row in country.tables["membership"]} <= {
        relation.value for relation in Relation
    }


def test_everybody_has_one_permanent_residence_and_a_temporary_one_elsewhere(country: Country) -> None:
    """At most one of each stands; a temporary place needs another home (Law 68/2020 Art. 27)."""
    for person_id, rows in country.of("residence").items():
        gone = country.people[person_id]["status_since"]
        standing = Counter(row["kind"] for row in rows if row["ended"] in {None, gone})
        assert standing["permanent"] == 1
        assert standing["temporary"] <= 1
        for row in rows:
            if row["kind"] == "temporary":
                since, until = row["since"], row["until"]
                assert isinstance(since, date)
                assert isinstance(until, date)
                assert timedelta(0) < until - since < timedelta(days=731)
    assert Counter(row["kind"] for row in country.tables["residence"])["temporary"] > 0.03 * SIZE


def test_ended_registrations_tell_why_and_when_it_was_known(country: Country) -> None:
    """Deletions keep ground and time (Law 68/2020 Art. 24, 29); nothing is known before it happened."""
    ended = [row for row in country.tables["residence"] if row["ended"] is not None]
    assert {row["end_reason"] for row in ended} == {"moved", "expired", "death"} | {
        "nationality_lost" for row in country.tables["person"] if row["status"] == "nationality_lost"
    }
    assert 0.08 * SIZE < len(ended) < 0.4 * SIZE
    for row in country.tables["residence"]:
        since, known, end, end_known = row["since"], row["recorded_at"], row["ended"], row["end_recorded_at"]
        assert isinstance(since, date)
        assert isinstance(known, date)
        assert since <= known
        assert (end is None) == (end_known is None) == (row["end_reason"] is None)
        if isinstance(end, date):
            assert isinstance(end_known, date)
            assert since < end <= end_known
            assert end <= AS_OF


def test_older_addresses_have_the_words_and_the_ward_of_their_day(country: Country) -> None:
    """Before 1 July 2025 an address had four parts; its ward is one that today's commune was made of."""
    became = {(row["old_ward_code"], row["new_code"]) for row in read_rows("commune_predecessors_2025.csv")}
    wards = {row["code"]: row for row in read_rows("wards_pre2025.csv")}
    older = [row for row in country.tables["residence"] if row["ward_as_issued"] is not None]
    for row in older:
        since = row["since"]
        assert isinstance(since, date)
        assert since < date(2025, 7, 1)
        assert (row["ward_as_issued"], row["commune_code"]) in became
        text = str(row["address_as_issued"])
        assert text.startswith(f"{row['address']}, {wards[str(row['ward_as_issued'])]['full_name_vi']}, ")
        assert text.rpartition(", ")[2].split()[0] in {"Tỉnh", "Thành"}
    assert len(older) > 0.7 * len(country.tables["residence"])
    young = [row for row in country.tables["residence"] if str(row["since"]) >= "2025-07-01"]
    assert not any(row["address_as_issued"] for row in young)


def test_references_are_whole(country: Country) -> None:
    """Loading skips the database's reference checks, so every reference is checked here."""
    people, communes = set(country.people), {row["code"] for row in read_rows("communes_2026.csv")}
    dwellings = {row["dwelling_id"]: row for row in country.tables["dwelling"]}
    households = {row["household_id"] for row in country.tables["household"]}
    for rows in country.tables.values():
        for row in rows:
            assert "person_id" not in row or row["person_id"] in people
            assert row.get("kin_person_id") is None or row["kin_person_id"] in people
            assert row.get("dwelling_id") is None or row["dwelling_id"] in dwellings
            assert "household_id" not in row or row["household_id"] in households
            assert "commune_code" not in row or row["commune_code"] in communes
            assert row.get("guardian_id") is None or row["guardian_id"] in people
            assert row.get("parent_id") is None or row["parent_id"] in people
    owned = {row["dwelling_id"] for row in country.tables["dwelling_owner"]}
    assert owned == set(dwellings)


def test_insurance_follows_age_and_covers_most(country: Country) -> None:
    """Children under six have TE cards with benefit 1; about nine in ten people are insured; gaps exist."""
    cards = country.of("health_insurance")
    in_force = 0
    for person_id, person in country.people.items():
        for card in cards[person_id]:
            young = not _born(person).certainly_reached(6, AS_OF)
            assert (card["group_code"] == "TE") == young
            assert card["benefit"] == int(str(card["card_code"])[2])
            assert str(card["card_code"])[5:] == person["social_insurance"]
            until = card["valid_until"]
            assert isinstance(until, date)
            in_force += until >= AS_OF and card["state"] == "in_force"
    assert 0.84 * SIZE < in_force < 0.96 * SIZE
    assert len({row["group_code"] for row in country.tables["health_insurance"]}) >= 10

"""The names of the synthetic people against the frequencies that they are drawn from."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from population_registry.storage.reference import DATA
from tests.registry_synthesis.conftest import Country, Record

NAMES: dict[str, Any] = json.loads((DATA / "names.json").read_text(encoding="utf-8"))
BANDS = ((0, 1959), (1960, 1979), (1980, 1989), (1990, 1999), (2000, 2009), (2010, 2026))


def _people(country: Country, sex: str, band: tuple[int, int]) -> list[Record]:
    return [
        row
        for row in country.tables["person"]
        if row["sex"] == sex
        and band[0] <= int(str(row["birth_date"])[:4]) <= band[1]
        and row["family_name"]
        and row["middle_name"]
    ]


@pytest.mark.parametrize("number", range(len(BANDS)))
def test_markers_of_sex_fade_with_the_birth_years(country: Country, number: int) -> None:
    """Thị and Văn are as frequent as in the table of names.md section 3, decade by decade."""
    rule = NAMES["era_rules"]["bands"][number]
    for sex, marker, share in (("female", "Thị", "p_thi_female"), ("male", "Văn", "p_van_male")):
        people = _people(country, sex, BANDS[number])
        found = sum(str(row["middle_name"]).split()[0] == marker for row in people) / len(people)
        assert abs(found - rule[share]) < 0.05, (sex, BANDS[number], found)


@pytest.mark.parametrize(("sex", "letter"), [("male", "m"), ("female", "f")])
@pytest.mark.parametrize("number", range(len(BANDS)))
def test_given_names_follow_sex_and_years(country: Country, sex: str, letter: str, number: int) -> None:
    """Each frequent given name is as frequent as its weight times its fashion in those years (section 3)."""
    rule = NAMES["era_rules"]["bands"][number]
    factor = {"old": rule["old"], "young": rule["young"], "any": 1.0}
    weights = {each["name"]: each["weight"] * factor[each["era"]] for each in NAMES["given_names"][letter]}
    people = _people(country, sex, BANDS[number])
    found, whole = Counter(str(row["given_name"]) for row in people), sum(weights.values())
    assert set(found) <= set(weights)
    for name in sorted(weights, key=lambda name: -weights[name])[:15]:
        expected = weights[name] / whole
        assert (
            abs(found[name] / len(people) - expected) < 0.3 * expected + 4 * (expected / len(people)) ** 0.5
        )


def test_family_names_follow_the_nation_and_the_region(country: Country) -> None:
    """Nguyễn 38 %, Trần 12, Lê 9.5; Hoàng and Vũ live in the north, Huỳnh and Võ in the south (section 2)."""
    named = [row for row in country.tables["person"] if row["family_name"]]
    found = Counter(str(row["family_name"]) for row in named)
    for each in NAMES["family_names"][:4]:
        assert abs(found[each["name"]] / len(named) - each["weight"] / 100) < 0.025
    north, south = Counter[str](), Counter[str]()
    for row in named:
        if row["birth_registered_at"] in {"097", "098"}:
            (north if row["birth_registered_at"] == "097" else south)[str(row["family_name"])] += 1
    assert north["Hoàng"] > 2 * south["Hoàng"]
    assert north["Vũ"] > 1.5 * south["Vũ"]
    assert south["Huỳnh"] > 3 * north["Huỳnh"]
    assert south["Võ"] > 2 * north["Võ"]


def test_children_bear_their_fathers_family_name(country: Country) -> None:
    """97 of 100 where both parents are known (names.md section 1); wives keep their own."""
    fathers = [row for row in country.tables["kinship"] if row["kind"] == "father"]
    same = sum(
        country.people[row["person_id"]]["family_name"] == country.people[row["kin_person_id"]]["family_name"]
        for row in fathers
    )
    assert 0.95 < same / len(fathers) < 0.995

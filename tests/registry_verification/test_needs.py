"""What a question loads is a table; what its judgement looks at is code. Here the two are held together."""

from __future__ import annotations

from datetime import date
from types import FunctionType
from typing import Any

import pytest

from population_registry.domain import Part, PersonFacts, RegistryFacts
from population_registry.matching import Successors
from population_registry.verification.claims import CLAIMS, Scene
from population_registry.verification.fields import FIELDS
from population_registry.verification.needs import CLAIM_PARTS, FIELD_PARTS, parts_of
from tests.registry_verification.people import AN, BINH, CHI, DWELLINGS, HOUSEHOLDS, PEOPLE, TODAY

OF_A_PERSON = {
    "former_numbers": Part.FORMER_NUMBERS,
    "documents": Part.DOCUMENTS,
    "residences": Part.RESIDENCES,
    "memberships": Part.HOMES,
    "kin": Part.KIN,
    "insurances": Part.INSURANCE,
}
OF_ALL = {"households": Part.HOMES, "dwellings": Part.HOMES}
ASKED: dict[str, list[Any]] = {
    "name": ["Nguyễn Thị An", "Trần Văn Bình", "Nguyen Thi An", "An Nguyễn Thị"],
    "birth_date": ["1990-05-17", "1990", "2000-01-01"],
    "sex": ["female", "male"],
    "alive": [True, False],
    "adult": [True, False],
    "nationality_vn": [True, False],
    "old_number": ["012345678", "099190000101"],
    "permanent_commune": ["00004", "99999"],
    "temporary_commune": ["00004", "99999"],
    "outside_commune": ["00004", "99999"],
    "dwelling_owner": [{"dwelling": "7"}, {"dwelling": "7", "number": BINH, "name": "Trần Văn Bình"}],
    "household_members": [[AN, CHI], [BINH]],
    "head_of_household": [True, False],
    "child_of": [{"number": AN}, {"number": CHI}],
    "parent_of": [{"number": AN}, {"number": CHI}],
    "health_insurance": [{"on": "2026-10-31"}, {"on": "2026-11-01", "members": [AN, CHI]}],
    "social_insurance_number": ["0123456789"],
    "card": [{"issued": "2022-05-20"}, {"expires": "never"}],
}


class Watched:
    """Stands for facts and notes which parts of them were looked at, by the rules or by the facts' own methods."""

    def __init__(self, real: PersonFacts | RegistryFacts, parts: dict[str, Part], seen: list[Part]) -> None:
        self._real, self._parts, self._seen = real, parts, seen

    def __getattr__(self, name: str) -> Any:
        if name in self._parts:
            self._seen.append(self._parts[name])
        of_class = type(self._real).__dict__.get(name)
        if isinstance(of_class, FunctionType):
            return of_class.__get__(self)
        if isinstance(of_class, property) and of_class.fget is not None:
            return of_class.fget(self)
        return getattr(self._real, name)


def watched() -> tuple[Any, list[Part]]:
    """All the people of these tests, and the list of what will have been looked at."""
    seen: list[Part] = []
    people = {number: Watched(each, OF_A_PERSON, seen) for number, each in PEOPLE.items()}
    facts = RegistryFacts((AN,), people, HOUSEHOLDS, DWELLINGS)  # type: ignore[arg-type]  # stand-ins of people
    return Watched(facts, OF_ALL, seen), seen


@pytest.mark.parametrize("claim", sorted(CLAIM_PARTS))
def test_a_claim_is_judged_on_the_parts_that_it_names(claim: str) -> None:
    """No rule looks at a part that its question does not load: it would judge an empty list."""
    for value in ASKED[claim]:
        for number in PEOPLE:
            facts, seen = watched()
            scene = Scene(facts, facts.get(number), TODAY, Successors(), details=True)
            CLAIMS[claim].judge(CLAIMS[claim].value(value), scene)
            assert not set(seen) - {part for part in Part if part in CLAIM_PARTS[claim]}


@pytest.mark.parametrize("field", sorted(FIELD_PARTS))
def test_a_field_is_read_from_the_parts_that_it_names(field: str) -> None:
    """The same for what a release gives out."""
    for number in PEOPLE:
        facts, seen = watched()
        FIELDS[field](facts.get(number), facts, date(2026, 11, 21))
        assert not set(seen) - {part for part in Part if part in FIELD_PARTS[field]}


def test_what_the_table_does_not_know_gets_everything() -> None:
    """A claim that was just invented is slow, never wrong."""
    assert parts_of(["name", "invented"], CLAIM_PARTS) == Part.EVERYTHING
    assert parts_of(["name", "birth_date"], CLAIM_PARTS) == Part.NONE
    assert parts_of(["permanent_commune", "old_number"], CLAIM_PARTS) == Part.RESIDENCES | Part.FORMER_NUMBERS

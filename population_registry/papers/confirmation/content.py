"""What a CT07 lists: identity, places, household; nothing else of the record, and of other members no number.

Law on Residence 68/2020 Art. 17(2), form CT07 of Circular 116/2026. Ethnic group and religion, which the printed
form has lines for, are sensitive and off in this registry.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import orjson

from population_registry.domain import PersonFacts, RegistryFacts, ResidenceKind
from population_registry.verification.fields import HOUSEHOLD, household_of, housemates

LISTED_FIELDS: Final = (
    "number", "name", "birth_date", "sex", "nationality",
    "permanent_address", "temporary_address", "current_address", HOUSEHOLD,
)  # a table, read by rows  # fmt: skip
"""The catalogue's names of what a CT07 gives out; a procedure must release all of them to issue one."""

Communes = Mapping[str, str]
"""Names of communes with their province, by code."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The listed data of one person on one day, as JSON values by set; None where the record has nothing."""

    sets: Mapping[str, object]

    @property
    def has_a_place(self) -> bool:
        """Whether the record names any place; without one there is nothing to confirm."""
        return any(self.sets[name] is not None for name in ("permanent", "temporary", "current"))

    def texts(self) -> dict[str, str]:
        """Each set as the text that its keyed hash is taken over."""
        return {name: f"{name}|{_canonical(value)}" for name, value in self.sets.items()}

    def digest(self) -> str:
        """SHA-256, hexadecimal, over all sets as JSON with sorted members and no spaces."""
        return hashlib.sha256(_canonical(self.sets).encode()).hexdigest()


def listed(facts: RegistryFacts, today: date, communes: Communes) -> Listed:
    """The listed data of the subject, who must be there (`facts.subject`), on that day."""
    person = facts.subject
    assert person is not None
    return Listed(
        {
            "identity": _identity(person),
            "permanent": _place(person, ResidenceKind.PERMANENT, today, communes),
            "temporary": _place(person, ResidenceKind.TEMPORARY, today, communes),
            "current": _place(person, ResidenceKind.CURRENT, today, communes),
            "household": _household(facts, person),
        }
    )


def _identity(person: PersonFacts) -> dict[str, object]:
    who = person.person
    return {
        "number": str(who.number),
        "name": who.name.full,
        "birth_date": str(who.birth),
        "sex": who.sex.value,
        "nationality": who.nationality,
    }


def _place(person: PersonFacts, kind: ResidenceKind, day: date, communes: Communes) -> object:
    found = person.residence(kind, day)
    if found is None:
        return None
    return {
        "address": found.address.text,
        "commune_code": found.address.commune_code,
        "commune": communes.get(found.address.commune_code, found.address.commune_code),
        "since": found.since.isoformat(),
        "until": None if found.until is None else found.until.isoformat(),
    }


def _household(facts: RegistryFacts, person: PersonFacts) -> object:
    household = household_of(facts)
    if household is None:
        return None
    members = housemates(facts)
    head = next((each for each, _ in members if each.person.person_id == household.head_id), None)
    own = household.relation_of(person.person.person_id)
    return {
        "file_number": household.file_number,
        "kind": household.kind.value,
        "head": None if head is None else head.person.name.full,
        "relation_to_head": None if own is None else own.value,
        "members": [
            {
                "name": each.person.name.full,
                "birth_date": str(each.person.birth),
                "sex": each.person.sex.value,
                "relation": relation.value,
            }
            for each, relation in members
            if each.person.person_id != person.person.person_id
        ],
    }


def _canonical(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

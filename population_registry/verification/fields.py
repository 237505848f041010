"""The fields that a release may name, and how each is read from a person's record."""

from collections.abc import Callable, Mapping
from datetime import date

from population_registry.domain import (
    FormerNumberKind,
    Household,
    PersonFacts,
    PersonStatus,
    RegistryFacts,
    Relation,
    ResidenceKind,
)

HOUSEHOLD = "household"
"""The field that names other people; each of them finds the release in their own access log."""


def _address(kind: ResidenceKind) -> Callable[[PersonFacts, RegistryFacts, date], object]:
    def read(person: PersonFacts, _facts: RegistryFacts, day: date) -> object:
        residence = person.residence(kind, day)
        if residence is None:
            return None
        return {
            "text": residence.address.text,
            "commune_code": residence.address.commune_code,
            "dwelling": None if residence.dwelling_id is None else str(residence.dwelling_id),
            "since": residence.since.isoformat(),
            "until": None if residence.until is None else residence.until.isoformat(),
        }

    return read


def _name(person: PersonFacts, _facts: RegistryFacts, _day: date) -> object:
    name = person.person.name
    return {"full": name.full, "family": name.family, "middle": name.middle, "given": name.given}


def _former(kind: FormerNumberKind) -> Callable[[PersonFacts, RegistryFacts, date], object]:
    return lambda person, _facts, _day: [n.value for n in person.former_numbers if n.kind is kind]


def _card(person: PersonFacts, _facts: RegistryFacts, day: date) -> object:
    card = person.usable_document(day)
    if card is None:
        return None
    expires = None if card.expires is None else card.expires.isoformat()
    return {"kind": card.kind.value, "issued": card.issued.isoformat(), "expires": expires}


def household_of(facts: RegistryFacts) -> Household | None:
    """The subject's household: registered permanently together, else temporarily (Law 25/2008 Art. 2(7))."""
    if facts.subject is None:
        return None
    person_id = facts.subject.person.person_id
    return facts.household_of(person_id, ResidenceKind.PERMANENT) or facts.household_of(
        person_id, ResidenceKind.TEMPORARY
    )


def housemates(facts: RegistryFacts) -> tuple[tuple[PersonFacts, Relation], ...]:
    """The living members of the subject's household that were loaded, with the subject, the head first."""
    household = household_of(facts)
    if household is None:
        return ()
    found = {each.person.person_id: each for each in facts.people.values()}
    living = [
        (found[member.person_id], member.relation)
        for member in household.members
        if member.person_id in found and found[member.person_id].person.status is not PersonStatus.DECEASED
    ]
    return tuple(sorted(living, key=lambda each: each[1] is not Relation.HEAD))


def _household(_person: PersonFacts, facts: RegistryFacts, day: date) -> object:
    """What form 4 of Decree 188/2025 asks of each member; nothing more of people who are not present."""
    return [
        {
            "number": str(member.person.number),
            "name": _name(member, facts, day),
            "birth_date": str(member.person.birth),
            "relation": relation.value,
        }
        for member, relation in housemates(facts)
    ]


def _insurance(person: PersonFacts, _facts: RegistryFacts, day: date) -> object:
    cover = person.insurance(day)
    if cover is None:
        return None
    return {
        "card_code": cover.card_code,
        "valid_from": cover.valid_from.isoformat(),
        "valid_until": cover.valid_until.isoformat(),
        "facility": cover.facility,
    }


FIELDS: Mapping[str, Callable[[PersonFacts, RegistryFacts, date], object]] = {
    "number": lambda person, _facts, _day: str(person.person.number),
    "name": _name,
    "birth_date": lambda person, _facts, _day: str(person.person.birth),
    "sex": lambda person, _facts, _day: person.person.sex.value,
    "nationality": lambda person, _facts, _day: person.person.nationality,
    "status": lambda person, _facts, _day: person.person.status.value,
    "alive": lambda person, _facts, _day: person.person.status is not PersonStatus.DECEASED,
    "old_numbers": _former(FormerNumberKind.CMND),
    "cancelled_numbers": _former(FormerNumberKind.CANCELLED),
    "marital_status": lambda person, _facts, _day: person.person.marital_status.value,
    "card": _card,
    "permanent_address": _address(ResidenceKind.PERMANENT),
    "temporary_address": _address(ResidenceKind.TEMPORARY),
    "current_address": _address(ResidenceKind.CURRENT),
    HOUSEHOLD: _household,
    "head_of_household": lambda person, facts, _day: facts.is_head(person.person.person_id),
    "social_insurance_number": lambda person, _facts, _day: person.person.social_insurance,
    "health_insurance": _insurance,
}
"""Every field that can be released, by name; no sensitive one (ethnic group, religion, biometrics)."""

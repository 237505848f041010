"""Everything that judging one verification needs, loaded at once and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntFlag, StrEnum

from population_registry.domain.documents import Document
from population_registry.domain.households import Household, Membership, Relation
from population_registry.domain.insurance import HealthInsurance
from population_registry.domain.kinship import Kin, KinKind
from population_registry.domain.past import NO_PAST, PersonPast
from population_registry.domain.persons import FormerNumber, Person
from population_registry.domain.residence import Dwelling, Residence, ResidenceKind


class FoundBy(StrEnum):
    """Which of a person's numbers was asked with."""

    CURRENT = "current"
    CANCELLED = "cancelled"
    CMND = "cmnd"


class Part(IntFlag):
    """The parts of a record beside the person itself; a question loads only those that its claims are judged by.

    Which parts those are follows from the question alone, never from what is recorded.
    """

    NONE = 0
    FORMER_NUMBERS = 1
    DOCUMENTS = 2
    RESIDENCES = 4
    HOMES = 8
    """Memberships, households with their members, dwellings with their owners."""
    KIN = 16
    INSURANCE = 32
    EVERYTHING = 63


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One person with everything recorded about them; closed periods included, the newest first."""

    person: Person
    found_by: FoundBy
    former_numbers: tuple[FormerNumber, ...] = ()
    documents: tuple[Document, ...] = ()
    residences: tuple[Residence, ...] = ()
    memberships: tuple[Membership, ...] = ()
    kin: tuple[Kin, ...] = ()
    insurances: tuple[HealthInsurance, ...] = ()

    def residence(self, kind: ResidenceKind, day: date) -> Residence | None:
        """The registration of that kind in force on that day."""
        return next((r for r in self.residences if r.kind is kind and r.in_force(day)), None)

    def usable_document(self, day: date) -> Document | None:
        """The newest card that proves identity on that day."""
        return next((d for d in self.documents if d.usable_on(day)), None)

    def insurance(self, day: date) -> HealthInsurance | None:
        """The health insurance in force on that day."""
        return next((i for i in self.insurances if i.in_force(day)), None)

    def kin_ids(self, *kinds: KinKind) -> frozenset[int]:
        """Person ids of the kin of these kinds."""
        return frozenset(k.person_id for k in self.kin if k.kind in kinds and k.person_id is not None)


@dataclass(frozen=True, slots=True)
class RegistryFacts:
    """What the registry knows about the numbers asked, in the order asked; the first is the subject.

    `households` holds the households of everybody found with all their members; `dwellings` the dwellings
    where they are registered and those they own; `tried` the marks of values that the caller tried already, by key;
    `past`, by person id, is loaded only for questions that need it.
    """

    asked: tuple[str, ...]
    people: Mapping[str, PersonFacts]
    households: Mapping[int, Household]
    dwellings: Mapping[int, Dwelling]
    tried: Mapping[bytes, frozenset[str]] = field(default_factory=dict)
    past: Mapping[int, PersonPast] = field(default_factory=dict)

    def past_of(self, person: PersonFacts) -> PersonPast:
        """What is known of that person's past; empty where nothing was loaded."""
        return self.past.get(person.person.person_id, NO_PAST)

    @property
    def subject(self) -> PersonFacts | None:
        """The first person asked for; None when the number is nobody's."""
        return self.people.get(self.asked[0]) if self.asked else None

    def get(self, number: str) -> PersonFacts | None:
        """The person asked for by that number (normalised); None when the number is nobody's."""
        return self.people.get(number)

    def household_of(self, person_id: int, kind: ResidenceKind) -> Household | None:
        """The household of that kind the person belongs to."""
        return next(
            (h for h in self.households.values() if h.kind is kind and h.relation_of(person_id) is not None),
            None,
        )

    def is_head(self, person_id: int) -> bool:
        """Whether the person heads any of the households loaded."""
        return any(h.relation_of(person_id) is Relation.HEAD for h in self.households.values())

    def owns(self, person_id: int, dwelling_id: int) -> bool:
        """Whether the person owns that dwelling, alone or with others."""
        dwelling = self.dwellings.get(dwelling_id)
        return dwelling is not None and person_id in dwelling.owner_ids

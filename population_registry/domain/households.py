"""Households and how members stand to the head (Law on Residence Art. 10, Circular 116/2026 Art. 6)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from population_registry.domain.residence import ResidenceKind


class Relation(StrEnum):
    """Relation to the head of household (`quan hệ với chủ hộ`)."""

    HEAD = "head"
    SPOUSE_WIFE = "spouse_wife"
    SPOUSE_HUSBAND = "spouse_husband"
    PARENT = "parent"
    ADOPTIVE_PARENT = "adoptive_parent"
    CHILD = "child"
    ADOPTED_CHILD = "adopted_child"
    GRANDPARENT = "grandparent"
    GREAT_GRANDPARENT = "great_grandparent"
    SIBLING = "sibling"
    GRANDCHILD = "grandchild"
    GREAT_GRANDCHILD = "great_grandchild"
    UNCLE_AUNT = "uncle_aunt"
    GUARDIAN = "guardian"
    WARD = "ward"
    LODGER_FREE = "lodger_free"
    BORROWER = "borrower"
    TENANT = "tenant"
    CO_LODGER = "co_lodger"
    CO_BORROWER = "co_borrower"
    CO_TENANT = "co_tenant"


@dataclass(frozen=True, slots=True)
class Membership:
    """One person in one household; `until` is None while it lasts."""

    household_id: int
    person_id: int
    relation: Relation
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Household:
    """People registered together at one lawful dwelling, permanently or temporarily.

    `file_number` is the residence file number (`số hồ sơ cư trú`). `members` holds those of today, with the
    head.
    """

    household_id: int
    file_number: str
    kind: ResidenceKind
    dwelling_id: int
    members: tuple[Membership, ...]

    @property
    def head_id(self) -> int | None:
        """The person id of the head (`chủ hộ`); None only for a household that just lost its head."""
        return next((m.person_id for m in self.members if m.relation is Relation.HEAD), None)

    def relation_of(self, person_id: int) -> Relation | None:
        """How that person stands to the head; None when not a member."""
        return next((m.relation for m in self.members if m.person_id == person_id), None)

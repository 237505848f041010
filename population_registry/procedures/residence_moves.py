"""The changes that every move is made of: what somebody leaves, and where they are registered instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from population_registry.domain import (
    Address,
    EndReason,
    PersonFacts,
    Relation,
    Residence,
    ResidenceKind,
    Tenure,
)
from population_registry.dossiers import Case, Check, CheckFlag, Reason, open_check
from population_registry.dossiers.changes import (
    Change,
    EndResidence,
    FoundHousehold,
    JoinHousehold,
    LeaveHousehold,
    Reference,
    RegisterResidence,
)
from population_registry.procedures.residence_places import NEW_HOUSEHOLD


def standing_residence(person: PersonFacts, kind: ResidenceKind) -> Residence | None:
    """The registration of that kind that was not deleted, whether or not its term has run out."""
    return next((each for each in person.residences if each.kind is kind and each.ended is None), None)


def leave(case: Case, person: PersonFacts, kind: ResidenceKind, on: date, reason: EndReason) -> list[Change]:
    """The person's registration of that kind ends, and so does the membership of a household of that kind."""
    person_id = person.person.person_id
    changes: list[Change] = []
    if standing_residence(person, kind) is not None:
        changes.append(EndResidence(person_id, kind, on, reason))
    for membership in person.memberships:
        household = case.facts.households.get(membership.household_id)
        if membership.until is None and household is not None and household.kind is kind:
            changes.append(LeaveHousehold(person_id, membership.household_id, on, reason))
    return changes


def head_leaves(case: Case, movers: Sequence[PersonFacts]) -> Check:
    """Whoever leaves as head while others stay leaves a household without a head: the officer settles who follows."""
    ids = {each.person.person_id for each in movers}
    for household in case.facts.households.values():
        members = {each.person_id for each in household.members}
        if household.kind is ResidenceKind.PERMANENT and household.head_id in ids and members - ids:
            return open_check("old_household", "head_leaves_others")
    return Check("old_household", CheckFlag.PASS)


@dataclass(frozen=True, slots=True)
class Entry:
    """Where people are registered: household None means that they found one there, the first of them its head."""

    kind: ResidenceKind
    address: Address
    dwelling: Reference
    household: int | None
    tenure: Tenure
    since: date
    until: date | None


def enter(people: Sequence[tuple[PersonFacts, Relation]], entry: Entry, commune: str) -> list[Change]:
    """Each of them is registered at the dwelling and becomes a member of its household."""
    changes: list[Change] = []
    household: Reference = NEW_HOUSEHOLD if entry.household is None else entry.household
    if entry.household is None:
        first = people[0][0].person.person_id
        changes.append(FoundHousehold(NEW_HOUSEHOLD, first, entry.kind, entry.dwelling, commune))
    for place, (person, relation) in enumerate(people):
        person_id = person.person.person_id
        stands = Relation.HEAD if entry.household is None and place == 0 else relation
        changes += [
            RegisterResidence(
                person_id,
                entry.kind,
                entry.address,
                entry.dwelling,
                entry.tenure,
                entry.since,
                entry.until,
                Reason.REGISTERED,
            ),
            JoinHousehold(person_id, household, stands, entry.since, Reason.REGISTERED),
        ]
    return changes

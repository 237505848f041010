"""Near kin by the registry: who may speak for the dead, who heads a household next, how members stand to a new head.

Sources: Law on Identity Art. 9(15) (kin in the record), Law on Civil Status 60/2014 Art. 33 (who registers a death),
Law on Residence 68/2020 Art. 10 (the head is chosen by the members; here the nearest adult where nobody was named).
"""

from typing import Final

from population_registry.domain import Household, KinKind, PersonFacts, PersonStatus, Relation, Sex
from population_registry.dossiers import Case
from population_registry.procedures.residence_people import is_adult

_NEAR: Final = (
    KinKind.FATHER,
    KinKind.MOTHER,
    KinKind.SPOUSE,
    KinKind.CHILD,
    KinKind.GUARDIAN,
    KinKind.WARD,
)
_PARENTS: Final = (KinKind.FATHER, KinKind.MOTHER)
R = Relation
_ORDER: Final = (
    *(R.SPOUSE_WIFE, R.SPOUSE_HUSBAND),
    *(R.CHILD, R.ADOPTED_CHILD, R.PARENT, R.ADOPTIVE_PARENT, R.SIBLING),
    *(R.GRANDPARENT, R.GRANDCHILD, R.UNCLE_AUNT, R.GUARDIAN),
)
"""Who comes after a head who died, nearest first; lodgers and tenants last."""
_NO_KIN: Final = frozenset({R.TENANT, R.LODGER_FREE, R.BORROWER, R.CO_TENANT, R.CO_LODGER, R.CO_BORROWER})
"""Who lives there without kinship stays what they are, whoever is head."""


def is_near_kin(one: PersonFacts, other: PersonFacts, case: Case) -> bool:
    """Parent, spouse, child, guardian, ward, brother or sister of each other, as either record says."""
    if other.person.person_id in one.kin_ids(*_NEAR) or one.person.person_id in other.kin_ids(*_NEAR):
        return True
    if one.kin_ids(*_PARENTS) & other.kin_ids(*_PARENTS):
        return True
    # A grandchild: a child of somebody's child, as far as the records at hand reach.
    between = [case.by_id(each) for each in other.kin_ids(KinKind.CHILD)]
    return any(one.person.person_id in each.kin_ids(KinKind.CHILD) for each in between if each is not None)


def successor(case: Case, household: Household, gone: int) -> PersonFacts | None:
    """The adult member nearest to a head who is gone, the oldest of equals; None when no adult is left."""
    members = [
        (member.relation, person)
        for member in household.members
        if member.person_id != gone
        and (person := case.by_id(member.person_id)) is not None
        and person.person.status is PersonStatus.ACTIVE
        and is_adult(person, case)
    ]
    rank = {relation: place for place, relation in enumerate(_ORDER)}
    ordered = sorted(
        members,
        key=lambda each: (
            rank.get(each[0], len(_ORDER)),
            each[1].person.birth.earliest(),
            each[1].person.person_id,
        ),
    )
    return ordered[0][1] if ordered else None


def relation_between(case: Case, member: PersonFacts, head: PersonFacts, before: Relation) -> Relation:
    """How a member stands to a new head: by kinship; in-laws and other non-kin lodge (`ở nhờ`)."""
    mine, theirs = member.person.person_id, head.person.person_id
    spouse = R.SPOUSE_HUSBAND if member.person.sex is Sex.MALE else R.SPOUSE_WIFE
    ties = (
        (spouse, mine in head.kin_ids(KinKind.SPOUSE) or theirs in member.kin_ids(KinKind.SPOUSE)),
        (R.CHILD, theirs in member.kin_ids(*_PARENTS) or mine in head.kin_ids(KinKind.CHILD)),
        (R.PARENT, mine in head.kin_ids(*_PARENTS) or theirs in member.kin_ids(KinKind.CHILD)),
        (R.SIBLING, bool(member.kin_ids(*_PARENTS) & head.kin_ids(*_PARENTS))),
        (R.GRANDCHILD, _grandchild(case, member, head)),
        (R.GRANDPARENT, _grandchild(case, head, member)),
    )
    stranger = before if before in _NO_KIN else R.LODGER_FREE
    return next((relation for relation, holds in ties if holds), stranger)


def _grandchild(case: Case, young: PersonFacts, old: PersonFacts) -> bool:
    """Whether a parent of the one is a child of the other."""
    parents = [case.by_id(each) for each in young.kin_ids(*_PARENTS)]
    return any(
        old.person.person_id in parent.kin_ids(*_PARENTS)
        or parent.person.person_id in old.kin_ids(KinKind.CHILD)
        for parent in parents
        if parent is not None
    )

"""Kin as recorded with each person, the guardians of those who need one, custody after a divorce."""

import numpy as np

from population_registry.domain import (
    AppointedBy,
    Capacity,
    CustodyBasis,
    GuardianshipBasis,
    KinKind,
    MaritalStatus,
    Relation,
)
from population_registry.synthesis.codes import FEMALE, marital, relation
from population_registry.synthesis.days import ISO, MORNING, NONE, NULL, YEAR, birthdays
from population_registry.synthesis.draws import Draws, Ints, ranks, take
from population_registry.synthesis.families import GRANDPARENTS, ONE_PARENT, Families
from population_registry.synthesis.people import ACTIVE, People

_KINDS = [KinKind.FATHER, KinKind.MOTHER, KinKind.SPOUSE, KinKind.CHILD, KinKind.GUARDIAN, KinKind.WARD]
_FATHER, _MOTHER, _SPOUSE, _CHILD, _GUARDIAN, _WARD = range(6)
_BASES = [GuardianshipBasis.MINOR.value, GuardianshipBasis.INCAPACITY.value]
_BASES += [GuardianshipBasis.LIMITED_COGNITION.value]
_APPOINTED = [AppointedBy.LAW.value, AppointedBy.COMMUNE.value, AppointedBy.COURT.value]
_MINOR, _INCAPABLE, _LIMITED = range(3)
_CAPACITY = [Capacity.FULL.value, Capacity.NONE.value, Capacity.LIMITED_COGNITION.value]
_CUSTODY = [CustodyBasis.COURT.value, CustodyBasis.AGREEMENT.value]
_ADULT, _VERY_OLD = 18, 80
_WITHOUT_CAPACITY, _OLD_WITHOUT_CAPACITY, _LIMITED_SHARE = 0.006, 0.02, 0.3
_BY_COMMUNE = 0.2
_BY_COURT = 0.85


class Care:
    """Wards and guardians of a block: three arrays of places, and what kind of guardianship."""

    def __init__(self, draws: Draws, folk: Families, people: People, as_of: int) -> None:
        count = len(folk.home)
        active = people.status == ACTIVE
        orphans = (folk.template[folk.home] == GRANDPARENTS) & (
            folk.relation == relation(Relation.GRANDCHILD)
        )
        orphans &= folk.age < _ADULT
        chance, kind = draws.uniform(count), draws.chance(count, _LIMITED_SHARE)
        unmarried = (folk.relation == relation(Relation.CHILD)) & (folk.spouse < 0) & (folk.age >= _ADULT)
        parent = np.where((folk.mother >= 0) & active[folk.mother], folk.mother, folk.father)
        at_home = (parent >= 0) & (folk.home[parent] == folk.home)
        grown = unmarried & at_home & active[parent] & (chance < _WITHOUT_CAPACITY)
        child = np.full(count, -1)
        has_mother = np.flatnonzero((folk.mother >= 0) & (folk.age >= _ADULT) & active)
        child[folk.mother[has_mother]] = has_mother
        old = (folk.age >= _VERY_OLD) & (folk.spouse < 0) & (child >= 0) & (chance < _OLD_WITHOUT_CAPACITY)
        old &= folk.relation != relation(Relation.HEAD)
        head = folk.start + (folk.spouse[folk.start] >= 0)
        wards = np.flatnonzero((orphans | grown | old) & active)
        guardian = np.where(orphans, head[folk.home], np.where(old, child, parent))[wards]
        basis = np.where(orphans, _MINOR, np.where(kind, _LIMITED, _INCAPABLE))[wards]
        minor = basis == _MINOR
        begins = np.where(minor, people.born[wards] + 200, birthdays(people.born[wards], _ADULT))
        begins = np.where(old[wards], birthdays(people.born[wards], _VERY_OLD), begins)
        self.since = begins + draws.between(len(wards), 0, np.maximum(0, as_of - 10 - begins))
        self.ward, self.guardian, self.basis = wards, guardian, basis
        # Grandparents and parents are guardians by law; for others the commune chooses or a court names one.
        commune = draws.chance(len(wards), _BY_COMMUNE)
        self.appointed = np.where(basis == _LIMITED, 2, np.where(minor & commune, 1, 0))
        self.capacity = np.zeros(count, dtype=np.int64)
        self.capacity[wards] = np.where(minor, 0, basis)

    def rows(self, ids: list[str], fulls: list[str]) -> list[list[str]]:
        """The columns of the guardianships."""
        return [
            take(ids, self.ward),
            ["1"] * len(self.ward),
            take(ids, self.guardian),
            take(fulls, self.guardian),
            take(_BASES, self.basis),
            take(_APPOINTED, self.appointed),
            take(ISO, self.since),
            [NULL] * len(self.ward),
            take(MORNING, self.since + 1),
        ]

    def capacities(self) -> list[str]:
        """Everybody's civil capacity."""
        return take(_CAPACITY, self.capacity)


def kinship_rows(
    draws: Draws, folk: Families, people: People, care: Care, ids: list[str], as_of: int
) -> list[list[str]]:
    """The columns of kin: parents, spouses, children and guardians, on both sides."""
    with_father, with_mother = np.flatnonzero(folk.father >= 0), np.flatnonzero(folk.mother >= 0)
    spouses = np.flatnonzero(folk.spouse >= 0)
    pairs = [
        (with_father, folk.father[with_father], _FATHER),
        (with_mother, folk.mother[with_mother], _MOTHER),
        (spouses, folk.spouse[spouses], _SPOUSE),
        (folk.father[with_father], with_father, _CHILD),
        (folk.mother[with_mother], with_mother, _CHILD),
        (care.ward, care.guardian, _GUARDIAN),
        (care.guardian, care.ward, _WARD),
    ]
    person = np.concatenate([whose for whose, _, _ in pairs])
    kin = np.concatenate([other for _, other, _ in pairs])
    kind = np.concatenate([np.full(len(whose), number) for whose, _, number in pairs])
    order = np.lexsort((kin, kind, person))
    person, kin, kind = person[order], kin[order], kind[order]
    since = np.where(kind == _SPOUSE, _weddings(draws, folk, people, as_of)[person], NONE)
    return [
        take(ids, person),
        list(map(str, (ranks(person) + 1).tolist())),
        take(_KINDS, kind),
        take(ids, kin),
        take(people.fulls, kin),
        take(ISO, since),
    ]


def _weddings(draws: Draws, folk: Families, people: People, as_of: int) -> Ints:
    """The day on which each married person married: both of age (Law 52/2014 Art. 8), before the first child."""
    count = len(folk.home)
    spouse = np.where(folk.spouse >= 0, folk.spouse, np.arange(count))
    legal = birthdays(people.born, np.where(folk.sex == FEMALE, 18, 20))
    earliest = np.maximum(legal, legal[spouse])
    first = np.full(count, as_of)
    children = np.flatnonzero(folk.mother >= 0)
    np.minimum.at(first, folk.mother[children], people.born[children])
    first = np.minimum(first, first[spouse])
    latest = np.maximum(earliest, first - 250)
    wife = np.where(folk.sex == FEMALE, np.arange(count), spouse)
    chance = draws.uniform(count)[wife]
    before = (np.minimum(latest - earliest, 1500) * chance).astype(np.int64)
    weddings: Ints = np.maximum(latest - before, earliest)
    return weddings


def custody_rows(draws: Draws, folk: Families, people: People, ids: list[str], as_of: int) -> list[list[str]]:
    """The columns of custody: children under 18 of divorced parents, with the parent they live with."""
    head = folk.start[folk.home]
    divorced = (folk.template[folk.home] == ONE_PARENT) & (
        folk.marital[head] == marital(MaritalStatus.DIVORCED)
    )
    child = np.flatnonzero(divorced & (folk.relation == relation(Relation.CHILD)) & (folk.age < _ADULT))
    homes = len(folk.start)
    youngest = people.born[folk.start + folk.size - 1]
    parted = youngest + 200 + draws.between(homes, 0, np.maximum(0, as_of - 30 - youngest - 200))
    since = np.minimum(parted[folk.home[child]], as_of)
    agreed, case = ~draws.chance(homes, _BY_COURT), draws.between(homes, 1, 480)
    decision = [
        f"{number}/{year}/QĐST-HNGĐ" if by_agreement else f"{number}/{year}/HNGĐ-ST"
        for number, year, by_agreement in zip(
            case[folk.home[child]].tolist(),
            YEAR[since].tolist(),
            agreed[folk.home[child]].tolist(),
            strict=True,
        )
    ]
    return [
        take(ids, child),
        ["1"] * len(child),
        take(ids, head[child]),
        take(people.fulls, head[child]),
        take(_CUSTODY, agreed[folk.home[child]].astype(np.int64)),
        decision,
        take(ISO, since),
        [NULL] * len(child),
        take(MORNING, since + 3),
    ]

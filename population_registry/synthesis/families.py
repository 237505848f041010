"""Households before they have names: who lives together, how old, how related (templates of names.md section 8)."""

from dataclasses import dataclass
from random import Random

from population_registry.domain import MaritalStatus, Relation, Sex
from population_registry.synthesis.sampling import Weighted, clipped_normal

_SIZES = Weighted([(1, 10.0), (2, 16.5), (3, 20.5), (4, 28.5), (5, 13.3), (6, 6.8), (7, 2.5), (8, 1.9)])
_TEMPLATES = {
    1: Weighted([("single", 1.0)]),
    2: Weighted([("couple", 62.0), ("one_parent", 26.0), ("tenants", 12.0)]),
    3: Weighted([("couple", 70.0), ("one_parent", 12.0), ("three_generations", 12.0), ("tenants", 6.0)]),
    4: Weighted([("couple", 76.0), ("three_generations", 20.0), ("tenants", 4.0)]),
    5: Weighted([("couple", 42.0), ("three_generations", 58.0)]),
}
_LARGE = Weighted([("three_generations", 1.0)])
_LARGEST_KNOWN = 8
_BOYS = 1.115 / 2.115
_HUSBAND_HEADS = 0.77
_ELDER_HEADS = 0.5
_MOTHER_ALONE = 0.8
_MEN_ALONE = 0.62
_OLDEST = 99
_OLDEST_MOTHER = 45
_OLDEST_CHILD = 38
_GROWN_CHILDREN = 0.3
_TAIL = 0.35
_ONE_ELDER = 0.4
_COUPLE_OF_ELDERS = 2
_SMALLEST_WITH_COUPLES = 5
_SMALLEST_WITH_COUPLE = 4
_ALONE = Weighted(
    [
        ((20, 35, MaritalStatus.SINGLE), 30.0),
        ((36, 59, MaritalStatus.SINGLE), 8.0),
        ((36, 59, MaritalStatus.DIVORCED), 10.0),
        ((58, 88, MaritalStatus.WIDOWED), 52.0),
    ]
)
_CHILDLESS_WIFE = Weighted([((21, 34), 20.0), ((46, 62), 40.0), ((58, 82), 40.0)])


@dataclass(slots=True)
class Draft:
    """A member to be: completed years, relation to the head; `father`, `mother`, `spouse` are places in the list."""

    sex: Sex
    age: int
    relation: Relation
    marital: MaritalStatus = MaritalStatus.SINGLE
    father: int | None = None
    mother: int | None = None
    spouse: int | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """The members of one household, and whether they are unrelated tenants."""

    members: list[Draft]
    tenants: bool = False


def draw_family(rng: Random, most: int) -> Family:
    """A household of at most `most` people."""
    size = _SIZES.draw(rng)
    while size >= _LARGEST_KNOWN and rng.random() < _TAIL:
        size += 1
    size = min(size, most)
    template = _TEMPLATES.get(size, _LARGE).draw(rng)
    if template == "single":
        return Family([_single(rng)])
    if template == "tenants":
        return Family(_tenants(rng, size), tenants=True)
    if template == "one_parent":
        return Family(_one_parent(rng, size - 1))
    if template == "couple":
        return Family(_couple(rng, size - 2))
    return Family(_three_generations(rng, size))


def _sex(rng: Random) -> Sex:
    return Sex.MALE if rng.random() < _BOYS else Sex.FEMALE


def _single(rng: Random) -> Draft:
    low, high, marital = _ALONE.draw(rng)
    sex = Sex.MALE if rng.random() < _MEN_ALONE else Sex.FEMALE
    return Draft(sex, rng.randint(low, high), Relation.HEAD, marital)


def _tenants(rng: Random, size: int) -> list[Draft]:
    sex = _sex(rng)
    relations = [Relation.HEAD] + [Relation.CO_TENANT] * (size - 1)
    return [Draft(sex, rng.randint(18, 34), relation) for relation in relations]


def _children(rng: Random, count: int, first_birth: int) -> list[int]:
    """Ages of siblings, eldest first, at least two years apart; the mother is never beyond 45 at a birth.

    In a part of the families the eldest is grown and unmarried and still lives with the parents.
    """
    if not count:
        return []
    if rng.random() < _GROWN_CHILDREN:
        eldest = rng.randint(20, _OLDEST_CHILD)
    else:
        eldest = rng.randint(2 * (count - 1), max(2 * count, 22 - count))
    ages = [eldest]
    for rest in range(count - 2, -1, -1):
        gap = rng.randint(2, 5)
        if first_birth + eldest - ages[-1] + gap > 45 - 2 * rest:
            gap = 2
        ages.append(max(2 * rest, ages[-1] - gap))
    return ages


def _pair(rng: Random, wife_age: int) -> tuple[Draft, Draft]:
    husband_age = min(_OLDEST, max(20, wife_age + clipped_normal(rng, 3, 4, -6, 15)))
    husband = Draft(Sex.MALE, husband_age, Relation.HEAD, MaritalStatus.MARRIED, spouse=1)
    return husband, Draft(Sex.FEMALE, wife_age, Relation.SPOUSE_WIFE, MaritalStatus.MARRIED, spouse=0)


def _couple(rng: Random, children: int) -> list[Draft]:
    if children:
        first_birth = clipped_normal(rng, 26, 4.5, 18, max(18, 43 - 2 * children))
        ages = _children(rng, children, first_birth)
        husband, wife = _pair(rng, first_birth + ages[0])
    else:
        ages = []
        husband, wife = _pair(rng, rng.randint(*_CHILDLESS_WIFE.draw(rng)))
    husband.age = max(husband.age, (ages[0] if ages else 0) + 18)
    if rng.random() >= _HUSBAND_HEADS:
        husband.relation, wife.relation = Relation.SPOUSE_HUSBAND, Relation.HEAD
    return [husband, wife, *(Draft(_sex(rng), age, Relation.CHILD, father=0, mother=1) for age in ages)]


def _one_parent(rng: Random, children: int) -> list[Draft]:
    first_birth = clipped_normal(rng, 26, 4.5, 18, max(18, 43 - 2 * children))
    ages = _children(rng, children, first_birth)
    mother = rng.random() < _MOTHER_ALONE
    marital = rng.choice((MaritalStatus.DIVORCED, MaritalStatus.WIDOWED, MaritalStatus.SINGLE))
    parent = Draft(Sex.FEMALE if mother else Sex.MALE, first_birth + ages[0], Relation.HEAD, marital)
    single = MaritalStatus.SINGLE
    father_place, mother_place = (None, 0) if mother else (0, None)
    return [
        parent,
        *(Draft(_sex(rng), age, Relation.CHILD, single, father_place, mother_place) for age in ages),
    ]


def _three_generations(rng: Random, size: int) -> list[Draft]:
    """A couple (or one parent, when three people) with children, and one or two parents of the husband."""
    elders = 1 if size < _SMALLEST_WITH_COUPLES or rng.random() < _ONE_ELDER else _COUPLE_OF_ELDERS
    if size < _SMALLEST_WITH_COUPLE:
        members = _one_parent(rng, 1)
    else:
        members = _couple(rng, size - 2 - elders)
        members[0].relation, members[1].relation = Relation.HEAD, Relation.SPOUSE_WIFE
    link = 0
    mother_age = min(_OLDEST, members[link].age + clipped_normal(rng, 26, 4.5, 18, 42))
    marital = MaritalStatus.MARRIED if elders == _COUPLE_OF_ELDERS else MaritalStatus.WIDOWED
    place = len(members)
    members.append(Draft(Sex.FEMALE, mother_age, Relation.PARENT, marital))
    members[link].mother = place
    if elders == _COUPLE_OF_ELDERS:
        age = min(_OLDEST, max(members[link].age + 18, mother_age + clipped_normal(rng, 3, 4, -6, 12)))
        members.append(Draft(Sex.MALE, age, Relation.PARENT, marital, spouse=place))
        members[place].spouse = place + 1
        members[link].father = place + 1
    if rng.random() < _ELDER_HEADS:
        _elder_heads(members, len(members) - 1, place)
    return members


def _elder_heads(members: list[Draft], head: int, mother: int) -> None:
    """Make an elder the head and restate everybody's relation to them."""
    for draft in members:
        draft.relation = Relation.GRANDCHILD if draft.relation is Relation.CHILD else Relation.CHILD
    members[head].relation = Relation.HEAD
    if head != mother:
        members[mother].relation = Relation.SPOUSE_WIFE

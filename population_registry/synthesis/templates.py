"""Fills households by template: who is how old, of which sex, and how they are related (names.md section 8)."""

import numpy as np

from population_registry.domain import MaritalStatus, Relation
from population_registry.synthesis.codes import FEMALE, MALE, marital, relation
from population_registry.synthesis.draws import Bools, Draws, Ints, Weights

_BOYS = 1.115 / 2.115
_HUSBAND_HEADS, _ELDER_HEADS, _MOTHER_ALONE, _MEN_ALONE = 0.77, 0.5, 0.8, 0.62
_OLDEST = 99
_GROWN_CHILDREN, _GROWN_WITH_ELDERS = 0.33, 0.12


_HEAD, _CHILD, _WIFE, _HUSBAND = (
    relation(kind) for kind in (Relation.HEAD, Relation.CHILD, Relation.SPOUSE_WIFE, Relation.SPOUSE_HUSBAND)
)
_UNMARRIED, _MARRIED, _WIDOWED, _DIVORCED = (
    marital(kind)
    for kind in (
        MaritalStatus.SINGLE,
        MaritalStatus.MARRIED,
        MaritalStatus.WIDOWED,
        MaritalStatus.DIVORCED,
    )
)
_ALONE = Weights([30, 12, 12, 46])
_ALONE_LOW, _ALONE_HIGH = np.array([20, 36, 36, 58]), np.array([35, 59, 59, 84])
_ALONE_MARITAL = np.array([_UNMARRIED, _UNMARRIED, _DIVORCED, _WIDOWED])
_CHILDLESS = Weights([16, 56, 28])
_CHILDLESS_LOW, _CHILDLESS_HIGH = np.array([21, 46, 58]), np.array([34, 62, 80])
_PARENT_ALONE = np.array([_DIVORCED, _WIDOWED, _UNMARRIED])


class Table:
    """One row per household, one column per member; kin are columns of the same row."""

    def __init__(self, draws: Draws, size: Ints) -> None:
        shape = (len(size), int(size.max(initial=3)))
        self.draws, self.size = draws, size
        self.columns = np.arange(shape[1])
        self.age = np.zeros(shape, dtype=np.int64)
        boys = draws.chance(shape[0] * shape[1], _BOYS).reshape(shape)
        self.sex = np.where(boys, MALE, FEMALE)
        self.relation = np.full(shape, _CHILD)
        self.marital = np.full(shape, _UNMARRIED)
        self.father, self.mother, self.spouse = (np.full(shape, -1) for _ in range(3))

    def singles(self, rows: Ints) -> None:
        """People who live alone."""
        kind = _ALONE.pick(self.draws, len(rows))
        self.age[rows, 0] = self.draws.between(len(rows), _ALONE_LOW[kind], _ALONE_HIGH[kind])
        self.sex[rows, 0] = np.where(self.draws.chance(len(rows), _MEN_ALONE), MALE, FEMALE)
        self.marital[rows, 0], self.relation[rows, 0] = _ALONE_MARITAL[kind], _HEAD

    def tenants(self, rows: Ints) -> None:
        """Young people of one sex who share a rented home."""
        width = len(self.columns)
        self.age[rows] = self.draws.between(len(rows) * width, 18, 34).reshape(-1, width)
        self.sex[rows] = self.sex[rows, :1]
        self.relation[rows] = np.where(self.columns == 0, _HEAD, relation(Relation.CO_TENANT))

    def _children(self, rows: Ints, first: int, count: Ints, first_birth: Ints, grown_up: float) -> Ints:
        """Siblings from column `first`, eldest first, at least two years apart; answers the eldest's ages.

        The mother is never beyond 45 at a birth. In a part of the families the eldest is grown and unmarried and
        still lives with the parents.
        """
        draws, homes = self.draws, len(rows)
        young = draws.between(homes, np.maximum(2 * (count - 1), 0), np.maximum(2 * count, 22 - count))
        grown = draws.between(homes, 20, 38)
        eldest = np.where(draws.chance(homes, grown_up), grown, young)
        age = eldest
        for place in range(int(count.max(initial=0))):
            if place:
                rest = count - 1 - place
                gap = draws.between(homes, 2, 5)
                gap = np.where(first_birth + eldest - age + gap > 45 - 2 * rest, 2, gap)
                age = np.maximum(2 * rest, age - gap)
            here = count > place
            self.age[rows[here], first + place] = age[here]
        return eldest

    def one_parent(self, rows: Ints, children: Ints) -> None:
        """A mother or father alone with children."""
        draws, homes = self.draws, len(rows)
        first_birth = draws.normal(homes, 26, 4.5, 18, np.maximum(18, 43 - 2 * children))
        eldest = self._children(rows, 1, children, first_birth, _GROWN_CHILDREN)
        mothers = draws.chance(homes, _MOTHER_ALONE)
        self.sex[rows, 0] = np.where(mothers, FEMALE, MALE)
        self.age[rows, 0], self.relation[rows, 0] = first_birth + eldest, _HEAD
        self.marital[rows, 0] = _PARENT_ALONE[draws.between(homes, 0, 2)]
        young = self._places(1, children)
        self.mother[rows] = np.where(young & mothers[:, None], 0, -1)
        self.father[rows] = np.where(young & ~mothers[:, None], 0, -1)

    def couples(self, rows: Ints, children: Ints, *, elders: bool) -> None:
        """A couple and its children; with `elders` there are parents too, and the husband heads."""
        draws, homes = self.draws, len(rows)
        grown_up = _GROWN_WITH_ELDERS if elders else _GROWN_CHILDREN
        first_birth = draws.normal(homes, 26, 4.5, 18, np.maximum(18, 43 - 2 * children))
        eldest = self._children(rows, 2, children, first_birth, grown_up)
        kind = _CHILDLESS.pick(draws, homes)
        childless = draws.between(homes, _CHILDLESS_LOW[kind], _CHILDLESS_HIGH[kind])
        wife = np.where(children > 0, first_birth + eldest, childless)
        husband = np.minimum(_OLDEST, np.maximum(20, wife + draws.normal(homes, 3, 4, -6, 15)))
        husband = np.where(children > 0, np.maximum(husband, eldest + 18), husband)
        heads = draws.chance(homes, _HUSBAND_HEADS) | elders
        for place, sex, age, spouse in ((0, MALE, husband, 1), (1, FEMALE, wife, 0)):
            self.sex[rows, place], self.age[rows, place] = sex, age
            self.marital[rows, place], self.spouse[rows, place] = _MARRIED, spouse
        self.relation[rows, 0] = np.where(heads, _HEAD, _HUSBAND)
        self.relation[rows, 1] = np.where(heads, _WIFE, _HEAD)
        young = self._places(2, children)
        self.father[rows], self.mother[rows] = np.where(young, 0, -1), np.where(young, 1, -1)

    def elders(self, rows: Ints, two: Bools) -> None:
        """One or two parents of the first member, in the last columns; half of them head the household."""
        draws, homes = self.draws, len(rows)
        mother, last = self.size[rows] - 1 - two, self.size[rows] - 1
        link = self.age[rows, 0]
        age = np.minimum(_OLDEST, link + draws.normal(homes, 26, 4.5, 18, 42))
        husband = np.minimum(_OLDEST, np.maximum(link + 18, age + draws.normal(homes, 3, 4, -6, 12)))
        heads = draws.chance(homes, _ELDER_HEADS)
        ruled = rows[heads]
        self.relation[ruled] = np.where(
            (self.relation[ruled] == _CHILD) & (self.columns > 0), relation(Relation.GRANDCHILD), _CHILD
        )
        status = np.where(two, _MARRIED, _WIDOWED)
        self.age[rows, mother], self.sex[rows, mother], self.marital[rows, mother] = age, FEMALE, status
        ruling = np.where(two, _WIFE, _HEAD)
        self.relation[rows, mother] = np.where(heads, ruling, relation(Relation.PARENT))
        self.mother[rows, 0] = mother
        self.mother[rows, mother] = self.father[rows, mother] = -1
        pairs, of, at = rows[two], mother[two], last[two]
        self.age[pairs, at], self.sex[pairs, at], self.marital[pairs, at] = husband[two], MALE, _MARRIED
        self.relation[pairs, at] = np.where(heads[two], _HEAD, relation(Relation.PARENT))
        self.spouse[pairs, of], self.spouse[pairs, at], self.father[pairs, 0] = at, of, at
        self.mother[pairs, at] = self.father[pairs, at] = -1

    def grandparents(self, rows: Ints) -> None:
        """Grandchildren who have nobody else: a grandmother, in larger households her husband too."""
        draws, homes = self.draws, len(rows)
        pair = self.size[rows] > 2  # noqa: PLR2004 — more than one elder and one child
        self.age[rows] = draws.between(homes, 5, 16)[:, None] - 2 * np.maximum(
            self.columns - 1 - pair[:, None], 0
        )
        self.relation[rows] = relation(Relation.GRANDCHILD)
        wife = draws.between(homes, 58, 72)
        self.age[rows, 0], self.sex[rows, 0] = wife, FEMALE
        self.relation[rows, 0] = np.where(pair, _WIFE, _HEAD)
        self.marital[rows, 0] = np.where(pair, _MARRIED, _WIDOWED)
        two = rows[pair]
        self.age[two, 1] = wife[pair] + draws.between(len(two), 0, 6)
        self.sex[two, 1], self.marital[two, 1], self.relation[two, 1] = MALE, _MARRIED, _HEAD
        self.spouse[two, 0], self.spouse[two, 1] = 1, 0

    def _places(self, first: int, count: Ints) -> Bools:
        return (self.columns >= first) & (self.columns < first + count[:, None])

"""Households before they have names: who lives together, how old, how related (templates of names.md section 8)."""

from dataclasses import dataclass

import numpy as np

from population_registry.synthesis.draws import Draws, Ints, Weights
from population_registry.synthesis.templates import Table

SINGLE, TENANTS, ONE_PARENT, COUPLE, THREE, GRANDPARENTS = range(6)

_SIZES = Weights([10.0, 16.5, 20.5, 28.5, 13.3, 6.8, 2.5, *(1.9 * 0.65 * 0.35**more for more in range(5))])
_TEMPLATES = Weights(
    [1, 0, 0, 0, 0, 0],
    [0, 12, 26, 60.5, 0, 1.5],
    [0, 6, 12, 69, 12, 1],
    [0, 4, 0, 76, 20, 0],
    [0, 0, 0, 42, 58, 0],
    [0, 0, 0, 0, 1, 0],
)
_LARGE = 5
_THREE_PEOPLE, _FOUR_PEOPLE = 3, 4
_ONE_ELDER = 0.4


@dataclass(slots=True)
class Families:
    """The people of a block, household after household.

    `size` and `template` are per household, `start` is the place of its first member; `home` is each person's
    household; `father`, `mother`, `spouse` are places in the block, -1 for nobody.
    """

    size: Ints
    template: Ints
    start: Ints
    home: Ints
    sex: Ints
    age: Ints
    relation: Ints
    marital: Ints
    father: Ints
    mother: Ints
    spouse: Ints


def draw_families(draws: Draws, people: int) -> Families:
    """Households of exactly that many people; the last one is cut to fit."""
    size = _SIZES.pick(draws, people) + 1
    total = np.cumsum(size)
    last = int(np.searchsorted(total, people))
    size = size[: last + 1].copy()
    size[last] -= total[last] - people
    template = _TEMPLATES.pick(draws, len(size), np.minimum(size - 1, _LARGE))
    table = Table(draws, size)
    table.singles(np.flatnonzero(template == SINGLE))
    table.tenants(np.flatnonzero(template == TENANTS))
    rows = np.flatnonzero(template == ONE_PARENT)
    table.one_parent(rows, size[rows] - 1)
    rows = np.flatnonzero(template == COUPLE)
    table.couples(rows, size[rows] - 2, elders=False)
    three = template == THREE
    two = three & (size > _FOUR_PEOPLE) & ~draws.chance(len(size), _ONE_ELDER)
    rows = np.flatnonzero(three & (size == _THREE_PEOPLE))
    table.one_parent(rows, np.ones(len(rows), dtype=np.int64))
    rows = np.flatnonzero(three & (size > _THREE_PEOPLE))
    table.couples(rows, size[rows] - 3 - two[rows], elders=True)
    rows = np.flatnonzero(three)
    table.elders(rows, two[rows])
    table.grandparents(np.flatnonzero(template == GRANDPARENTS))
    return _flat(table, template)


def _flat(table: Table, template: Ints) -> Families:
    size = table.size
    start = np.cumsum(size) - size
    there = table.columns < size[:, None]
    home = np.repeat(np.arange(len(size)), size)

    def kin(places: Ints) -> Ints:
        return np.where(places >= 0, places + start[:, None], -1)[there]

    return Families(
        size=size,
        template=template,
        start=start,
        home=home,
        sex=table.sex[there],
        age=table.age[there],
        relation=table.relation[there],
        marital=table.marital[there],
        father=kin(table.father),
        mother=kin(table.mother),
        spouse=kin(table.spouse),
    )

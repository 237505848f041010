"""Kin across households: the other parent after a divorce, and parents whom grown children left."""

import numpy as np

from population_registry.domain import MaritalStatus
from population_registry.synthesis.codes import FEMALE, MALE, marital
from population_registry.synthesis.draws import Bools, Draws, Ints
from population_registry.synthesis.families import COUPLE, ONE_PARENT, SINGLE, TENANTS, THREE, Families

_DIVORCED = marital(MaritalStatus.DIVORCED)
_PARENTS_KNOWN = 0.5
"""Of grown people who live apart from their parents, those whose parents are known by number (names.md 11)."""


def link_households(draws: Draws, folk: Families) -> None:
    """Give children their divorced other parent, and grown people parents in other households of the block."""
    for with_whom in (FEMALE, MALE):
        _former_spouses(folk, with_whom)
    _parents_elsewhere(draws, folk)


def _former_spouses(folk: Families, with_whom: int) -> None:
    """Pair divorced people who live alone with divorced parents of the other sex, of like rank by age."""
    head = folk.start
    divorced = folk.marital[head] == _DIVORCED
    families = head[divorced & (folk.template == ONE_PARENT) & (folk.sex[head] == with_whom)]
    alone = head[divorced & (folk.template == SINGLE) & (folk.sex[head] != with_whom)]
    families = families[(folk.age[families] >= 33) & (folk.age[families] <= 62)]  # noqa: PLR2004 — as old as those alone
    pairs = min(len(families), len(alone))
    if not pairs:
        return
    families = families[np.argsort(folk.age[families], kind="stable")]
    alone = alone[np.argsort(folk.age[alone], kind="stable")]
    places = np.arange(pairs)
    families, alone = families[places * len(families) // pairs], alone[places * len(alone) // pairs]
    elder = (
        folk.age[alone] - folk.age[families] if with_whom == FEMALE else folk.age[families] - folk.age[alone]
    )
    eldest = folk.age[families + 1]
    youngest = folk.age[folk.start[folk.home[families]] + folk.size[folk.home[families]] - 1]
    fits = (elder >= -6) & (elder <= 15) & (folk.age[alone] >= eldest + 19)  # noqa: PLR2004 — the gap of spouses
    if with_whom == MALE:
        fits &= folk.age[alone] <= youngest + 44
    other = np.full(len(folk.start), -1)
    other[folk.home[families[fits]]] = alone[fits]
    children = (folk.mother if with_whom == FEMALE else folk.father) >= 0
    mine = children & (folk.template[folk.home] == ONE_PARENT) & (other[folk.home] >= 0)
    column = folk.father if with_whom == FEMALE else folk.mother
    column[mine] = other[folk.home[mine]]


def _parents_elsewhere(draws: Draws, folk: Families) -> None:
    people = len(folk.home)
    template = folk.template[folk.home]
    married = folk.spouse >= 0
    asking = (folk.mother < 0) & (folk.father < 0) & (folk.age >= 18) & (folk.age <= 62)  # noqa: PLR2004 — grown, parents may live
    asking &= ((template == COUPLE) & married) | (template == TENANTS) | (template == SINGLE)
    asking |= (template == THREE) & married & (folk.mother < 0) & (folk.age <= 50) & (folk.sex == FEMALE)  # noqa: PLR2004 — the wife
    asking &= draws.chance(people, _PARENTS_KNOWN)
    child = np.flatnonzero(asking)
    wanted = folk.age[child] + draws.normal(len(child), 26, 4.5, 19, 41)
    able = np.flatnonzero(married & (folk.sex == FEMALE) & (template == COUPLE) & (folk.age >= 38))  # noqa: PLR2004 — a grown child
    able = able[np.argsort(folk.age[able], kind="stable")]
    first = np.searchsorted(folk.age[able], wanted, side="left")
    count = np.searchsorted(folk.age[able], wanted, side="right") - first
    chosen = first + (draws.uniform(len(child)) * np.maximum(count, 1)).astype(np.int64)
    found = count > 0
    child, mother = child[found], able[chosen[found]]
    father = folk.spouse[mother]
    fits = (folk.age[father] >= folk.age[child] + 19) & (folk.home[mother] != folk.home[child])
    child, mother, father = child[fits], mother[fits], father[fits]
    linked = np.zeros(people, dtype=np.bool_)
    linked[child] = True
    folk.mother[child], folk.father[child] = mother, father
    _unlink(folk, linked, _siblings_who_married(folk))
    while (close := _born_too_close(folk, linked)).any():
        _unlink(folk, linked, close)


def _unlink(folk: Families, linked: Bools, whom: Bools) -> None:
    gone = linked & whom
    folk.mother[gone] = folk.father[gone] = -1
    linked &= ~gone


def _siblings_who_married(folk: Families) -> Bools:
    spouse = np.where(folk.spouse >= 0, folk.spouse, 0)
    same: Bools = (folk.spouse >= 0) & (folk.mother >= 0) & (folk.mother == folk.mother[spouse])
    return same


def _born_too_close(folk: Families, linked: Bools) -> Bools:
    """Linked children whose completed years are less than two from a brother's or sister's."""
    children: Ints = np.flatnonzero(folk.mother >= 0)
    mother = folk.mother[children]
    order = np.lexsort((linked[children], folk.age[children], mother))
    children, mother = children[order], mother[order]
    age = folk.age[children]
    close = (mother[1:] == mother[:-1]) & (age[1:] - age[:-1] < 2)  # noqa: PLR2004 — two years keep births apart
    found = np.zeros(len(folk.home), dtype=np.bool_)
    later, earlier = children[1:][close], children[:-1][close]
    found[np.where(linked[later], later, earlier)] = True
    return found

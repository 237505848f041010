"""Health insurance by age and household (groups of insurance.md section 1, shares assumed)."""

from datetime import date

import numpy as np

from population_registry.domain import InsuranceState
from population_registry.synthesis.days import (
    ISO,
    MONTH,
    NONE,
    YEAR,
    birthdays,
    month_begins,
    number,
    year_begins,
)
from population_registry.synthesis.draws import Bools, Draws, Ints, Weights, take

BENEFIT = {
    "TE": 1,
    "CC": 1,
    "HN": 2,
    "DT": 2,
    "DK": 2,
    "XD": 2,
    "BT": 2,
    "CB": 2,
    "CK": 2,
    "HT": 3,
    "CN": 3,
    "DN": 4,
    "HC": 4,
    "HS": 4,
    "SV": 4,
    "GD": 4,
    "TN": 4,
    "QN": 5,
    "CA": 5,
}
"""The benefit digit written on the card of each group (Decision 1351/QĐ-BHXH)."""

_GROUPS = ["", *BENEFIT]
_NONE, _INTERRUPTED = len(_GROUPS), len(_GROUPS) + 1
_TE, _GD, _HS = (_GROUPS.index(code) for code in ("TE", "GD", "HS"))
_HEADS = ["", *(f"{group}{digit}" for group, digit in BENEFIT.items())]
_DIGITS = ["", *map(str, BENEFIT.values())]


def _table(shares: dict[str, float], none: float, interrupted: float = 0) -> list[float]:
    return [*(shares.get(group, 0) for group in _GROUPS), none, interrupted]


_AGES = np.array([18, 23, 60, 75])
_BY_AGE = Weights(
    _table({"HS": 95}, 5),
    _table({"SV": 45, "DN": 29, "GD": 12, "QN": 0.7, "CA": 0.3}, 10, 3),
    _table({"DN": 40, "HC": 8, "QN": 0.5, "CA": 0.5, "TN": 0.7, "GD": 35.3}, 10, 5),
    _table({"HT": 33, "CB": 0.7, "CK": 0.3, "GD": 54}, 9, 3),
    _table({"HT": 29, "CC": 0.3, "CB": 0.7, "BT": 60, "GD": 7}, 3),
)
_OF_HOUSEHOLD = Weights(_table({"": 92.5, "HN": 2.5, "CN": 3, "DT": 1.4, "DK": 0.5, "XD": 0.1}, 0))
_TE_UNTIL_AGE = 6
_SCHOOL_BEGINS = 9
"""September: a child who turns six before it keeps the card to the 30th (Law 25/2008 Art. 16(3))."""

_FIVE_YEARS = 5 * 365 + 1
_EARLIER_CARD, _GAP = 0.35, 0.15
_STATES = [InsuranceState.IN_FORCE.value, InsuranceState.STOPPED.value]


def household_groups(draws: Draws, homes: int) -> Ints:
    """The group that insures a whole household: poor, near-poor, minority in a hard area; mostly none (0)."""
    return _OF_HOUSEHOLD.pick(draws, homes)


class Cover:
    """The newest card of everybody in a block, and for some the one before it."""

    def __init__(self, draws: Draws, born: Ints, shared: Ints, as_of: int) -> None:
        count = len(born)
        age = (as_of - born) // 365
        own = _BY_AGE.pick(draws, count, np.searchsorted(_AGES, age, side="right"))
        group = np.where(shared > 0, shared, own)
        sixth = birthdays(born, _TE_UNTIL_AGE)
        little = sixth > as_of
        group = np.where(little, _TE, group)
        interrupted, self.none = group == _INTERRUPTED, group == _NONE
        self.group = np.where(interrupted, _GD, np.where(self.none, 0, group))
        years = draws.between(count, 0, np.where(self.group == _GD, 9, 20))
        years[little | interrupted | (shared > 0) | (self.group == _HS)] = 0
        now = YEAR[as_of]
        begun, until = np.full(count, year_begins(now)), np.full(count, year_begins(now + 1) - 1)
        stopped = as_of - draws.between(count, 91, 700)
        fresh = as_of - draws.between(count, 0, 330)
        begun = np.where(self.group == _GD, np.where(interrupted, stopped - 364, fresh), begun)
        school = month_begins(
            now if as_of >= number(date(now, _SCHOOL_BEGINS + 1, 1)) else now - 1, _SCHOOL_BEGINS + 1
        )
        begun = np.where(self.group == _HS, school, begun)
        until = np.where((self.group == _GD) | (self.group == _HS), begun + 364, until)
        autumn = month_begins(YEAR[sixth], _SCHOOL_BEGINS + 1) - 1
        until = np.where(little, np.where(MONTH[sixth] < _SCHOOL_BEGINS, autumn, sixth), until)
        self.begun, self.until = np.where(little, born, np.maximum(begun, born)), until
        five = self.begun - 365 * years + _FIVE_YEARS
        self.five = np.where((five <= as_of) & ~little, five, NONE)
        whole = ~little & ~self.none & draws.chance(count, _EARLIER_CARD) & (self.begun - 800 > born)
        gap = np.where(draws.chance(count, _GAP), draws.between(count, 20, 89), 0)
        self.earlier = np.flatnonzero(whole)
        ends = (self.begun - 1 - gap)[whole]
        self.before = (ends - 364, ends)

    def rows(
        self, ids: list[str], social: list[str], digits: list[str], facilities: list[str], gone: Ints
    ) -> list[list[str]]:
        """The columns of the cards; the older of two comes first. `digits` are the province's on each card."""
        held = np.flatnonzero(~self.none)
        person = np.r_[self.earlier, held]
        begun = np.r_[self.before[0], self.begun[held]]
        until = np.r_[self.before[1], self.until[held]]
        newest = np.r_[np.zeros(len(self.earlier), dtype=np.int64), np.ones(len(held), dtype=np.int64)]
        order = np.lexsort((newest, person))
        person, begun, until, newest = person[order], begun[order], until[order], newest[order]
        second = np.isin(person, self.earlier) & (newest == 1)
        group = self.group[person]
        stopped = (gone[person] != NONE) & (until >= gone[person])
        codes = [
            f"{head}{zone}{code}"
            for head, zone, code in zip(
                take(_HEADS, group), take(digits, person), take(social, person), strict=True
            )
        ]
        return [
            take(ids, person),
            take(["1", "2"], second.astype(np.int64)),
            codes,
            take(_GROUPS, group),
            take(_DIGITS, group),
            take(ISO, begun),
            take(ISO, until),
            take(facilities, person),
            take(ISO, np.where(newest == 1, self.five[person], NONE)),
            take(_STATES, stopped.astype(np.int64)),
            take(ISO, np.where(stopped, gone[person], NONE)),
        ]

    def known(self, draws: Draws, share: float) -> Bools:
        """Who has a social-insurance number: everybody insured, and some who no longer are."""
        known: Bools = ~self.none | draws.chance(len(self.none), share)
        return known

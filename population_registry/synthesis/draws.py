"""Random draws for thousands of people at once, the same on every machine.

Only the raw words of PCG64 are used, whose stream numpy guarantees for good; everything else is exact arithmetic on
32 of their bits, so that neither a library's version nor a processor's rounding changes anybody.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_UNIT = 2.0**-32
_SPREAD_OF_FOUR = 1.7320508075688772
"""The sum of four uniform draws has variance 1/3; this brings it to 1."""


class Draws:
    """The stream of one block: every draw takes one word for each value, in the order of the calls."""

    __slots__ = ("_bits",)

    def __init__(self, seed: int, block: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(block,)))

    def uniform(self, count: int) -> Floats:
        """Numbers from 0 to below 1, in steps of 2⁻³²."""
        words = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        return (words >> np.uint64(32)).astype(np.float64) * _UNIT

    def chance(self, count: int, share: float | Floats) -> Bools:
        """True in that share of the draws."""
        return self.uniform(count) < share

    def between(self, count: int, low: int | Ints, high: int | Ints) -> Ints:
        """Whole numbers from `low` to `high`, both included; `low` where `high` is smaller."""
        span = np.maximum(np.asarray(high, dtype=np.int64) - low + 1, 1)
        drawn: Ints = (self.uniform(count) * span).astype(np.int64)
        return drawn + low

    def normal(self, count: int, mean: float, spread: float, low: int | Ints, high: int | Ints) -> Ints:
        """Whole numbers near `mean`, never outside `low`…`high` (a bell of four uniform draws)."""
        bell = self.uniform(4 * count).reshape(4, count).sum(axis=0) - 2.0
        near: Ints = np.floor(bell * (spread * _SPREAD_OF_FOUR) + (mean + 0.5)).astype(np.int64)
        bounded: Ints = np.minimum(np.maximum(near, low), high)
        return bounded


class Weights:
    """Draws positions by weight; several tables can stand side by side and each draw names its own.

    Raises:
        ValueError: a table has no positive weight.
    """

    __slots__ = ("_bounds", "starts")

    def __init__(self, *tables: Iterable[float]) -> None:
        bounds: list[float] = []
        starts: list[int] = []
        for number, table in enumerate(tables):
            sums = list(accumulate(table))
            if not sums or sums[-1] <= 0:
                raise ValueError("nothing to draw from")
            starts.append(len(bounds))
            bounds += [number + value / sums[-1] for value in sums[:-1]]
            bounds.append(number + 1.0)
        self._bounds = np.array(bounds)
        self.starts = np.array(starts, dtype=np.int64)

    def pick(self, draws: Draws, count: int, table: int | Ints = 0) -> Ints:
        """Positions inside the table that each draw names."""
        return self.at(draws.uniform(count), table)

    def at(self, uniform: Floats, table: int | Ints = 0) -> Ints:
        """The positions that these uniform numbers fall on."""
        found = np.searchsorted(self._bounds, uniform + table, side="right")
        return found - self.starts[table]


def take(texts: Sequence[str], places: Ints) -> list[str]:
    """The texts at those places."""
    return list(map(texts.__getitem__, places.tolist()))


def ranks(keys: Ints) -> Ints:
    """How many equal keys stand before each one."""
    order = np.argsort(keys, kind="stable")
    arranged = keys[order]
    fresh = np.r_[True, arranged[1:] != arranged[:-1]] if len(keys) else np.zeros(0, dtype=np.bool_)
    positions = np.arange(len(keys), dtype=np.int64)
    first = np.maximum.accumulate(np.where(fresh, positions, 0))
    found = np.empty(len(keys), dtype=np.int64)
    found[order] = positions - first
    return found

"""Weighted choice, as fast as one bisection."""

from bisect import bisect
from collections.abc import Iterable
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Draws items by weight.

    Raises:
        ValueError: no item has a positive weight.
    """

    __slots__ = ("_bounds", "_items", "_total")

    def __init__(self, items: Iterable[tuple[T, float]]) -> None:
        pairs = [(item, weight) for item, weight in items if weight > 0]
        if not pairs:
            raise ValueError("nothing to draw from")
        self._items = [item for item, _ in pairs]
        self._bounds = list(accumulate(weight for _, weight in pairs))
        self._total = self._bounds.pop()

    def draw(self, rng: Random) -> T:
        """One item."""
        return self._items[bisect(self._bounds, rng.random() * self._total)]


def clipped_normal(rng: Random, mean: float, spread: float, low: int, high: int) -> int:
    """A whole number near `mean`, never outside `low`…`high`."""
    return min(high, max(low, round(rng.gauss(mean, spread))))

"""Proofs over a log whose leaves are kept, with the roots of every 256th, 65,536th … subtree beside them.

A proof of RFC 9162 names the roots of subtrees; here it is said which kept hashes each of them needs, so that a proof
over a billion leaves reads some hundred hashes. Pure: whoever keeps the log fetches.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from keys.merkle import node_hash, root

STEP: Final = 8
"""Levels between kept ones: a node of level 8 stands over 256 leaves."""
WIDTH: Final = 1 << STEP

Place = tuple[int, int]
"""A kept hash: level (0 is a leaf) and its number on that level."""


def completed_nodes(size: int, completed: Iterable[bytes]) -> list[tuple[int, int, bytes]]:
    """Which of the subtrees that the leaf number `size` (counted from 1) completed are kept: level, number, root."""
    return [
        (level, (size - 1) >> level, node)
        for level, node in enumerate(completed, start=1)
        if level % STEP == 0
    ]


def places(start: int, end: int) -> list[Place]:
    """The kept hashes, in order, over which the root of the leaves `start <= i < end` is made.

    `start` is a multiple of the largest power of two that is not above `end - start`, as in every proof.
    """
    found: list[Place] = []
    while start < end:
        level = STEP * ((end - start).bit_length() // STEP + 1)
        while (1 << level) > end - start or start % (1 << level):
            level -= STEP
        found.append((level, start >> level))
        start += 1 << level
    return found


def range_root(start: int, end: int, kept: Mapping[Place, bytes]) -> bytes:
    """The root over the leaves `start <= i < end`.

    Raises:
        KeyError: a hash of `places` is not among `kept`.
    """
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        if level % STEP == 0:
            return kept[level, start >> level]
        below = level - level % STEP
        return root([kept[below, number] for number in range(start >> below, end >> below)])
    middle = start + (1 << (size.bit_length() - 1))
    return node_hash(range_root(start, middle, kept), range_root(middle, end, kept))

"""Proofs made from kept subtrees are the proofs of RFC 9162 section 2.1."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import merkle
from keys.merkle_nodes import WIDTH, completed_nodes, places, range_root

LEAVES = [sha256(str(number).encode()).digest() for number in range(70_000)]


@pytest.fixture(scope="module")
def kept() -> dict[tuple[int, int], bytes]:
    """Leaves and nodes as a log keeps them while it grows."""
    frontier = merkle.Frontier()
    found = {(0, number): leaf for number, leaf in enumerate(LEAVES)}
    for leaf in LEAVES:
        completed = frontier.append(leaf)
        found |= {(level, number): node for level, number, node in completed_nodes(frontier.size, completed)}
    return found


def test_every_256th_and_65536th_subtree_is_kept(kept: dict[tuple[int, int], bytes]) -> None:
    """Level 8 over 256 leaves, level 16 over 65,536."""
    assert sum(level == 8 for level, _ in kept) == len(LEAVES) // WIDTH
    assert [place for place in kept if place[0] == 16] == [(16, 0)]
    assert kept[8, 3] == merkle.root(LEAVES[3 * WIDTH : 4 * WIDTH])
    assert kept[16, 0] == merkle.root(LEAVES[: WIDTH * WIDTH])


@settings(max_examples=60, deadline=None)
@given(data=st.data(), size=st.integers(1, 70_000))
def test_inclusion_from_kept_subtrees(
    kept: dict[tuple[int, int], bytes], data: st.DataObject, size: int
) -> None:
    """Section 2.1.3: a proof made from some hundred kept hashes leads from the leaf to the root of that size."""
    index = data.draw(st.integers(0, size - 1))
    ranges = merkle.inclusion_ranges(index, size)
    wanted = {place for start, end in ranges for place in places(start, end)}
    assert len(wanted) < 3 * WIDTH + 24
    known = {place: kept[place] for place in wanted}
    path = [range_root(start, end, known) for start, end in ranges]
    merkle.verify_inclusion(LEAVES[index], index, size, path, range_root(0, size, kept))


@settings(max_examples=40, deadline=None)
@given(data=st.data(), size=st.integers(2, 70_000))
def test_consistency_from_kept_subtrees(
    kept: dict[tuple[int, int], bytes], data: st.DataObject, size: int
) -> None:
    """Section 2.1.4: the older tree is the beginning of the newer one."""
    old = data.draw(st.integers(1, size))
    ranges = merkle.consistency_ranges(old, size)
    known = {place: kept[place] for start, end in ranges for place in places(start, end)}
    path = [range_root(start, end, known) for start, end in ranges]
    merkle.verify_consistency(old, size, range_root(0, old, kept), range_root(0, size, kept), path)

"""Merkle trees of a log: roots, inclusion and consistency proofs (RFC 9162 section 2.1; SHA-256).

Pure functions over leaf hashes; whoever keeps the log gives them. A `Frontier` follows a growing log with
one hash per set bit of its size.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

HASH_BYTES = 32


class ProofFailed(ValueError):
    """A proof does not lead to the root it is said to prove."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one log entry (section 2.1.1: it starts with 0x00, so no leaf passes as node)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node (section 2.1.1: starts with 0x01)."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree over the leaf hashes; of the empty log, the hash of nothing."""
    return Frontier(leaves).root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the path that proves that the leaf at `index` is in the tree (section 2.1.3.1).

    Raises:
        IndexError: no such leaf.
    """
    return [root(leaves[start:end]) for start, end in inclusion_ranges(index, len(leaves))]


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return the leaves `start <= i < end` under each hash of an inclusion proof.

    For whoever stores the roots of subtrees: a proof then costs O(log n) look-ups and no leaf is read.

    Raises:
        IndexError: no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(index)
    return _siblings(index, 0, size)


def _siblings(index: int, start: int, end: int) -> list[tuple[int, int]]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_siblings(index, start, middle), (middle, end)]
    return [*_siblings(index, middle, end), (start, middle)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> None:
    """Return if `leaf` is entry `index` of the tree of `size` leaves with this root (section 2.1.3.2).

    Raises:
        ProofFailed: it is not, as far as the proof shows.
    """
    if not 0 <= index < size:
        raise ProofFailed("index")
    result = leaf
    for part, on_the_left in _climb(index, size - 1, proof):
        result = node_hash(part, result) if on_the_left else node_hash(result, part)
    if result != root_hash:
        raise ProofFailed("root")


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the proof that the first `old_size` leaves are still the beginning (section 2.1.4.1).

    Raises:
        IndexError: `old_size` is not between 1 and the present size.
    """
    return [root(leaves[start:end]) for start, end in consistency_ranges(old_size, len(leaves))]


def consistency_ranges(old_size: int, size: int) -> list[tuple[int, int]]:
    """Return the leaves `start <= i < end` under each hash of a consistency proof, as `inclusion_ranges`.

    Raises:
        IndexError: `old_size` is not between 1 and `size`.
    """
    if not 0 < old_size <= size:
        raise IndexError(old_size)
    return _additions(old_size, 0, size, known=True)


def _additions(old_end: int, start: int, end: int, *, known: bool) -> list[tuple[int, int]]:
    if old_end == end:  # the subtree did not grow; a verifier who knows its root as the old one needs no hash
        return [] if known else [(start, end)]
    middle = start + _split(end - start)
    if old_end <= middle:
        return [*_additions(old_end, start, middle, known=known), (middle, end)]
    return [*_additions(old_end, middle, end, known=False), (start, middle)]


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Return if the tree of `new_size` only added to the tree of `old_size` (section 2.1.4.2).

    Raises:
        ProofFailed: entries were changed, removed or reordered, or the proof is broken.
    """
    if not 0 < old_size <= new_size:
        raise ProofFailed("size")
    if old_size == new_size:
        if proof or old_root != new_root:
            raise ProofFailed("root")
        return
    path = list(proof)
    if old_size & (old_size - 1) == 0:  # an exact power of two: the old root is itself a node of the new tree
        path.insert(0, old_root)
    if not path:
        raise ProofFailed("length")
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = path[0]
    for part, on_the_left in _climb(fn, sn, path[1:]):
        if on_the_left:
            old, new = node_hash(part, old), node_hash(part, new)
        else:
            new = node_hash(new, part)
    if old != old_root or new != new_root:
        raise ProofFailed("root")


def _climb(fn: int, sn: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each part of a proof and whether it stands on the left, walking up from node `fn` of `sn`.

    Sections 2.1.3.2 step 4 and 2.1.4.2 step 6 are the same walk.
    """
    for part in proof:
        if sn == 0:
            raise ProofFailed("length")
        if fn & 1 or fn == sn:
            yield part, True
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            yield part, False
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise ProofFailed("length")


class Frontier:
    """The right edge of a growing tree: appends in O(log n) and knows the root, without the leaves.

    `size` and `hashes` (largest subtree first, one per set bit of the size) are all there is to store.
    """

    __slots__ = ("_hashes", "_size")

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._size = 0
        self._hashes: list[bytes] = []
        for leaf in leaves:
            self.append(leaf)

    @classmethod
    def restore(cls, size: int, hashes: Sequence[bytes]) -> "Frontier":
        """Return a frontier from what was stored.

        Raises:
            ValueError: the number or length of hashes does not fit the size.
        """
        if size < 0 or len(hashes) != size.bit_count() or any(len(part) != HASH_BYTES for part in hashes):
            raise ValueError("frontier")
        frontier = cls()
        frontier._size, frontier._hashes = size, list(hashes)
        return frontier

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, largest first."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> list[bytes]:
        """Add one leaf hash at the end; return the roots of the subtrees that it completed, the smallest first."""
        size, node, completed = self._size, leaf, []
        while size & 1:
            node = node_hash(self._hashes.pop(), node)
            completed.append(node)
            size >>= 1
        self._hashes.append(node)
        self._size += 1
        return completed

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._hashes:
            return sha256(b"").digest()
        node = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            node = node_hash(left, node)
        return node


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)

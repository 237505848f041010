"""The Merkle tree of RFC 9162 section 2.1, against the known answers of Certificate Transparency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import merkle
from keys.merkle import Frontier, ProofFailed

ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
LEAVES = [merkle.leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION_0_OF_8 = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
INCLUSION_5_OF_8 = [
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
CONSISTENCY = {
    (1, 8): INCLUSION_0_OF_8,
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
logs = st.lists(st.binary(max_size=8).map(merkle.leaf_hash), min_size=1, max_size=40)


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size):
    """Roots of the reference log at every size are the published ones (RFC 9162 section 2.1.1)."""
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "proof"), [(0, INCLUSION_0_OF_8), (5, INCLUSION_5_OF_8)])
def test_known_inclusion_proofs(index, proof):
    """Inclusion proofs of the reference log are the published ones (section 2.1.3.1)."""
    assert [part.hex() for part in merkle.inclusion_proof(LEAVES, index)] == proof


@pytest.mark.parametrize(("sizes", "proof"), CONSISTENCY.items())
def test_known_consistency_proofs(sizes, proof):
    """Consistency proofs of the reference log are the published ones (section 2.1.4.1)."""
    old, new = sizes
    assert [part.hex() for part in merkle.consistency_proof(LEAVES[:new], old)] == proof


@given(logs, st.data())
def test_every_entry_is_provable_and_no_other(leaves, data):
    """Each leaf proves itself at its index; another leaf, index, size or a shortened proof never does."""
    index = data.draw(st.integers(0, len(leaves) - 1))
    root, proof = merkle.root(leaves), merkle.inclusion_proof(leaves, index)
    merkle.verify_inclusion(leaves[index], index, len(leaves), proof, root)
    for leaf, where, size, path in (
        (merkle.leaf_hash(b"another entry"), index, len(leaves), proof),
        (leaves[index], len(leaves), len(leaves), proof),
        (leaves[index], -1, len(leaves), proof),
        (leaves[index], index, len(leaves), [*proof, root]),
        (leaves[index], index, len(leaves) * 2, proof),
    ):
        with pytest.raises(ProofFailed):
            merkle.verify_inclusion(leaf, where, size, path, root)
    if proof:
        with pytest.raises(ProofFailed):
            merkle.verify_inclusion(leaves[index], index, len(leaves), proof[:-1], root)


@given(logs, st.data())
def test_growth_is_provable_and_rewriting_is_not(leaves, data):
    """A log that only grew proves it; one with an old entry changed never does (section 2.1.4.2)."""
    old_size = data.draw(st.integers(1, len(leaves)))
    old_root, new_root = merkle.root(leaves[:old_size]), merkle.root(leaves)
    proof = merkle.consistency_proof(leaves, old_size)
    merkle.verify_consistency(old_size, len(leaves), old_root, new_root, proof)
    changed = list(leaves)
    changed[data.draw(st.integers(0, old_size - 1))] = merkle.leaf_hash(b"rewritten afterwards")
    with pytest.raises(ProofFailed):
        merkle.verify_consistency(
            old_size,
            len(changed),
            old_root,
            merkle.root(changed),
            merkle.consistency_proof(changed, old_size),
        )
    with pytest.raises(ProofFailed):
        merkle.verify_consistency(old_size, len(leaves), old_root, new_root, [*proof, new_root])


@given(st.integers(1, 2**60), st.data())
def test_proofs_of_a_national_log_are_short(size, data):
    """A proof over 2^60 entries names at most 61 subtrees, found without touching a leaf."""
    index = data.draw(st.integers(0, size - 1))
    ranges = merkle.inclusion_ranges(index, size)
    assert len(ranges) <= size.bit_length()
    assert sum(end - start for start, end in ranges) == size - 1
    assert all(not start <= index < end for start, end in ranges)
    assert len(merkle.consistency_ranges(index + 1, size)) <= size.bit_length() + 1


@given(logs)
def test_frontier_follows_a_growing_log(leaves):
    """The frontier knows every root, and goes on from what was stored of it."""
    frontier = Frontier()
    for size, leaf in enumerate(leaves, start=1):
        frontier = Frontier.restore(frontier.size, frontier.hashes)
        frontier.append(leaf)
        assert (frontier.size, frontier.root()) == (size, merkle.root(leaves[:size]))


def test_frontier_refuses_what_does_not_fit():
    """A stored frontier with a missing hash is noticed when it is read."""
    with pytest.raises(ValueError, match="frontier"):
        Frontier.restore(3, [LEAVES[0]])


def test_a_leaf_is_not_a_node():
    """An inner node offered as an entry has another hash: no second pre-image (section 2.1.1)."""
    assert merkle.leaf_hash(LEAVES[0] + LEAVES[1]) != merkle.node_hash(LEAVES[0], LEAVES[1])


@pytest.mark.parametrize("size", [0, 9])
def test_proofs_of_what_is_not_there(size):
    """Asking for an impossible proof is an error of the caller, not an empty proof."""
    with pytest.raises(IndexError):
        merkle.consistency_proof(LEAVES, size)
    with pytest.raises(IndexError):
        merkle.inclusion_proof(LEAVES, size - 1 if size == 0 else size)

"""Sealing at rest: what was sealed for one place opens there and nowhere else."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keys import KeyPurpose, KeyRing, KeyState, SealBroken
from keys.sealing import SealingKeys

KEYS = {b"k" * 8: b"\x01" * 32}
names = st.text(max_size=12)


def sealing(purpose: str) -> SealingKeys:
    """The sealing keys of a purpose under one fixed key."""
    return SealingKeys(purpose, KEYS, b"k" * 8)


@given(st.binary(max_size=64), names, names)
def test_opens_in_its_place(plaintext, purpose, record):
    """A sealed value opens for its purpose and record, and its text shows nothing of it."""
    sealed = sealing(purpose).seal(plaintext, record)
    assert sealing(purpose).open(sealed, record) == plaintext
    assert len(sealed) == len(plaintext) + 37


@given(names, names, names, names)
def test_never_opens_elsewhere(purpose, record, other_purpose, other_record):
    """Moved to another record or purpose it never opens, however the two texts are split."""
    assume((purpose, record) != (other_purpose, other_record))
    sealed = sealing(purpose).seal(b"secret", record)
    with pytest.raises(SealBroken):
        sealing(other_purpose).open(sealed, other_record)


def test_places_never_share_associated_data():
    """However purpose and record id are split, the bound data differ; sub-keys are a second wall behind it."""
    assert sealing("ab")._bound(b"", "c") != sealing("a")._bound(b"", "bc")
    assert sealing("a")._by_id[b"k" * 8].encrypt(bytes(12), b"", b"") != sealing("b")._by_id[
        b"k" * 8
    ].encrypt(bytes(12), b"", b"")


@given(st.integers(0, 8 * 43 - 1))
def test_every_bit_counts(bit):
    """One flipped bit anywhere, header included, and it does not open."""
    sealed = bytearray(sealing("p").seal(b"secret", "r"))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        sealing("p").open(bytes(sealed), "r")


@given(st.binary(max_size=80))
def test_noise_raises_seal_broken(noise):
    """Whatever is given to open, the only answer is SealBroken."""
    with pytest.raises(SealBroken):
        sealing("p").open(noise, "r")


def test_rotation_keeps_old_data_readable_and_rewrap_moves_it(folder):
    """After a new sealing key took over, old values open, rewrapped ones are under the new key."""
    ring = KeyRing.open(folder, mode="demo")
    sealer = ring.sealer("account.profile")
    old = sealer.seal(b"profile", "a1")
    assert sealer.rewrap(old, "a1") == old
    first = next(r for r in ring.records if r.purpose is KeyPurpose.SEALING)
    ring.revoke(first.kid, "suspected copy of a backup")
    assert sealer.open(old, "a1") == b"profile"
    fresh = sealer.rewrap(old, "a1")
    assert fresh != old
    ring.revoke(first.kid, "everything rewrapped")
    assert sealer.open(fresh, "a1") == b"profile"
    with pytest.raises(SealBroken, match="unknown_key"):
        sealer.open(old, "a1")


def test_a_key_made_by_another_process_is_fetched(folder):
    """A value sealed under a key that this process has not read yet opens without a restart."""
    reader, writer = KeyRing.open(folder, mode="demo"), KeyRing.open(folder, mode="demo")
    active = next(r for r in writer.records if r.purpose is KeyPurpose.SEALING)
    writer.revoke(active.kid, "test")
    sealed = writer.sealer("p").seal(b"x", "1")
    assert reader.sealer("p").open(sealed, "1") == b"x"


def test_lookup_hashes_differ_by_field_and_survive_rotation(folder):
    """A blind index is keyed per field; after a key change the old hash can still be searched for."""
    ring = KeyRing.open(folder, mode="demo")
    before = ring.lookup_hash("account.personal_number", "097000000001")
    assert before == ring.lookup_hash("account.personal_number", "097000000001")
    assert before != ring.lookup_hash("account.email", "097000000001")
    assert len(before) == 32
    active = next(r for r in ring.records if r.purpose is KeyPurpose.LOOKUP)
    ring.revoke(active.kid, "re-indexing")
    assert ring.lookup_hash("account.personal_number", "097000000001") != before
    assert before in ring.lookup_hashes("account.personal_number", "097000000001")
    assert {r.state for r in ring.records if r.kid == active.kid} == {KeyState.RETIRING}

"""Rolling nonces of DPoP: the same in every process, short-lived, unpredictable."""

from __future__ import annotations

from keys import KeyPurpose, KeyRing
from keys.proof import server_nonces
from keys.proof.rfc9449_nonces import WINDOW

NOW = 1_800_000_000


def open_ring(tmp_path, name: str) -> KeyRing:
    """A ring of its own."""
    return KeyRing.create(tmp_path / name, profile="client", mode="demo")


def test_a_nonce_passes_for_one_to_two_windows(tmp_path):
    """RFC 9449 section 8.2: the previous nonce still passes while the client learns the new one."""
    ring = open_ring(tmp_path, "a")
    start = NOW - NOW % WINDOW
    nonce = server_nonces(ring.lookup_hashes, start).current
    for later in (0, WINDOW - 1, WINDOW, 2 * WINDOW - 1):
        assert nonce in server_nonces(ring.lookup_hashes, start + later).accepted
    for later in (-1, 2 * WINDOW):
        assert nonce not in server_nonces(ring.lookup_hashes, start + later).accepted
    assert not server_nonces(ring.lookup_hashes, start + 9).stale(nonce)
    assert server_nonces(ring.lookup_hashes, start + WINDOW).stale(nonce)
    assert server_nonces(ring.lookup_hashes, start).stale(None)


def test_two_processes_agree_and_two_services_do_not(tmp_path):
    """A nonce needs no store: the key folder is enough, and another service's nonce does not pass."""
    ring = open_ring(tmp_path, "a")
    again = KeyRing.open(tmp_path / "a", mode="demo")
    assert server_nonces(ring.lookup_hashes, NOW) == server_nonces(again.lookup_hashes, NOW)
    other = server_nonces(open_ring(tmp_path, "b").lookup_hashes, NOW)
    assert server_nonces(ring.lookup_hashes, NOW).accepted.isdisjoint(other.accepted)


def test_a_nonce_outlives_a_rotation_of_its_key(tmp_path):
    """A new lookup key makes new nonces; those of the kept key still pass."""
    ring = open_ring(tmp_path, "a")
    before = server_nonces(ring.lookup_hashes, NOW).current
    (kid,) = (record.kid for record in ring.records if record.purpose is KeyPurpose.LOOKUP)
    ring.rotate(KeyPurpose.LOOKUP)
    after = server_nonces(ring.lookup_hashes, NOW)
    assert before in after.accepted
    assert len(after.accepted) > 2
    assert kid


def test_nonces_fit_the_header(tmp_path):
    """RFC 9449 section 8.1: nonce = 1*NQCHAR."""
    nonce = server_nonces(open_ring(tmp_path, "a").lookup_hashes, NOW).current
    assert len(nonce) == 22
    assert all(sign.isalnum() or sign in "-_" for sign in nonce)

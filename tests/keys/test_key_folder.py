"""The sealed folder: who may open it, and what happens to it when it is touched."""

import base64
import fcntl
import json
import os
import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keys import Algorithm, KeyPurpose, KeyRefused, KeyRing, KeyState, SealBroken
from keys.ring_file import RING, RingFile
from keys.root_key import RootKey


def root_text() -> str:
    """A fresh root key as the environment carries it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def refused(code, act):
    """The act is refused with this code."""
    with pytest.raises(KeyRefused) as found:
        act()
    assert found.value.code == code


def test_the_folder_is_private(folder):
    """Folder 0700, files 0600; the ring holds no secret in the open."""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert sorted(path.name for path in folder.iterdir()) == ["ring.json", "ring.lock", "root.key"]


def test_init_twice_changes_nothing(folder):
    """A second start keeps every key."""
    before = (folder / RING).read_bytes()
    KeyRing.create(folder, profile="client", mode="demo")
    assert (folder / RING).read_bytes() == before


@pytest.mark.attack
def test_production_refuses_demo_keys(folder):
    """Production refuses keys made for a demo, and a root key beside the keys, and says what to do."""
    refused("root_key_beside_keys", lambda: KeyRing.open(folder, mode="production"))
    text = (folder / "root.key").read_text()
    (folder / "root.key").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEYS_ROOT_KEY", text)
        refused("demo_keys", lambda: KeyRing.open(folder, mode="production"))


def test_a_mode_that_is_not_named_is_production(folder, monkeypatch):
    """Forgetting the mode never weakens anything; a misspelt one is refused."""
    refused("root_key_beside_keys", lambda: KeyRing.open(folder))
    monkeypatch.setenv("DINHDANH_MODE", "demo")
    assert KeyRing.open(folder).records
    monkeypatch.setenv("DINHDANH_MODE", "prod")
    refused("unknown_mode", lambda: KeyRing.open(folder))


def test_production_with_the_root_key_elsewhere(tmp_path, monkeypatch):
    """Production works with the root key in the environment or in a private file of another folder."""
    path = tmp_path / "ring"
    refused("no_root_key", lambda: KeyRing.create(path, profile="client", mode="production"))
    text = root_text()
    monkeypatch.setenv("KEYS_ROOT_KEY", text)
    kid = KeyRing.create(path, profile="client", mode="production").signer(KeyPurpose.CLIENT_ASSERTION).kid
    monkeypatch.delenv("KEYS_ROOT_KEY")
    file = tmp_path / "elsewhere"
    file.write_text(text)
    file.chmod(0o600)
    monkeypatch.setenv("KEYS_ROOT_KEY_FILE", str(file))
    assert KeyRing.open(path).signer(KeyPurpose.CLIENT_ASSERTION).kid == kid
    file.chmod(0o640)
    refused("root_key_exposed", lambda: KeyRing.open(path))
    inside = path / "hidden"
    inside.write_text(text)
    monkeypatch.setenv("KEYS_ROOT_KEY_FILE", str(inside))
    refused("root_key_beside_keys", lambda: KeyRing.open(path))


@pytest.mark.parametrize("text", ["short", "ă" * 43, "A" * 42, "!" * 43])
def test_malformed_root_keys(folder, monkeypatch, text):
    """A root key that is not 32 bytes of base64url is refused without being printed."""
    monkeypatch.setenv("KEYS_ROOT_KEY", text)
    with pytest.raises(KeyRefused, match="bad_root_key") as found:
        KeyRing.open(folder, mode="demo")
    assert text not in str(found.value)


@pytest.mark.attack
def test_another_root_key_or_an_altered_ring(folder, monkeypatch):
    """Without the root key nobody revives a key, swaps states or slips one in: the ring is authenticated."""
    document = json.loads((folder / RING).read_bytes())
    for name in document:
        flipped = document[name][:10] + ("A" if document[name][10] != "A" else "B") + document[name][11:]
        (folder / RING).write_text(json.dumps({**document, name: flipped}))
        refused("ring_altered", lambda: KeyRing.open(folder, mode="demo"))
    for content in ("", "{}", "[]", '{"ring":1,"hmac":2}'):
        (folder / RING).write_text(content)
        refused("ring_altered", lambda: KeyRing.open(folder, mode="demo"))
    (folder / RING).write_text(json.dumps(document))
    monkeypatch.setenv("KEYS_ROOT_KEY", root_text())
    refused("ring_altered", lambda: KeyRing.open(folder, mode="demo"))


def test_secrets_are_bound_to_their_kid(tmp_path):
    """One key's sealed secret does not open as another's."""
    file = RingFile(tmp_path, RootKey(bytes(32)))
    sealed = file.seal("one", b"secret")
    assert file._root.open(sealed, "one") == b"secret"
    with pytest.raises(SealBroken):
        file._root.open(sealed, "two")


def test_an_altered_ring_does_not_replace_a_good_one(folder):
    """A running service that meets a broken file says so and goes on with the keys it has."""
    ring = KeyRing.open(folder, mode="demo")
    (folder / RING).write_text("{}")
    refused("ring_altered", ring.reload_if_changed)
    (folder / RING).unlink()
    refused("no_ring", ring.reload_if_changed)
    assert ring.signer(KeyPurpose.CLIENT_ASSERTION).sign({"sub": "x"})


def test_no_folder_no_profile(tmp_path):
    """A missing ring names the command that makes one; an unknown profile names the known ones."""
    refused("unknown_profile", lambda: KeyRing.create(tmp_path, profile="x", mode="demo"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEYS_ROOT_KEY", root_text())
        refused("no_ring", lambda: KeyRing.open(tmp_path, mode="demo"))


def test_reload_costs_one_stat_until_something_changed(folder, monkeypatch):
    """Nothing is read as long as the file is the same; a rotation by another process is seen once."""
    reader, writer = KeyRing.open(folder, mode="demo"), KeyRing.open(folder, mode="demo")
    reads = []
    original = RingFile.read
    monkeypatch.setattr(RingFile, "read", lambda self: reads.append(1) or original(self))
    assert not reader.reload_if_changed()
    assert reads == []
    writer.rotate(KeyPurpose.CLIENT_ASSERTION)
    reads.clear()
    assert reader.reload_if_changed()
    assert not reader.reload_if_changed()
    assert len(reads) == 1


def test_a_crash_while_writing_leaves_the_old_ring(folder, monkeypatch):
    """If the process dies before the replacement, every reader still finds the old ring whole."""
    ring = KeyRing.open(folder, mode="demo")
    before = (folder / RING).read_bytes()

    def power_cut(*_):
        raise OSError("power cut")

    monkeypatch.setattr(Path, "replace", power_cut)
    with pytest.raises(OSError, match="power cut"):
        ring.rotate(KeyPurpose.CLIENT_ASSERTION)
    assert (folder / RING).read_bytes() == before
    monkeypatch.undo()
    assert len(KeyRing.open(folder, mode="demo").rotate(KeyPurpose.CLIENT_ASSERTION)) == 1


def test_a_disk_that_cannot_sync_is_an_error(folder, monkeypatch):
    """A failed fsync fails the rotation; a key that might be lost is never published."""

    def full(_):
        raise OSError("no space left")

    ring = KeyRing.open(folder, mode="demo")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        ring.rotate(KeyPurpose.CLIENT_ASSERTION)
    monkeypatch.undo()
    assert all(record.state is KeyState.ACTIVE for record in KeyRing.open(folder, mode="demo").records)


def test_writers_take_turns(folder):
    """Eight writers at once start one rotation, not eight: the lock is held from reading to writing."""
    rings = [KeyRing.open(folder, mode="demo") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        steps = list(pool.map(lambda ring: ring.rotate(KeyPurpose.CLIENT_ASSERTION), rings))
    assert sum(map(len, steps)) == 1
    records = KeyRing.open(folder, mode="demo").records
    assert sum(record.state is KeyState.NEXT for record in records) == 1


def test_the_lock_is_held_from_reading_to_writing(folder, monkeypatch):
    """While one process changes the ring, from its look at it to the new file, nobody else gets the lock."""
    ring, seen = KeyRing.open(folder, mode="demo"), []

    def watched(name):
        original = getattr(RingFile, name)

        def call(self, *arguments):
            with (folder / "ring.lock").open("rb") as other, pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            seen.append(name)
            return original(self, *arguments)

        return call

    for name in ("read", "write"):
        monkeypatch.setattr(RingFile, name, watched(name))
    ring.rotate(KeyPurpose.CLIENT_ASSERTION)
    assert seen == ["read", "write", "read"]


def test_a_new_algorithm_is_started_by_naming_it(folder):
    """A portal that wants RS256 gets a published key which signs after the publication time."""
    ring = KeyRing.open(folder, mode="demo")
    refused("no_active_key", lambda: ring.rotate(KeyPurpose.RECEIPT))
    ring.rotate(KeyPurpose.CLIENT_ASSERTION, Algorithm.RS256)
    refused("no_active_key", lambda: ring.signer(KeyPurpose.CLIENT_ASSERTION, "RS256"))
    ring.rotate_due(now=datetime.now(UTC) + timedelta(days=1, seconds=1))
    token = ring.signer(KeyPurpose.CLIENT_ASSERTION, "RS256").sign({"sub": "x"})
    assert ring.public_keys().verify(token, algorithms=["RS256"], typ="JWT") == {"sub": "x"}


def test_a_ring_can_only_make_keys_its_purpose_allows(folder):
    """An algorithm outside the purpose's list is refused and leaves the ring as it was."""
    ring = KeyRing.open(folder, mode="demo")
    before = ring.records
    refused("algorithm", lambda: ring.rotate(KeyPurpose.RECEIPT, Algorithm.RS256))
    assert ring.records == before

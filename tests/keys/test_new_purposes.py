"""A newer version of a service brings keys of a new purpose to a folder that is in use."""

from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from keys import KeyPurpose, KeyRefused, KeyRing, KeyState, purposes, ring


def test_init_makes_the_keys_of_new_purposes_and_leaves_the_others(tmp_path, monkeypatch):
    """The folder of an older version: what it had stays, a rotation goes on, what was missing serves at once."""
    new = KeyPurpose.AUTHORIZATION_RESPONSE
    older = {
        name: tuple(slot for slot in slots if slot[0] is not new) for name, slots in purposes.PROFILES.items()
    }
    monkeypatch.setattr(ring, "PROFILES", MappingProxyType(older))
    old = KeyRing.create(tmp_path / "idp", profile="idp", mode="demo")
    with pytest.raises(KeyRefused, match="no_active_key"):
        old.signer(new)
    started = datetime.now(UTC)
    old.rotate(KeyPurpose.ID_TOKEN, now=started)
    before = {record.kid: record for record in old.records}
    monkeypatch.undo()
    running = KeyRing.open(tmp_path / "idp", mode="demo")
    KeyRing.create(tmp_path / "idp", profile="idp", mode="demo")
    assert running.reload_if_changed()
    assert {record.kid: record for record in running.records if record.purpose is not new} == before
    assert (
        running.public_keys(new).verify(
            running.signer(new, "PS256").sign({}), algorithms=["PS256"], typ="JWT"
        )
        == {}
    )
    running.rotate_due(now=started + timedelta(days=2))
    states = [record.state for record in running.records if record.purpose is KeyPurpose.ID_TOKEN]
    assert states.count(KeyState.ACTIVE) == states.count(KeyState.RETIRING) == 4
    assert {record.state for record in running.records if record.purpose is new} == {KeyState.ACTIVE}

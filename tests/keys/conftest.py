"""A key ring made once for the reading tests, and folders of their own for those that turn keys."""

import json
from pathlib import Path

import pytest
from hypothesis import settings

from keys import KeyRing

# A busy machine is no counter-example.
settings.register_profile("keys", deadline=None)
settings.load_profile("keys")


@pytest.fixture(autouse=True)
def _no_root_key_from_outside(monkeypatch):
    for name in ("KEYS_ROOT_KEY", "KEYS_ROOT_KEY_FILE", "DINHDANH_MODE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def ring(tmp_path_factory):
    """A demo ring with every key of the provider; tests only read it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("KEYS_ROOT_KEY", "KEYS_ROOT_KEY_FILE"):
            patch.delenv(name, raising=False)
        return KeyRing.create(tmp_path_factory.mktemp("keys") / "idp", profile="idp", mode="demo")


@pytest.fixture
def folder(tmp_path):
    """A demo key folder of a portal (three keys), for tests that change it."""
    KeyRing.create(tmp_path / "ring", profile="client", mode="demo")
    return tmp_path / "ring"


@pytest.fixture(scope="session")
def published():
    """The published vectors of RFC 7515, 7638 and 8037."""
    return json.loads((Path(__file__).parent / "vectors" / "published.json").read_text())

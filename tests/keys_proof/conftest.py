"""Published vectors, one sender, and certificates that are made on the spot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import settings

from tests.keys_proof.certificates import Authority
from tests.keys_proof.proofs import Sender

# A busy machine is no counter-example.
settings.register_profile("keys_proof", deadline=None)
settings.load_profile("keys_proof")

VECTORS = Path(__file__).parent / "vectors"


@pytest.fixture(scope="session")
def rfc9449() -> dict:
    """The example proofs of RFC 9449."""
    return json.loads((VECTORS / "rfc9449.json").read_text())


@pytest.fixture(scope="session")
def rfc9440() -> dict:
    """The certificates and fields of RFC 9440, appendix A."""
    return json.loads((VECTORS / "rfc9440.json").read_text())


@pytest.fixture(scope="session")
def sender() -> Sender:
    """A client with a P-256 key."""
    return Sender()


@pytest.fixture(scope="session")
def authority() -> Authority:
    """A certification authority that clients may come from."""
    return Authority("Cơ quan chứng thực thử nghiệm")

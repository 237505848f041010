"""Metadata and the table of specifications."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from authlib.oauth2 import rfc8414, rfc9207
from authlib.oidc import discovery, rpinitiated

import idp.protocol
from idp.protocol import SPECIFICATIONS, provider_metadata
from idp.protocol import __main__ as table
from idp.protocol.offer import Offer
from idp.protocol.provider_metadata import joined
from keys import KeyPurpose
from keys.purposes import PROFILES
from tests.idp_protocol.world import POLICY

ROOT = Path(idp.protocol.__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
# What a ring made by `init` signs and decrypts with.
OFFER = Offer(
    POLICY,
    {
        purpose: tuple(algorithm.value for each, algorithm in PROFILES["idp"] if each is purpose)
        for purpose in KeyPurpose
    },
)


def test_the_document_is_valid_for_authlib() -> None:
    """OIDC Discovery section 3, RFC 8414 section 2, RFC 9207 section 3, RP-Initiated Logout section 2.1."""
    document = provider_metadata.document(OFFER)
    discovery.OpenIDProviderMetadata(document).validate(
        metadata_classes=[rfc9207.AuthorizationServerMetadata, rpinitiated.OpenIDProviderMetadata]
    )
    rfc8414.AuthorizationServerMetadata(document).validate()


def test_the_document_on_the_wire() -> None:
    """A renamed or lost member is seen in review."""
    golden = json.loads((GOLDEN / "openid-configuration.json").read_text(encoding="utf-8"))
    assert provider_metadata.document(OFFER) == golden


def test_parts_join_and_never_contradict() -> None:
    """Lists are joined without repetition, what one module turns on is on, and two truths are none."""
    assert joined([{"a": [1, 2], "b": False}, {"a": [2, 3], "b": True}]) == {"a": [1, 2, 3], "b": True}
    assert joined([{"b": True}, {"b": False}]) == {"b": True}
    with pytest.raises(ValueError, match="endpoint"):
        joined([{"endpoint": "x"}, {"endpoint": "y"}])


def test_each_module_of_a_specification_is_in_the_table_and_says_what_it_is() -> None:
    """The table is complete, and each module begins with title, address, sections, omissions, Authlib class."""
    folder = ROOT / "idp" / "protocol"
    names = {path.stem for path in folder.iterdir() if path.name.startswith(("rfc", "oidc", "fapi"))}
    assert {each.module for each in SPECIFICATIONS} == names
    for each in SPECIFICATIONS:
        text = importlib.import_module(f"idp.protocol.{each.module}").__doc__ or ""
        lines = text.splitlines()
        assert lines[1] == ""
        assert lines[2].startswith("https://")
        assert "Implemented:" in text
        assert "Left out:" in text
        assert "Builds on" in text


@pytest.mark.parametrize("module", [each.module for each in SPECIFICATIONS])
def test_each_module_of_a_specification_has_a_test_file(module: str) -> None:
    """A newcomer who changes a rule finds its test by its name."""
    assert table.tests_of(module)


def test_the_document_of_specifications_is_current() -> None:
    """``python -m idp.protocol > docs/specifications.md`` was run."""
    made = subprocess.run(
        [sys.executable, "-m", "idp.protocol"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "docs" / "specifications.md").read_text(encoding="utf-8") == made

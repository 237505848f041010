"""The commands that give what the documents' own commands need: an environment, the names of clients and services."""

from __future__ import annotations

import shlex

import pytest

from demo.environment import exports
from demo.place import Place, TroubleError
from demo.services import MANIFESTS
from demo.tokens import Party, Refused, curl_configuration


def test_the_environment_of_a_service_is_written_for_a_shell(tmp_path):
    """Whatever stands in an address, a shell reads the same value back."""
    place = Place(var=tmp_path / "with a space", port_base=21000)
    said = dict(word.split("=", 1) for word in shlex.split(exports(place, "registry")) if word != "export")
    assert said["PUBLIC_URL"] == "http://localhost:21100"
    assert said["KEYS_DIR"] == str(tmp_path / "with a space" / "keys" / "registry")


def test_an_unknown_service_or_client_is_told_who_there_is(tmp_path):
    """A slip of the keyboard is answered by the names to choose from, not by a traceback."""
    place = Place(var=tmp_path)
    with pytest.raises(TroubleError, match="registry-worker"):
        exports(place, "registri")
    with pytest.raises(Refused, match=r"civil-status, .*insurer, .*residence-authority"):
        Party.of(place, "residence_portal")


def test_systems_of_authorities_are_of_the_demo_alone():
    """Nobody who provisions `clients/manifests` gives a system the right to decide by accident."""
    ordinary, own = (
        {file.name: file.read_text("utf-8") for file in folder.glob("*.toml")} for folder in MANIFESTS
    )
    assert [name for name, text in ordinary.items() if "registry:decide" in text] == []
    assert sorted(name for name, text in own.items() if "registry:decide" in text) == sorted(own)


def test_headers_are_written_as_curl_reads_them():
    """`curl -K` takes one line for each header."""
    written = curl_configuration({"Authorization": "DPoP ey", "DPoP": "pr"})
    assert written == 'header = "Authorization: DPoP ey"\nheader = "DPoP: pr"\n'

"""RFC 9728: what a client learns of UserInfo as a protected resource."""

import json
from dataclasses import replace

import pytest

from idp.protocol import provider_metadata
from idp.protocol.rfc9728_resource_metadata import document, pointed, well_known
from keys import KeyPurpose
from tests.idp_protocol.acts import userinfo
from tests.idp_protocol.test_oidc_discovery import GOLDEN, OFFER
from tests.idp_protocol.world import ISSUER, LOADED, POLICY, REGISTRY, facts

PLACE = f"{ISSUER}/.well-known/oauth-protected-resource/userinfo"


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        ("https://a.example", "https://a.example/.well-known/oauth-protected-resource"),
        ("https://a.example/", "https://a.example/.well-known/oauth-protected-resource"),
        ("https://a.example/r1", "https://a.example/.well-known/oauth-protected-resource/r1"),
        ("https://a.example/r1/r2/", "https://a.example/.well-known/oauth-protected-resource/r1/r2/"),
        ("https://a.example/?k=v", "https://a.example/.well-known/oauth-protected-resource?k=v"),
        ("https://a.example:8443/r?k=v", "https://a.example:8443/.well-known/oauth-protected-resource/r?k=v"),
    ],
)
def test_the_suffix_stands_between_host_and_path(resource: str, place: str) -> None:
    """Section 3.1, with its examples."""
    assert well_known(resource) == place


def test_the_document_on_the_wire() -> None:
    """Section 2: a renamed or lost member is seen in review."""
    golden = json.loads((GOLDEN / "oauth-protected-resource.json").read_text(encoding="utf-8"))
    assert document(OFFER, provider_metadata.document(OFFER)) == golden


def test_it_says_what_the_server_really_does() -> None:
    """Section 2: algorithms are those of the keys, of DPoP those of the server; no token in the query (RFC 9700)."""
    server = provider_metadata.document(OFFER)
    made = document(OFFER, server)
    assert well_known(str(made["resource"])) == PLACE
    assert made["resource_signing_alg_values_supported"] == OFFER.of(KeyPurpose.USERINFO)
    assert made["dpop_signing_alg_values_supported"] == server["dpop_signing_alg_values_supported"]
    assert "query" not in list(made["bearer_methods_supported"])  # type: ignore[call-overload]  # a list, by golden
    assert document(replace(OFFER, algorithms={}), {})["resource_signing_alg_values_supported"] == []


def test_the_server_names_its_resources() -> None:
    """Section 4: protected_resources."""
    named = provider_metadata.document(OFFER)["protected_resources"]
    assert named == [f"{ISSUER}/userinfo", REGISTRY]


@pytest.mark.parametrize("text", ["nonsense", ""])
def test_every_challenge_says_where_the_document_is(text: str) -> None:
    """Section 5.1: resource_metadata, once in each challenge that names the realm."""
    outcome = pointed(userinfo(facts(grant=LOADED), text).outcome, POLICY)
    assert outcome.challenge.count(f'resource_metadata="{PLACE}"') == 1
    assert outcome.challenge.startswith(f'Bearer realm="dinhdanh", resource_metadata="{PLACE}", ')

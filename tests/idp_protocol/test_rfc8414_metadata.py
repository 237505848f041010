"""RFC 8414: the metadata of the authorization server."""

from __future__ import annotations

from typing import Any

from idp.domain import paths
from idp.protocol import provider_metadata, server
from idp.protocol.offer import Offer
from tests.idp_protocol.world import ISSUER, POLICY


def document() -> dict[str, Any]:
    """The whole document."""
    return provider_metadata.document(Offer(POLICY))


def test_the_required_members_are_there() -> None:
    """Section 2: issuer, endpoints and response types; the issuer has no query and no fragment."""
    made = document()
    assert made["issuer"] == ISSUER
    assert not {"?", "#"} & set(made["issuer"])
    assert made["authorization_endpoint"] == ISSUER + paths.AUTHORIZE
    assert made["token_endpoint"] == ISSUER + paths.TOKEN
    assert made["response_types_supported"]


def test_grant_types_are_those_that_are_registered() -> None:
    """Section 2: nothing is typed by hand; what the server has, the document says, and nothing else."""
    assert set(server.grant_types()) <= set(document()["grant_types_supported"])
    assert "password" not in document()["grant_types_supported"]


def test_every_endpoint_is_below_the_issuer() -> None:
    """Section 2, and CVE-2025-64101: addresses come from the configuration, never from a request."""
    for name, value in document().items():
        if name.endswith("_endpoint") or name in {"jwks_uri", "check_session_iframe"}:
            assert str(value).startswith(ISSUER + "/"), name


def test_no_weak_way_is_offered() -> None:
    """RFC 9700 2.1.1 and 2.4, RFC 8725 3.2: no plain challenge, no unsigned token, no RSA1_5."""
    made = document()
    assert made["code_challenge_methods_supported"] == ["S256"]
    for name, value in made.items():
        if name.endswith(("_alg_values_supported", "_enc_values_supported")):
            assert not {"none", "RSA1_5", "RSA-OAEP"} & set(value), name


def test_nobody_finds_an_empty_list() -> None:
    """Section 3.2: "Claims with zero elements MUST be omitted from the response" once the keys are there."""
    from tests.idp_protocol.test_oidc_discovery import OFFER

    empty = [name for name, value in provider_metadata.document(OFFER).items() if value == []]
    assert not empty

"""RFC 9101 section 5.2, OpenID Connect Core 6.2: objects by reference; encrypted ones; what the metadata says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idp.domain.authorization import PushedRequest
from idp.domain.client import Client
from idp.domain.decision import Decision
from idp.domain.errors import PageProblem
from idp.domain.writes import SavePushed
from idp.protocol import authorization, provider_metadata
from idp.protocol.authorization import AuthorizationQuery
from idp.protocol.offer import Offer
from idp.protocol.rfc9101_request_objects import reading
from idp.protocol.rfc9101_request_objects.reading import Brought
from keys import KeyPurpose
from tests.idp_protocol.acts import params_of
from tests.idp_protocol.request_objects import (
    PLAIN,
    REFERENCE,
    push,
    refused,
    signed,
    unsigned,
    visit,
)
from tests.idp_protocol.world import (
    POLICY,
    REDIRECT,
    authorize,
    facts,
    parameters,
)

# ---------------------------------------------------------------- by reference


def reference(brought: Brought, client: Client = PLAIN, **outside: Any) -> Decision[Any]:
    """A visit whose object the endpoint fetched."""
    uri = brought.uri or REFERENCE
    values = {"client_id": "portal", "response_type": "code", "scope": "openid", "request_uri": uri} | outside
    query = AuthorizationQuery(parameters(**values), brought=brought)
    return authorization.decide(query, facts(client=client), POLICY)


def test_a_registered_reference_gets_a_code() -> None:
    """RFC 9101 section 5.2: what was fetched is judged as if it had come by value."""
    assert "code" in params_of(reference(Brought(signed(), uri=REFERENCE)))
    wrong = reference(Brought(signed(iss="other"), uri=REFERENCE), redirect_uri=REDIRECT)
    assert refused(wrong) == "invalid_request_object"
    none = reference(Brought(unsigned(), uri=REFERENCE), redirect_uri=REDIRECT)
    assert refused(none) == "request_uri_not_supported"


@pytest.mark.attack
@pytest.mark.parametrize(
    "uri",
    [
        REFERENCE + "?x",
        REFERENCE + "#x",
        REFERENCE.upper(),
        "https://portal.example/",
        "http://127.0.0.1/",
        "x" * 513,
    ],
)
def test_only_an_exactly_registered_reference_counts(uri: str) -> None:
    """Attack 33, CVE-2020-10770: the rule refuses whatever was not registered, even if somebody fetched it."""
    decision = reference(Brought(signed(), uri=uri), redirect_uri=REDIRECT)
    assert refused(decision) == "invalid_request_uri"
    assert not reading.may_fetch(PLAIN, uri)
    assert not reading.may_fetch(replace(PLAIN, disabled=True), REFERENCE)
    page = reference(Brought(error="invalid_request_uri", uri=uri)).outcome
    assert isinstance(page, PageProblem)
    assert page.code == "request_uri_invalid"


def test_both_ways_at_once_are_refused() -> None:
    """RFC 9101 section 5: request and request_uri together, or one of them twice."""
    both = visit(signed(), request_uri=REFERENCE, redirect_uri=REDIRECT)
    assert refused(both) == "invalid_request"
    query = AuthorizationQuery(authorize(request=[signed(), signed()]))
    assert refused(authorization.decide(query, facts(client=PLAIN), POLICY)) == "invalid_request"


def test_the_hash_in_a_reference_is_read() -> None:
    """Core 6.2: a fragment of 43 characters is the hash of the content; anything else says nothing."""
    assert reading.named_hash(REFERENCE + "#" + "h" * 43) == "h" * 43
    assert reading.named_hash(REFERENCE + "#v2") is None
    assert reading.named_hash(REFERENCE) is None


# ---------------------------------------------------------------- encrypted


def test_an_encrypted_object_came_the_registered_way() -> None:
    """RFC 9101 section 6.1, OIDC Registration 2: alg and enc of the client's metadata, A128CBC-HS256 by default."""
    bound = replace(PLAIN, request_object_encryption_alg="ECDH-ES")
    for way, good in (
        (("ECDH-ES", "A128CBC-HS256"), True),
        (("ECDH-ES", "A256GCM"), False),
        (("RSA-OAEP-256", "A128CBC-HS256"), False),
    ):
        values = parameters(client_id="portal", scope="openid", request="a.b.c.d.e", redirect_uri=REDIRECT)
        query = AuthorizationQuery(values, brought=Brought(signed(), way))
        decision = authorization.decide(query, facts(client=bound), POLICY)
        assert ("code" in params_of(decision)) is good
        assert "code" in params_of(authorization.decide(query, facts(client=PLAIN), POLICY))


# ---------------------------------------------------------------- metadata


def test_the_metadata_says_what_is_on() -> None:
    """RFC 9101 section 9.1, Discovery 3: signed objects by value and registered reference; never ``none``."""
    ways = {KeyPurpose.REQUEST_OBJECT: ("RSA-OAEP-256", "ECDH-ES")}
    document = provider_metadata.document(Offer(POLICY, ways))
    assert document["request_parameter_supported"] is True
    assert document["request_uri_parameter_supported"] is True
    assert document["require_request_uri_registration"] is True
    assert document["require_signed_request_object"] is False
    assert document["request_object_signing_alg_values_supported"] == ["ES256", "PS256", "RS256", "EdDSA"]
    assert document["request_object_encryption_alg_values_supported"] == ["ECDH-ES", "RSA-OAEP-256"]
    assert "request_object_encryption_alg_values_supported" not in provider_metadata.document(Offer(POLICY))


def test_a_pushed_object_is_an_ordinary_pushed_request_afterwards() -> None:
    """RFC 9126 section 3: once pushed, the name is all that counts."""
    save = push(signed(header={"typ": "oauth-authz-req+jwt"})).writes[-1]
    assert isinstance(save, SavePushed)
    assert isinstance(save.pushed, PushedRequest)
    assert (save.pushed.request.state, save.pushed.request.nonce) == ("inside", "n-inside")
    assert save.pushed.request.pushed_id == save.pushed_id

"""RFC 9701: introspection answers as JWTs, and what which resource server may see."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.authorization import ClaimsRequest
from idp.domain.tokens import Handle
from idp.protocol import rfc7662_introspection
from idp.protocol.rfc6749_framework.authentication import read
from idp.protocol.rfc7662_introspection import IntrospectionRequest
from idp.protocol.rfc9701_jwt_introspection import MEDIA_TYPE, minimised, wants_jwt
from tests.idp_protocol.acts import error_of
from tests.idp_protocol.test_oidc_encryption import JWKS
from tests.idp_protocol.world import (
    ACCESS,
    ACCESS_STATE,
    CLIENT,
    GRANT,
    ISSUER,
    LOADED,
    NOW,
    POLICY,
    PUBLIC,
    REGISTRY,
    basic,
    facts,
    parameters,
)

ASKING = replace(
    CLIENT, client_id="clinic", resources=frozenset({REGISTRY}), scopes=frozenset({"introspection"})
)
JWT_CLAIMS = {
    "iss": ISSUER,
    "exp": NOW + 200,
    "aud": REGISTRY,
    "sub": "subject-of-the-portal",
    "client_id": "portal",
    "iat": NOW - 10,
    "jti": f"{GRANT.grant_id}.x",
    "scope": "openid profile pid",
    "acr": "urn:x",
    "party_kind": "state",
    "pid": "097000000001",
}


def asked(
    known: Any, *, jwt: Any = None, signed: bool = True, text: str = ACCESS, client: str = "portal"
) -> Any:
    """An introspection request that asks for a JWT."""
    values = parameters(token=text)
    handle = None if jwt is not None else Handle.parse(text)
    request = IntrospectionRequest(values, read(values, basic(client)), "192.0.2.1", handle, jwt, signed)
    return rfc7662_introspection.decide(request, known, POLICY)


def by_resource(client: Any = ASKING, claims: Any = JWT_CLAIMS, **changes: Any) -> Any:
    """A resource server asks about a JWT access token that is for it."""
    return asked(facts(grant=LOADED, client=client), jwt=claims, client="clinic", **changes)


def test_the_jwt_says_who_tells_whom_and_when() -> None:
    """Section 5: iss, aud, iat and token_introspection; sub and exp stay inside, so that it is no access token."""
    jwt = asked(facts(grant=LOADED)).outcome.jwt
    assert set(jwt.claims) == {"iss", "aud", "iat", "token_introspection"}
    assert (jwt.claims["iss"], jwt.claims["aud"], jwt.claims["iat"]) == (ISSUER, "portal", NOW)
    inside = jwt.claims["token_introspection"]
    assert inside["active"] is True
    assert inside["exp"] == ACCESS_STATE.expires_at
    assert jwt.algorithm == "ES256"


@pytest.mark.attack
@pytest.mark.parametrize(
    "known",
    [
        facts(grant=None),
        facts(grant=replace(LOADED, access=replace(ACCESS_STATE, expires_at=NOW))),
        facts(grant=replace(LOADED, grant=replace(GRANT, client_id="other"))),
        facts(grant=LOADED, account=None),
    ],
)
def test_an_inactive_token_tells_nothing(known: Any) -> None:
    """Section 5: active is false "and other members MUST NOT be included"."""
    jwt = asked(known).outcome.jwt
    assert jwt.claims["token_introspection"] == {"active": False}
    assert jwt.claims["aud"] == "portal"


@pytest.mark.attack
def test_only_authenticated_resource_servers_are_answered() -> None:
    """Section 4: "The AS MUST authenticate the caller"; a public client is none, and gets no JWT either."""
    refused = asked(facts(grant=LOADED, client=PUBLIC), client="app")
    assert error_of(refused) == "invalid_client"
    wrong = IntrospectionRequest(
        parameters(token=ACCESS), read(parameters(token=ACCESS), basic("portal", "no")), "", signed=True
    )
    assert error_of(rfc7662_introspection.decide(wrong, facts(grant=LOADED), POLICY)) == "invalid_client"


@pytest.mark.attack
def test_a_resource_server_sees_its_own_tokens_only() -> None:
    """Section 3: without the right to introspect, or for another resource, a token is as good as unknown."""
    assert by_resource().outcome.jwt.claims["token_introspection"]["active"] is True
    for client in (
        replace(ASKING, scopes=frozenset()),
        replace(ASKING, resources=frozenset({"https://other"})),
    ):
        assert by_resource(client).outcome.jwt.claims["token_introspection"] == {"active": False}


@pytest.mark.parametrize("signed", [True, False])
def test_each_resource_server_sees_what_it_is_registered_for(*, signed: bool) -> None:
    """Section 3 and Decree 69/2024 Art. 19: the personal number only where it is due, in both forms of the answer."""

    def seen(*scopes: str) -> Any:
        client = replace(ASKING, scopes=frozenset({"introspection", *scopes}))
        outcome = by_resource(client, signed=signed).outcome
        return outcome.jwt.claims["token_introspection"] if signed else outcome.claims

    plain = seen()
    assert "pid" not in plain
    assert plain["scope"] == "openid profile pid", "it named no scopes of its own: nothing to narrow by"
    assert {"sub", "client_id", "exp", "jti", "acr", "party_kind"} <= set(plain)
    assert "pid" not in seen("profile")
    assert seen("profile")["scope"] == "profile"
    assert seen("pid")["pid"] == "097000000001"
    assert seen("pid", "address")["scope"] == "pid"


def test_the_owner_of_a_token_sees_all_of_it() -> None:
    """RFC 7662 section 4: who holds the token knows what it says."""
    claims = asked(facts(grant=LOADED), jwt=JWT_CLAIMS).outcome.jwt.claims["token_introspection"]
    assert claims["pid"] == "097000000001"
    assert claims["scope"] == "openid profile pid"
    assert minimised({"active": True, "name": "An"}, ASKING, "portal") == {"active": True}


def test_signed_and_encrypted_as_registered() -> None:
    """Section 6: introspection_signed_response_alg and introspection_encrypted_response_alg and _enc."""
    client = replace(
        CLIENT,
        jwks=JWKS,
        introspection_signed_response_alg="PS256",
        introspection_encrypted_response_alg="ECDH-ES",
        introspection_encrypted_response_enc="A256GCM",
    )
    jwt = asked(facts(grant=LOADED, client=client)).outcome.jwt
    assert jwt.algorithm == "PS256"
    assert (jwt.envelope.recipient.kid, jwt.envelope.enc) == ("enc-1", "A256GCM")
    lost = asked(facts(grant=LOADED, client=replace(client, jwks=None)))
    assert error_of(lost) == "temporarily_unavailable"
    assert lost.audit == ()


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (MEDIA_TYPE, True),
        ("Application/Token-Introspection+JWT", True),
        (f"application/json, {MEDIA_TYPE}", True),
        (f"application/json;q=0.5, {MEDIA_TYPE};q=0.9", True),
        (f"{MEDIA_TYPE} ; q=1.0", True),
        (f"application/json, {MEDIA_TYPE};q=0.5", False),
        (f"{MEDIA_TYPE};q=0", False),
        (f"{MEDIA_TYPE};q=nonsense", False),
        ("application/json", False),
        ("*/*", False),
        ("", False),
        (None, False),
        (f"{MEDIA_TYPE}x", False),
        (MEDIA_TYPE + ", " * 2000, False),
    ],
)
def test_the_accept_header_decides(accept: str | None, wanted: bool) -> None:
    """Section 4 and RFC 9110 section 12.5.1."""
    assert wants_jwt(accept) is wanted


@given(st.text(max_size=300))
def test_no_accept_header_is_an_accident(text: str) -> None:
    """Whatever a stranger sends, reading it never raises."""
    assert wants_jwt(text + MEDIA_TYPE) in {True, False}


def test_claims_asked_by_name_stay_out() -> None:
    """Section 9: an introspection answer speaks of the token, never of the person's profile."""
    grant = replace(GRANT, claims=ClaimsRequest())
    claims = asked(facts(grant=replace(LOADED, grant=grant))).outcome.claims
    assert not {"name", "birthdate", "gender"} & set(claims)

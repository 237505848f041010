"""RFC 8707: which resources a grant may be used for, and which one a token is for (decision 0009)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idp.domain.facts import Facts
from idp.domain.grant import LoadedGrant
from idp.domain.outcomes import JwtAccessClaims, OpaqueAccess
from idp.domain.writes import CreateGrant
from idp.protocol import token
from tests.idp_protocol.acts import error_of, params_of, redeem, refresh, token_request, visit
from tests.idp_protocol.world import (
    CLIENT,
    GRANT,
    ISSUER,
    LOADED,
    POLICY,
    REGISTRY,
    basic,
    facts,
    parameters,
)

OTHER = "https://other.example/api"
TWO = replace(CLIENT, resources=frozenset({REGISTRY, OTHER}))


def granted(*resources: str, scopes: tuple[str, ...] = ("openid", "profile"), client: Any = TWO) -> Facts:
    """A grant that was asked with these resources."""
    grant: LoadedGrant = replace(LOADED, grant=replace(GRANT, resources=resources, scopes=scopes))
    return facts(client=client, grant=grant)


def audience(decision: Any) -> object:
    """Whom the access token of an answer is for."""
    access = decision.outcome.access
    return access.claims["aud"] if isinstance(access, JwtAccessClaims) else ISSUER


@pytest.mark.parametrize(
    "resource",
    [
        "https://evil.example",
        REGISTRY + "#part",
        "registry",
        "/v1",
        "https://registry.example/",
        "é",
        "x" * 600,
    ],
)
def test_a_resource_is_an_absolute_uri_that_the_client_registered(resource: str) -> None:
    """Section 2: no relative reference, no fragment, none unknown; exactly as registered, at both endpoints."""
    careless = replace(
        CLIENT, resources=CLIENT.resources | {REGISTRY + "#part", "registry", "/v1", "é", "x" * 600}
    )
    for client in (CLIENT, careless):
        assert error_of(visit(facts(client=client), resource=resource)) == "invalid_target"
        assert error_of(redeem(facts(client=client, grant=LOADED), resource=resource)) == "invalid_target"


def test_an_authorization_request_may_name_several() -> None:
    """Section 2.1: "Multiple resource parameters MAY be used"; the grant remembers each once, in order."""
    decision = visit(facts(client=TWO), resource=[OTHER, REGISTRY, OTHER])
    assert "code" in params_of(decision)
    (born,) = [write for write in decision.writes if isinstance(write, CreateGrant)]
    assert born.grant.resources == (OTHER, REGISTRY)
    assert error_of(visit(facts(client=TWO), resource=[OTHER, "https://evil.example"])) == "invalid_target"


def test_their_number_is_bounded() -> None:
    """A request names at most eight, however many are registered."""
    many = [f"https://r{number}.example" for number in range(9)]
    wide = facts(client=replace(CLIENT, resources=frozenset(many)))
    assert error_of(visit(wide, resource=many)) == "invalid_target"
    assert "code" in params_of(visit(wide, resource=many[:8]))


def test_a_token_has_one_audience() -> None:
    """Section 2.2 with decision 0009: a token request chooses one; several are refused, nothing is spent."""
    refused = redeem(granted(REGISTRY, OTHER), resource=[REGISTRY, OTHER])
    assert error_of(refused) == "invalid_target"
    assert refused.writes == ()
    assert audience(redeem(granted(REGISTRY, OTHER), resource=OTHER)) == OTHER
    assert audience(refresh(granted(REGISTRY, OTHER), resource=REGISTRY)) == REGISTRY


@pytest.mark.attack
def test_a_token_request_stays_within_what_was_granted() -> None:
    """Section 2.2: "the original grant or a subset thereof"; by code and by refresh token alike (CVE-2024-52287)."""
    for act in (redeem, refresh):
        assert error_of(act(granted(REGISTRY), resource=OTHER)) == "invalid_target"
        assert audience(act(granted(), resource=OTHER)) == OTHER, "a grant that named none may use each"


def test_who_signed_a_person_in_gets_a_token_for_userinfo() -> None:
    """Section 2.2, OIDC Core 5.3: a resource named at the authorization endpoint alone changes nothing there."""
    for act in (redeem, refresh):
        assert isinstance(act(granted(REGISTRY)).outcome.access, OpaqueAccess)
        assert isinstance(act(granted(REGISTRY, OTHER)).outcome.access, OpaqueAccess)


def test_the_provider_itself_can_be_named() -> None:
    """Whoever wants UserInfo says so, at either endpoint, whatever else was granted."""
    assert "code" in params_of(visit(resource=[ISSUER, REGISTRY]))
    for known in (granted(REGISTRY), granted(ISSUER), granted(REGISTRY, scopes=("profile",))):
        assert isinstance(redeem(known, resource=ISSUER).outcome.access, OpaqueAccess)


def test_without_a_sign_in_the_granted_resource_is_meant() -> None:
    """Section 2.2: plain OAuth asks no UserInfo, so the one granted resource counts; of several one is named."""
    plain = ("profile",)
    assert audience(redeem(granted(REGISTRY, scopes=plain))) == REGISTRY
    assert audience(redeem(granted(REGISTRY, ISSUER, scopes=plain))) == REGISTRY
    assert error_of(redeem(granted(REGISTRY, OTHER, scopes=plain))) == "invalid_target"
    assert audience(redeem(granted(scopes=plain))) == ISSUER


def test_a_client_may_mean_its_one_resource_by_default() -> None:
    """Section 2.2: "a predefined default resource value": the one of a client whose own tokens are JWTs."""
    jwt = replace(CLIENT, access_token_format="jwt")
    assert audience(redeem(facts(client=jwt, grant=LOADED))) == REGISTRY


@pytest.mark.attack
def test_a_resource_that_was_taken_away_is_gone() -> None:
    """Registration may change after the grant (Keycloak CVE-2026-9705): nothing is issued for what was lost."""
    without = replace(CLIENT, resources=frozenset({OTHER}))
    assert error_of(redeem(granted(REGISTRY, scopes=("profile",), client=without))) == "invalid_target"
    assert error_of(redeem(granted(REGISTRY, client=without), resource=REGISTRY)) == "invalid_target"


def test_a_client_of_its_own_chooses_one_too() -> None:
    """RFC 6749 section 4.4 with RFC 8707 section 2.2."""
    machine = replace(
        TWO, grant_types=frozenset({"client_credentials"}), scopes=frozenset({"registry:verify"})
    )

    def asked(**values: Any) -> Any:
        form = parameters(grant_type="client_credentials", **values)
        return token.decide(token_request(form, basic()), facts(client=machine), POLICY)

    assert audience(asked(resource=OTHER)) == OTHER
    assert error_of(asked(resource=[OTHER, REGISTRY])) == "invalid_target"
    assert error_of(asked(resource="https://evil.example")) == "invalid_target"

"""RFC 7662: token introspection."""

from dataclasses import replace
from typing import Any

import pytest

from tests.idp_protocol.acts import error_of, introspect
from tests.idp_protocol.world import (
    ACCESS,
    ACCESS_STATE,
    ACCOUNT,
    CLIENT,
    GRANT,
    GRANT_ID,
    ISSUER,
    LOADED,
    LOCKED,
    NOW,
    PUBLIC,
    REFRESH,
    REGISTRY,
    facts,
)

RESOURCE = replace(CLIENT, client_id="portal", scopes=frozenset({"introspection"}))
FOREIGN = replace(LOADED, grant=replace(GRANT, client_id="somebody"))
JWT = {
    "iss": ISSUER,
    "aud": REGISTRY,
    "client_id": "portal",
    "exp": NOW + 60,
    "jti": f"{GRANT_ID}.x",
    "sub": "s",
}


def test_the_owner_learns_what_a_living_token_is() -> None:
    """Section 2.2; acr and auth_time as RFC 9470 section 6.2 wants them."""
    claims = introspect(facts(grant=LOADED)).outcome.claims
    assert claims == {
        "active": True,
        "iss": ISSUER,
        "sub": "subject-of-the-portal",
        "client_id": "portal",
        "acr": GRANT.acr,
        "auth_time": GRANT.auth_time,
        "scope": "openid profile",
        "token_type": "Bearer",
        "exp": ACCESS_STATE.expires_at,
        "iat": ACCESS_STATE.issued_at,
        "aud": ISSUER,
    }
    assert introspect(facts(grant=LOADED), REFRESH).outcome.claims["active"] is True


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (facts(grant=None), ACCESS),
        (facts(grant=LOADED), "nonsense"),
        (facts(grant=LOADED), f"{GRANT_ID}.{'x' * 43}"),
        (facts(grant=replace(LOADED, access=replace(ACCESS_STATE, expires_at=NOW))), ACCESS),
        (facts(grant=FOREIGN), ACCESS),
        (facts(grant=FOREIGN), REFRESH),
        (facts(grant=LOADED, account=LOCKED), ACCESS),
        (facts(grant=LOADED, account=None), ACCESS),
        (facts(grant=LOADED, owner=None), ACCESS),
        (facts(grant=LOADED, owner=replace(CLIENT, disabled=True)), ACCESS),
        (facts(grant=LOADED, owner=replace(CLIENT, disabled=True)), REFRESH),
    ],
)
def test_everything_else_is_inactive_and_says_nothing_more(known: Any, text: str) -> None:
    """Sections 2.2 and 4: dead, unknown, another's and locked look alike."""
    assert introspect(known, text).outcome.claims == {"active": False}


def test_a_resource_asks_about_tokens_for_itself() -> None:
    """Section 4: the audience learns; a portal that merely may use the resource does not."""
    for_registry = replace(FOREIGN, access=replace(ACCESS_STATE, audience=(REGISTRY,)))
    assert introspect(facts(client=RESOURCE, grant=for_registry)).outcome.claims["active"] is True
    assert introspect(facts(client=RESOURCE, grant=FOREIGN)).outcome.claims == {"active": False}
    assert introspect(facts(client=CLIENT, grant=for_registry)).outcome.claims == {"active": False}


def test_a_jwt_lives_as_long_as_its_grant() -> None:
    """RFC 9068 tokens are asked about by their grant: killed, expired or of another client is inactive."""
    known = facts(grant=replace(LOADED, access=None))
    assert introspect(known, "a.b.c", jwt=JWT).outcome.claims["active"] is True
    assert introspect(facts(grant=None), "a.b.c", jwt=JWT).outcome.claims == {"active": False}
    for change in ({"exp": NOW}, {"exp": "soon"}, {"client_id": "other"}, {"aud": 5}):
        assert introspect(known, "a.b.c", jwt={**JWT, **change}).outcome.claims == {"active": False}


def test_only_authenticated_confidential_clients_may_ask() -> None:
    """Section 2.1: token scanning."""
    assert error_of(introspect(facts(grant=LOADED), auth=None)) == "invalid_client"
    assert error_of(introspect(facts(client=PUBLIC, grant=LOADED), auth=None)) == "invalid_client"


def test_a_client_credentials_token_has_no_person() -> None:
    """No account is needed for a token without one."""
    machine = replace(LOADED, grant=replace(GRANT, account_id="", acr=None, auth_time=None))
    claims = introspect(facts(grant=machine, account=None)).outcome.claims
    assert claims["active"] is True
    assert "acr" not in claims
    assert ACCOUNT.account_id not in str(claims)

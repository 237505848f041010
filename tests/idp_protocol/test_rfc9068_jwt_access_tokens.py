"""RFC 9068: JWT access tokens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.domain.outcomes import JwtAccessClaims, OpaqueAccess
from idp.protocol import rfc9068_jwt_access_tokens
from tests.idp_protocol.acts import redeem, refresh
from tests.idp_protocol.world import (
    ACCOUNT,
    CLIENT,
    GRANT,
    GRANT_ID,
    LOADED,
    NOW,
    REGISTRY,
    facts,
)


def test_a_jwt_for_the_registry() -> None:
    """RFC 9068 section 2.2: for whom, by whom, how long; it names its grant and is stored nowhere."""
    assert isinstance(redeem().outcome.access, OpaqueAccess)
    decision = redeem(resource=REGISTRY)
    access = decision.outcome.access
    assert isinstance(access, JwtAccessClaims)
    assert access.claims["aud"] == REGISTRY
    assert access.claims["exp"] == NOW + 300
    assert access.claims["client_id"] == "portal"
    assert access.claims["party_kind"] == "state"
    assert rfc9068_jwt_access_tokens.grant_id_of(access.claims["jti"]) == GRANT_ID
    assert decision.writes[0].access is None, "a JWT is not stored"
    assert "pid" not in access.claims


def test_the_personal_number_travels_only_under_its_scope() -> None:
    """RFC 9068 with Decree 69/2024 Art. 19."""
    grant = replace(GRANT, scopes=("openid", "pid"), resources=(REGISTRY,))
    client = replace(CLIENT, scopes=CLIENT.scopes | {"pid"})
    known = facts(grant=replace(LOADED, grant=grant), client=client)
    claims = redeem(known, resource=REGISTRY).outcome.access.claims
    assert claims["pid"] == ACCOUNT.personal_number


def test_only_the_registry_of_dossiers_hears_of_a_phone() -> None:
    """Decree 58/2026 Art. 4(5): whose phone is registered signs consents; no other token tells of it."""
    client = replace(CLIENT, scopes=CLIENT.scopes | {"registry:dossiers"})
    for phone, scopes, told in (
        (True, ("openid", "registry:dossiers"), True),
        (True, ("openid",), None),
        (False, ("openid", "registry:dossiers"), None),
    ):
        grant = replace(GRANT, scopes=scopes, resources=(REGISTRY,))
        account = replace(ACCOUNT, app_phone=phone)
        known = facts(grant=replace(LOADED, grant=grant), client=client, account=account)
        assert redeem(known, resource=REGISTRY).outcome.access.claims.get("eid_phone") is told


def test_acr_and_auth_time_are_those_of_the_sign_in() -> None:
    """Section 2.2.1: they "remain the same across all access tokens" of one authorization."""
    first = redeem(resource=REGISTRY).outcome.access.claims
    later = refresh(resource=REGISTRY).outcome.access.claims
    for claims in (first, later):
        assert claims["acr"] == GRANT.acr
        assert claims["auth_time"] == GRANT.auth_time
    assert first["jti"].partition(".")[0] == later["jti"].partition(".")[0] == GRANT_ID


@pytest.mark.parametrize("jti", [None, 1, "", "without-a-dot", {}])
def test_a_jti_that_is_not_ours_names_no_grant(jti: object) -> None:
    """Section 2.2: ``jti`` is ours to shape; whatever else comes leads nowhere."""
    assert rfc9068_jwt_access_tokens.grant_id_of(jti) is None

"""ID tokens, JWT access tokens, resources, pairwise subjects, issuer."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from idp.domain.authorization import ClaimRequest, ClaimsRequest
from idp.domain.outcomes import IdTokenClaims, JwtAccessClaims, OpaqueAccess
from idp.protocol import oidc_pairwise, rfc9068_jwt_access_tokens
from idp.protocol.oidc_id_token import half_hash
from tests.idp_protocol.acts import params_of, redeem, refresh, visit
from tests.idp_protocol.world import (
    ACCOUNT,
    CLIENT,
    GRANT,
    GRANT_ID,
    ISSUER,
    LOADED,
    NOW,
    POLICY,
    REGISTRY,
    facts,
)


def id_token(decision: object) -> IdTokenClaims:
    """The unsigned ID token of an answer."""
    made = decision.outcome.id_token  # type: ignore[attr-defined]  # a token answer by construction
    assert isinstance(made, IdTokenClaims)
    return made


def test_the_id_token_says_who_when_and_how() -> None:
    """OIDC Core section 2: required claims, nonce, auth_time, acr, amr, sid; no profile claim."""
    made = id_token(redeem())
    assert made.algorithm == "ES256"
    assert made.claims == {
        "iss": ISSUER,
        "sub": "subject-of-the-portal",
        "aud": "portal",
        "exp": NOW + POLICY.id_token_lifetime,
        "iat": NOW,
        "auth_time": NOW - 100,
        "nonce": "n-1",
        "acr": GRANT.acr,
        "amr": ["pwd"],
        "sid": oidc_pairwise.session_identifier("portal", "session-1", POLICY),
    }


def test_a_refreshed_id_token_keeps_auth_time_and_drops_the_nonce() -> None:
    """OIDC Core section 12.2: new iat, old auth_time, same sub, no nonce."""
    claims = id_token(refresh()).claims
    assert claims["auth_time"] == NOW - 100
    assert claims["sub"] == "subject-of-the-portal"
    assert "nonce" not in claims


def test_claims_asked_by_name_join_the_id_token() -> None:
    """OIDC Core section 5.5; own claims of the token cannot be replaced so."""
    asked = ClaimsRequest(id_token={"name": ClaimRequest(), "iss": ClaimRequest(), "hat": ClaimRequest()})
    named = replace(LOADED, grant=replace(GRANT, claims=asked))
    claims = id_token(redeem(facts(grant=named))).claims
    assert claims["name"] == "Nguyễn Văn An"
    assert claims["iss"] == ISSUER
    assert "hat" not in claims


def test_without_openid_there_is_no_id_token() -> None:
    """OIDC Core section 3.1.2.1."""
    plain = replace(LOADED, grant=replace(GRANT, scopes=("profile",)))
    assert redeem(facts(grant=plain)).outcome.id_token is None


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [("ES256", "77QmUPtjPfzWtF2AnpK9RQ"), ("RS256", "77QmUPtjPfzWtF2AnpK9RQ")],
)
def test_at_hash_is_the_published_one(algorithm: str, expected: str) -> None:
    """OIDC Core appendix A.3: the example's access token and at_hash."""
    assert half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", algorithm) == expected


def test_ed25519_uses_sha512() -> None:
    """OIDC Core section 3.1.3.6 with the working group's errata for EdDSA: 32 bytes are left."""
    assert len(half_hash("token", "EdDSA")) == 43


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
    claims = redeem(facts(grant=replace(LOADED, grant=grant)), resource=REGISTRY).outcome.access.claims
    assert claims["pid"] == ACCOUNT.personal_number


def test_subjects_differ_between_sectors_and_stay_within_one() -> None:
    """OIDC Core section 8.1."""
    same = replace(CLIENT, client_id="sister")
    other = replace(CLIENT, sector_identifier="other.example")
    mine = oidc_pairwise.subject(CLIENT, "account-1", POLICY)
    assert mine == oidc_pairwise.subject(same, "account-1", POLICY)
    assert mine != oidc_pairwise.subject(other, "account-1", POLICY)
    assert mine != oidc_pairwise.subject(CLIENT, "account-2", POLICY)
    assert "account-1" not in mine
    hostless = replace(CLIENT, sector_identifier="")
    assert oidc_pairwise.subject(hostless, "account-1", POLICY) == mine, "the redirect URI's host"


def test_parts_cannot_be_shifted_between_fields() -> None:
    """Length-prefixed: sector a|b with account c is not sector a with account b|c."""
    left = replace(CLIENT, sector_identifier="a|b")
    right = replace(CLIENT, sector_identifier="a")
    assert oidc_pairwise.subject(left, "c", POLICY) != oidc_pairwise.subject(right, "b|c", POLICY)


def test_public_subjects_are_the_same_everywhere_and_still_no_account_id() -> None:
    """OIDC Core section 8: public type by registration."""
    one = replace(CLIENT, subject_type="public")
    two = replace(one, sector_identifier="other.example")
    assert oidc_pairwise.subject(one, "a", POLICY) == oidc_pairwise.subject(two, "a", POLICY) != "a"


def test_session_identifiers_cannot_be_compared_between_clients() -> None:
    """Back-Channel Logout section 2.1."""
    ids = {oidc_pairwise.session_identifier(client, "session-1", POLICY) for client in ("a", "b", "c")}
    assert len(ids) == 3


def test_the_issuer_is_in_every_authorization_response() -> None:
    """RFC 9207 section 2: success and error."""
    assert params_of(visit())["iss"] == ISSUER
    assert params_of(visit(scope="x"))["iss"] == ISSUER
    assert json.dumps(params_of(visit())).count(ISSUER) == 1

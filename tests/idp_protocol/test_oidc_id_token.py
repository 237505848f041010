"""OpenID Connect Core 1.0: the ID token."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.domain.authorization import ClaimRequest, ClaimsRequest
from idp.domain.outcomes import IdTokenClaims
from idp.protocol import oidc_pairwise
from idp.protocol.oidc_id_token import half_hash
from tests.idp_protocol.acts import redeem, refresh
from tests.idp_protocol.world import (
    GRANT,
    ISSUER,
    LOADED,
    NOW,
    POLICY,
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

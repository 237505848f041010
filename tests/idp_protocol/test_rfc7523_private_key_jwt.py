"""RFC 7523: private_key_jwt."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from idp.domain.outcomes import IssuedTokens
from idp.domain.writes import RedeemCode, SpendOnce
from idp.protocol.rfc7523_private_key_jwt.reading import replay_key, unverified_claims
from tests.idp_protocol.acts import error_of, redeem
from tests.idp_protocol.world import CLIENT, ISSUER, LOADED, NOW, facts

KEY = ECKey.generate_key("P-256", {"kid": "k1", "alg": "ES256", "use": "sig"})
SIGNER = replace(
    CLIENT,
    token_endpoint_auth_method="private_key_jwt",
    secret_hash=None,
    jwks={"keys": [KEY.as_dict(private=False)]},
)
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def assertion(key: Any = KEY, header: dict[str, object] | None = None, **changes: Any) -> str:
    """A good assertion, with changes; None leaves a claim out."""
    claims = {
        "iss": "portal",
        "sub": "portal",
        "aud": ISSUER,
        "jti": "jti-1",
        "iat": NOW,
        "exp": NOW + 60,
    } | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "ES256", "kid": "k1"} | (header or {}), kept, key)


def present(text: str, known: Any = None, **changes: Any) -> Any:
    """Redeem a code with an assertion."""
    form = {"client_assertion": text, "client_assertion_type": TYPE} | changes
    return redeem(known or facts(client=SIGNER, grant=LOADED), auth=None, **form)


def test_a_signed_assertion_authenticates_and_is_spent() -> None:
    """Section 3: the jti is claimed in the same decision that issues, until it is dead for certain."""
    text = assertion()
    decision = present(text)
    assert isinstance(decision.outcome, IssuedTokens)
    spend = next(write for write in decision.writes if isinstance(write, SpendOnce))
    assert spend.key == replay_key(text)
    assert spend.expires_at >= NOW + 60
    assert isinstance(present(assertion(aud=ISSUER + "/token")).outcome, IssuedTokens)
    assert isinstance(present(assertion(aud=[ISSUER])).outcome, IssuedTokens)
    assert isinstance(present(assertion(), client_id="portal").outcome, IssuedTokens)


@pytest.mark.attack
@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://evil.example"},
        {"aud": [ISSUER, "https://evil.example"]},
        {"aud": [ISSUER, ISSUER]},
        {"aud": []},
        {"aud": {"a": 1}},
        {"aud": None},
        {"aud": ISSUER + "/"},
        {"iss": "other"},
        {"sub": "other"},
        {"sub": None},
        {"sub": 7},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": NOW - 11},
        {"exp": NOW + 100_000},
        {"exp": 1e300},
        {"iat": NOW + 61},
        {"nbf": NOW + 61},
        {"nbf": "now"},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
    ],
)
def test_any_wrong_claim_refuses(changes: dict[str, Any]) -> None:
    """Section 3, points 1 to 7 (audiences: CVE-2025-27370)."""
    decision = present(assertion(**changes))
    assert error_of(decision) == "invalid_client"
    assert not any(isinstance(write, RedeemCode) for write in decision.writes)


def test_a_clock_slightly_ahead_passes() -> None:
    """Iat and nbf up to 10 s in the future are clocks, not attacks."""
    assert isinstance(present(assertion(iat=NOW + 10, nbf=NOW + 10)).outcome, IssuedTokens)


@pytest.mark.attack
def test_a_spent_assertion_is_refused() -> None:
    """Section 3, point 7 (Hydra GHSA-3p3g-vpw6-4w66, esignet#2418)."""
    text = assertion()
    key = replay_key(text)
    assert key is not None
    assert (
        error_of(present(text, facts(client=SIGNER, grant=LOADED, spent=frozenset({key}))))
        == "invalid_client"
    )


@pytest.mark.attack
def test_another_key_another_algorithm_or_none_refuses() -> None:
    """RFC 8725 (Authlib CVE-2024-37568, CVE-2026-27962): only a registered key under a registered algorithm."""
    stranger = ECKey.generate_key("P-256", {"kid": "k1"})
    assert error_of(present(assertion(stranger))) == "invalid_client"
    embedded = assertion(stranger, {"jwk": stranger.as_dict(private=False)})
    assert error_of(present(embedded)) == "invalid_client"
    head, body, _ = assertion().split(".")
    head = urlsafe_b64encode(b'{"alg":"HS256","kid":"k1"}').rstrip(b"=").decode()
    mac = hmac.digest(KEY.as_pem(private=False), f"{head}.{body}".encode(), "sha256")
    confused = f"{head}.{body}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert error_of(present(confused)) == "invalid_client"
    for alg in (b"none", b"None", b"nOnE"):
        head = urlsafe_b64encode(b'{"alg":"%s","kid":"k1"}' % alg).rstrip(b"=").decode()
        assert error_of(present(f"{head}.{body}.")) == "invalid_client"
    pinned = replace(SIGNER, token_endpoint_auth_signing_alg="PS256")
    assert error_of(present(assertion(), facts(client=pinned, grant=LOADED))) == "invalid_client"


@pytest.mark.attack
@pytest.mark.parametrize(
    "text", ["", "a", "a.b", "a.b.c", "..", "é.é.é", "A" * 9_000, "eyJ9.eyJ9.x", "e30.W10.x"]
)
def test_broken_assertions_refuse_and_never_raise(text: str) -> None:
    """Reading never raises, whatever the text (CVE-2025-61920: nothing long is parsed)."""
    decision = present(text)
    assert error_of(decision) in {"invalid_client", "invalid_request"}
    assert unverified_claims(text) == {}
    assert replay_key(text) is None


def test_a_client_of_another_method_cannot_sign_in_with_a_key() -> None:
    """OIDC Core section 9: exactly the registered method."""
    assert (
        error_of(
            present(
                assertion(), facts(client=replace(SIGNER, token_endpoint_auth_method="none"), grant=LOADED)
            )
        )
        == "invalid_client"
    )


def test_two_methods_at_once_are_refused() -> None:
    """RFC 6749 section 2.3."""
    decision = present(assertion(), client_secret="x")
    assert error_of(decision) == "invalid_request"

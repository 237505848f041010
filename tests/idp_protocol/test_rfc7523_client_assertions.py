"""RFC 7523: private_key_jwt and client_secret_jwt."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey

from idp.domain.outcomes import IssuedTokens
from idp.domain.writes import RedeemCode, SpendOnce
from idp.protocol.rfc7523_client_assertions.reading import replay_key, unverified_claims
from idp.protocol.rfc7523_client_assertions.verifying import is_for_us
from tests.idp_protocol.acts import error_of, redeem, token_request
from tests.idp_protocol.world import CLIENT, ISSUER, LOADED, NOW, facts, parameters

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


SECRET_KEY = b"s" * 32
HMAC_SIGNER = replace(
    CLIENT,
    token_endpoint_auth_method="client_secret_jwt",
    secret_hash=None,
    shared_secret=SECRET_KEY,
    jwks={"keys": [KEY.as_dict(private=False)]},
)


def hmac_assertion(secret: bytes = SECRET_KEY, alg: str = "HS256", **changes: Any) -> str:
    """An assertion under HMAC, made by hand: what we send must not depend on what a library refuses."""
    body = assertion(**changes).split(".")[1]
    head = urlsafe_b64encode(orjson.dumps({"alg": alg})).rstrip(b"=").decode()
    mac = hmac.digest(
        secret, f"{head}.{body}".encode(), {"HS384": "sha384", "HS512": "sha512"}.get(alg, "sha256")
    )
    return f"{head}.{body}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def test_a_shared_secret_authenticates_and_its_assertion_is_spent() -> None:
    """OIDC Core section 9, client_secret_jwt: the octets of the secret are the key; the jti works once."""
    known = facts(client=HMAC_SIGNER, grant=LOADED)
    decision = present(hmac_assertion(), known)
    assert isinstance(decision.outcome, IssuedTokens)
    assert any(isinstance(write, SpendOnce) for write in decision.writes)
    assert error_of(present(hmac_assertion(b"t" * 32), known)) == "invalid_client"
    assert error_of(present(hmac_assertion(aud="https://evil.example"), known)) == "invalid_client"


@pytest.mark.attack
def test_each_method_is_verified_by_its_own_means_only() -> None:
    """OIDC Core section 9: "exactly the registered method"; CVE-2016-10555, CVE-2024-37568 (algorithm confusion)."""
    # A client with a secret cannot come with a key, although a key of it is registered (for encryption, say).
    assert error_of(present(assertion(), facts(client=HMAC_SIGNER, grant=LOADED))) == "invalid_client"
    # A client with a key cannot come with a secret, although one is known.
    both = replace(SIGNER, shared_secret=SECRET_KEY)
    assert error_of(present(hmac_assertion(), facts(client=both, grant=LOADED))) == "invalid_client"
    # Nor with the bytes of its public key.
    for form in (KEY.as_pem(private=False), KEY.as_der(private=False)):
        assert error_of(present(hmac_assertion(form), facts(client=both, grant=LOADED))) == "invalid_client"


@pytest.mark.attack
@pytest.mark.parametrize("alg", ["HS384", "HS512", "none", "hs256", "ES256"])
def test_only_hs256_is_taken_of_a_shared_secret(alg: str) -> None:
    """RFC 8725 section 3.1: one algorithm per purpose (CVE-2016-10555)."""
    known = facts(client=HMAC_SIGNER, grant=LOADED)
    assert error_of(present(hmac_assertion(alg=alg), known)) == "invalid_client"
    other = facts(client=replace(HMAC_SIGNER, token_endpoint_auth_signing_alg="HS512"), grant=LOADED)
    assert error_of(present(hmac_assertion(), other)) == "invalid_client"


def test_a_short_or_absent_secret_authenticates_nobody() -> None:
    """RFC 7518 section 3.2: at least 256 bits."""
    for secret in (None, b"", b"short"):
        known = facts(client=replace(HMAC_SIGNER, shared_secret=secret), grant=LOADED)
        assert error_of(present(hmac_assertion(secret or b""), known)) == "invalid_client"


def test_ordinary_clients_may_name_the_issuer_or_an_endpoint_that_authenticates_them() -> None:
    """RFC 9126 section 2: "identify it as an intended audience"; Authlib names whatever address it calls."""
    endpoints = [ISSUER + path for path in ("/token", "/par", "/introspect", "/revoke")]
    for audience in (ISSUER, *endpoints, [ISSUER + "/par"]):
        assert isinstance(present(assertion(aud=audience)).outcome, IssuedTokens)
    assert error_of(present(assertion(aud=ISSUER + "/userinfo"))) == "invalid_client"


def test_an_hour_is_long_enough_for_an_assertion_that_says_when_it_was_issued() -> None:
    """Section 3 (4): "unreasonably far" is an hour with iat, five minutes without (or for a FAPI 2.0 client)."""
    strict = facts(client=replace(SIGNER, fapi2_profile="security"), grant=LOADED)
    for changes, known, passes in (
        ({"exp": NOW + 3_600}, None, True),
        ({"exp": NOW + 3_700}, None, False),
        ({"exp": NOW + 300, "iat": None}, None, True),
        ({"exp": NOW + 330, "iat": None}, None, False),
        ({"exp": NOW + 330, "iat": True}, None, False),
        ({"exp": NOW + 330}, strict, False),
    ):
        decision = present(assertion(**changes), known)
        assert isinstance(decision.outcome, IssuedTokens) is passes, changes


@pytest.mark.attack
@pytest.mark.parametrize(
    "audience", [[ISSUER], ISSUER + "/token", ISSUER + "/par", [ISSUER, ISSUER + "/token"], None]
)
def test_fapi_clients_name_the_issuer_as_one_string(audience: Any) -> None:
    """FAPI 2.0 Security Profile 5.3.2.1 (CVE-2025-27370, CVE-2025-27371: audience injection)."""
    strict = replace(SIGNER, fapi2_profile="security")
    assert not is_for_us(audience, strict, ISSUER)
    assert is_for_us(ISSUER, strict, ISSUER)


def test_keys_of_a_jwks_uri_are_those_that_were_fetched() -> None:
    """OIDC Core 10.1.1: what the client publishes counts; without it nobody is authenticated."""
    remote = replace(SIGNER, jwks=None, jwks_uri="https://portal.example/jwks")
    published = {"keys": [KEY.as_dict(private=False)]}
    text = assertion()
    assert isinstance(
        present(text, facts(client=remote, grant=LOADED, fetched_keys=published)).outcome, IssuedTokens
    )
    assert error_of(present(text, facts(client=remote, grant=LOADED))) == "invalid_client"
    # An old set by value never serves a client that publishes its keys.
    stale = replace(remote, jwks=published)
    assert error_of(present(text, facts(client=stale, grant=LOADED))) == "invalid_client"
    # And the request says which text the keys are for.
    request = token_request(parameters(client_assertion=text, client_assertion_type=TYPE), None)
    assert request.needs.client_keys_for == (text,)
    assert token_request(parameters(client_id="portal"), None).needs.client_keys_for is None


@pytest.mark.attack
@pytest.mark.parametrize(
    "header",
    [
        {"jwk": KEY.as_dict(private=False)},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"], "exp": 1},
        {"b64": False, "crit": ["b64"]},
        {"zip": "DEF"},
        {"alg": ["HS256"]},
        {"typ": 7},
    ],
)
def test_headers_that_bring_keys_or_change_meaning_refuse_both_methods(header: dict[str, Any]) -> None:
    """Attack list 22 and 23 (Authlib CVE-2026-27962, its `crit` fixes of 2025): for keys and secrets alike."""
    head = urlsafe_b64encode(orjson.dumps({"alg": "HS256"} | header)).rstrip(b"=").decode()
    body = assertion().split(".")[1]
    mac = hmac.digest(SECRET_KEY, f"{head}.{body}".encode(), "sha256")
    shared = f"{head}.{body}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert error_of(present(shared, facts(client=HMAC_SIGNER, grant=LOADED))) == "invalid_client"
    head = urlsafe_b64encode(orjson.dumps({"alg": "ES256", "kid": "k1"} | header)).rstrip(b"=").decode()
    signature = KEY.private_key.sign(f"{head}.{body}".encode(), ECDSA(SHA256()))
    r, s = decode_dss_signature(signature)
    raw = urlsafe_b64encode(r.to_bytes(32) + s.to_bytes(32)).rstrip(b"=").decode()
    assert error_of(present(f"{head}.{body}.{raw}")) == "invalid_client"


def test_the_handmade_signatures_of_these_tests_are_good() -> None:
    """Without the bad header the same texts are accepted, so it is the header that is refused."""
    body = assertion().split(".")[1]
    head = urlsafe_b64encode(orjson.dumps({"alg": "ES256", "kid": "k1"})).rstrip(b"=").decode()
    r, s = decode_dss_signature(KEY.private_key.sign(f"{head}.{body}".encode(), ECDSA(SHA256())))
    raw = urlsafe_b64encode(r.to_bytes(32) + s.to_bytes(32)).rstrip(b"=").decode()
    assert isinstance(present(f"{head}.{body}.{raw}").outcome, IssuedTokens)

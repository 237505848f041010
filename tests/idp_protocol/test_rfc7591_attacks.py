"""Attacks on registration: what a stranger writes into it must not become anybody else's trouble."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import orjson
import pytest
from joserfc.jwk import OctKey

from idp.domain.client import Client, PartyKind
from idp.protocol.oidc_pairwise import sector
from idp.protocol.rfc7591_registration.consistency import CIBA, DEVICE
from idp.protocol.rfc7591_registration.deciding import token_hash
from keys import base64url
from tests.idp_protocol.registering import CALLBACK, EC, RSA, refusal_of, register, saved
from tests.idp_protocol.world import CLIENT, NOW

PRIVATE_JWK = EC.as_dict(private=True)
#: A modulus of 1024 bits; its numbers alone matter.
SHORT = {"kty": "RSA", "kid": "short", "e": "AQAB", "n": base64url.encode(b"\xf1" * 128).decode()}


@pytest.mark.attack
def test_nobody_registers_as_somebody_else() -> None:
    """Attack 32: Mass assignment (Keycloak #53079): what is not in the table does nothing, whatever its name."""
    told = register().outcome.document
    every = {field.name: getattr(CLIENT, field.name) for field in fields(Client)}
    plain = orjson.loads(
        orjson.dumps(every, default=lambda value: list(value) if isinstance(value, frozenset) else "x")
    )
    wanted = plain | {
        "party_kind": "state",
        "scopes": ["pid", "registry:verify"],
        "scope": "openid pid old_id registry:verify introspection",
        "resources": ["https://registry.example"],
        "verified_claims": ["name"],
        "agency_code": "G01",
        "require_consent": False,
        "require_pkce": False,
        "disabled": False,
        "home_uri": "https://dichvucong.example",
        "sector_identifier": "residence.portal.example",
        "subject_type": "public",
        "access_token_format": "jwt",
        "client_id": "residence-portal",
        "client_secret": "chosen-by-the-stranger",
        "registration_access_token": "chosen-by-the-stranger",
        "issued_at": 1,
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "client_secret_basic",
    }
    known = {name: value for name, value in wanted.items() if value is not None}
    for name in ("post_logout_redirect_uris", "id_token_signed_response_alg", "grant_types"):
        known.pop(name, None)
    decision = register(document=known)
    client = saved(decision)
    assert client.party_kind is PartyKind.PRIVATE
    assert client.require_consent
    assert client.require_pkce
    assert client.subject_type == "pairwise"
    assert client.scopes == {"openid"}
    assert (client.resources, client.verified_claims) == (frozenset(), frozenset())
    assert (client.agency_code, client.home_uri, client.sector_identifier) == (None, None, "")
    assert client.access_token_format == "opaque"
    assert client.issued_at == NOW
    assert decision.outcome.document["client_id"] == told["client_id"] == client.client_id
    assert client.secret_hash != token_hash("chosen-by-the-stranger")
    assert client.registration_token_hash != token_hash("chosen-by-the-stranger")


@pytest.mark.attack
@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example/1",
        "about:blank",
        "intent://x#Intent;end",
        "//app.example/callback",
        "/callback",
        "callback",
        "",
        "https://app.example/callback#fragment",
        "https://app.example/callback#",
        "https://*.example/callback",
        "https://app.example/*",
        "https://user@app.example/callback",
        "https://app.example@evil.example/",
        "https://a@b@evil.example/",
        "https://app.example\\@evil.example/",
        "https:\\\\app.example/",
        "https://app.example/..;/admin",
        "https://app.example/%2e%2e/admin",
        "https://app.example/a/../b",
        "https://app.example/%0d%0aSet-Cookie:x",
        "https://app.example/%zz",
        "https://app.example:0/",
        "https://app.example:99999/",
        "https://app..example/",
        "https://.example/",
        "https://ápp.example/",
        "https://[::1%25eth0]/",
        "https://[:::]/",
        "https://app.example/ callback",
        "https://app.example/\tcallback",
        "https://app.example/\ncallback",
        "https://app.example/\x00",
        " https://app.example/",
        "http://app.example/callback",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "ftp://app.example/",
        "https:app.example",
        "https://",
        "https://app.example/" + "a" * 2_100,
    ],
)
def test_addresses_that_are_not_a_clients_own_are_refused(uri: str) -> None:
    """Attack list 1 to 4 (CVE-2026-9086, CVE-2024-21637, CVE-2024-52289, CVE-2026-7504, CVE-2026-3872)."""
    for application in ("web", "native"):
        code, _ = refusal_of(register(redirect_uris=[uri], application_type=application))
        assert code == "invalid_redirect_uri"
        code, _ = refusal_of(register(post_logout_redirect_uris=[uri], application_type=application))
        assert code == "invalid_client_metadata"
    for member in ("logo_uri", "client_uri", "policy_uri", "tos_uri", "initiate_login_uri"):
        code, description = refusal_of(register(**{member: uri}))
        assert (code, member in description) == ("invalid_client_metadata", True)


@pytest.mark.attack
@pytest.mark.parametrize(
    "member",
    [
        "jwks_uri",
        "sector_identifier_uri",
        "backchannel_logout_uri",
        "backchannel_client_notification_endpoint",
    ],
)
@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example/x",
        "file:///etc/passwd",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/x",
        "https://metadata.internal/x",
        "https://user:pass@app.example/x",
        "gopher://app.example/x",
    ],
)
def test_addresses_that_we_would_fetch_are_judged_at_registration(member: str, uri: str) -> None:
    """SSRF (attack list 33: CVE-2026-1180, CVE-2026-4366, CVE-2026-1518, CVE-2026-4874, pyjwt#1169)."""
    code, description = refusal_of(register(**{member: uri}))
    assert code == "invalid_client_metadata"
    assert member in description
    if member == "jwks_uri":
        assert refusal_of(register(request_uris=[uri]))[0] == "invalid_client_metadata"


@pytest.mark.attack
@pytest.mark.parametrize(
    "jwks",
    [
        {"keys": [PRIVATE_JWK]},
        {"keys": [RSA.as_dict(private=True)]},
        {"keys": [OctKey.generate_key(256).as_dict()]},
        {"keys": [{"kty": "oct", "kid": "a"}]},
        {"keys": [EC.as_dict(private=False) | {"k": "x"}]},
        {"keys": [SHORT]},
        {"keys": [SHORT | {"use": "enc", "alg": "RSA-OAEP-256"}]},
        {"keys": [EC.as_dict(private=False) | {"x": "AAAA"}]},
        {"keys": [EC.as_dict(private=False), EC.as_dict(private=False)]},
        {"keys": [EC.as_dict(private=False) | {"kid": 7}]},
        {"keys": [EC.as_dict(private=False) | {"kid": "a" * 500}]},
        {"keys": []},
        {"keys": [[]]},
        {"keys": {}},
        {"keys": [EC.as_dict(private=False)] * 50},
        {},
        [],
        "https://app.example/jwks",
    ],
)
def test_only_strong_public_keys_are_registered(jwks: Any) -> None:
    """OpenID 2: "MUST NOT contain private or symmetric key values"; RSA of 2048 bits; each kid once."""
    assert refusal_of(register(jwks=jwks))[0] == "invalid_client_metadata"


def test_unknown_members_of_a_key_are_not_kept() -> None:
    """Nothing that points elsewhere (x5u, jku) is stored with a key."""
    jwk = EC.as_dict(private=False)
    client = saved(register(jwks={"keys": [jwk | {"x5u": "https://evil.example", "note": "x"}], "more": 1}))
    assert client.jwks == {"keys": [jwk]}


@pytest.mark.attack
def test_nobody_gets_the_pseudonyms_of_another_sector() -> None:
    """Attack list 51: a sector is proven by codes that go there, by a document there, or by keys there."""
    assert sector(saved(register())) == "app.example"
    native = saved(register(redirect_uris=["http://127.0.0.1/cb"], application_type="native"))
    assert sector(native) == native.client_id
    for grant, more in ((DEVICE, {}), (CIBA, {"backchannel_token_delivery_mode": "poll"})):
        # Its subjects come without any code, so a host among its redirect URIs proves nothing.
        both = saved(register(grant_types=["authorization_code", grant], **more))
        assert sector(both) == both.client_id
        alone = saved(
            register(redirect_uris=None, grant_types=[grant], jwks_uri="https://app.example/k", **more)
        )
        assert sector(alone) == alone.client_id
        assert alone.response_types == frozenset()
        means = {"jwks_uri": "https://app.example/k", "token_endpoint_auth_method": "private_key_jwt"}
        keyed = saved(register(redirect_uris=None, grant_types=[grant], **means, **more))
        assert sector(keyed) == "app.example"
    private = saved(register(redirect_uris=["com.example.app:/cb"], application_type="native"))
    assert sector(private) == private.client_id

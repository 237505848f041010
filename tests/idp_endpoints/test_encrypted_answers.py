"""Answers for one reader only, over HTTP: ID token, UserInfo, introspection (OIDC Core 10.2, RFC 9701)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwe as python_jose
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from tests.idp_egress.servers import answering, serving
from tests.idp_endpoints.people import AN, portal
from tests.idp_endpoints.provider import ISSUER, Provider, basic

pytestmark = pytest.mark.engine
INTROSPECTION = "application/token-introspection+jwt"
EC = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "enc"})
PRIVATE_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
RSA = RSAKey(PRIVATE_RSA, PRIVATE_RSA, {"kid": "rsa-1", "use": "enc"})
JWKS = {
    "keys": [
        EC.as_dict(private=False) | {"kid": "ec-1", "use": "enc"},
        RSA.as_dict(private=False) | {"kid": "rsa-1", "use": "enc"},
    ]
}
SEALED = portal(
    "sealed",
    jwks=JWKS,
    id_token_signed_response_alg="PS256",
    id_token_encrypted_response_alg="RSA-OAEP-256",
    id_token_encrypted_response_enc="A256GCM",
    userinfo_signed_response_alg="PS256",
    userinfo_encrypted_response_alg="ECDH-ES+A256KW",
    userinfo_encrypted_response_enc="A256CBC-HS512",
    introspection_signed_response_alg="RS256",
    introspection_encrypted_response_alg="ECDH-ES",
    introspection_encrypted_response_enc="A128GCM",
)
SIGNED = portal("signed", userinfo_signed_response_alg="RS256")
VEILED = portal("veiled", jwks=JWKS, userinfo_encrypted_response_alg="ECDH-ES")


@pytest.fixture(scope="module", autouse=True)
async def _clients(provider: Provider) -> None:
    for client in (SEALED, SIGNED, VEILED):
        await provider.app.state.storage.clients.save(client)


async def checked(provider: Provider, token: str, algorithm: str) -> jwt.Token:
    """A signed token of the provider, verified with its published keys by another library."""
    async with provider.client() as client:
        listed = (await client.get("/jwks")).json()["keys"]
    signing = [key for key in listed if key["use"] == "sig"]
    return jwt.decode(token, KeySet.import_key_set({"keys": signing}), algorithms=[algorithm])


async def tokens_of(provider: Provider, client_id: str, **changes: Any) -> dict[str, Any]:
    """The answer of a token request."""
    code = await provider.browser().code(AN, client_id, **changes)
    response = await provider.redeem(code, client_id)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


async def introspected(provider: Provider, token: str, client_id: str) -> httpx2.Response:
    """Introspection that asks for a JWT."""
    headers = basic(client_id) | {"Accept": INTROSPECTION}
    async with provider.client() as client:
        return await client.post("/introspect", data={"token": token}, headers=headers)


def opened(token: str, key: Any, *algorithms: str) -> jwe.CompactEncryption:
    """What an encrypted token holds."""
    return jwe.decrypt_compact(token, key, algorithms=list(algorithms))


async def test_an_encrypted_id_token_at_each_grant(provider: Provider) -> None:
    """Core 2 and 12: with the code and with the refresh token; python-jose opens it with the client's key."""
    tokens = await tokens_of(provider, "sealed")
    refreshed = (await provider.refresh(tokens["refresh_token"], "sealed")).json()
    pem = PRIVATE_RSA.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for answer in (tokens, refreshed):
        header = jwe.decrypt_compact(
            answer["id_token"], RSA, algorithms=["RSA-OAEP-256", "A256GCM"]
        ).protected
        assert header == {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "rsa-1", "cty": "JWT"}
        inside = python_jose.decrypt(answer["id_token"], pem).decode()
        token = await checked(provider, inside, "PS256")
        assert token.claims["aud"] == "sealed"
        assert token.claims["at_hash"]


async def test_userinfo_signed_then_encrypted(provider: Provider) -> None:
    """Core 5.3.2: application/jwt; iss and aud in the signed claims, sub as in the ID token."""
    answer = await provider.userinfo((await tokens_of(provider, "sealed"))["access_token"])
    assert answer.headers["content-type"] == "application/jwt"
    assert answer.headers["cache-control"] == "no-store"
    sealed = opened(answer.text, EC, "ECDH-ES+A256KW", "A256CBC-HS512")
    assert sealed.protected["cty"] == "JWT"
    assert sealed.plaintext is not None
    token = await checked(provider, sealed.plaintext.decode(), "PS256")
    assert (token.claims["iss"], token.claims["aud"]) == (ISSUER, "sealed")
    assert token.claims["name"] == "Nguyễn Văn An"


async def test_userinfo_signed_only_and_encrypted_only(provider: Provider) -> None:
    """Core 5.3.2: signed without encryption, and encrypted JSON without a signature."""
    signed = await provider.userinfo((await tokens_of(provider, "signed"))["access_token"])
    assert signed.headers["content-type"] == "application/jwt"
    assert (await checked(provider, signed.text, "RS256")).claims["aud"] == "signed"
    veiled = await provider.userinfo((await tokens_of(provider, "veiled"))["access_token"])
    assert veiled.headers["content-type"] == "application/jwt"
    inside = opened(veiled.text, EC, "ECDH-ES", "A128CBC-HS256")
    assert "cty" not in inside.protected
    assert json.loads(inside.plaintext or b"")["name"] == "Nguyễn Văn An"


async def test_a_refused_userinfo_stays_a_challenge(provider: Provider) -> None:
    """RFC 6750 3: errors are never encrypted or signed, whatever the client registered."""
    refused = await provider.userinfo("g" * 22 + "." + "x" * 43)
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/json"


async def test_introspection_as_a_jwt(provider: Provider) -> None:
    """RFC 9701 4 and 5: asked for by Accept; typ, aud and iat; signed as registered, then encrypted."""
    tokens = await tokens_of(provider, "sealed")
    answer = await introspected(provider, tokens["access_token"], "sealed")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == INTROSPECTION
    sealed = opened(answer.text, EC, "ECDH-ES", "A128GCM")
    token = await checked(provider, (sealed.plaintext or b"").decode(), "RS256")
    assert token.header["typ"] == "token-introspection+jwt"
    assert set(token.claims) == {"iss", "aud", "iat", "token_introspection"}
    assert token.claims["aud"] == "sealed"
    assert token.claims["token_introspection"]["active"] is True
    async with provider.client() as client:
        form = {"token": tokens["access_token"]}
        plain = await client.post("/introspect", data=form, headers=basic("sealed"))
    assert plain.json() == token.claims["token_introspection"]


async def test_an_unknown_token_and_a_stranger(provider: Provider) -> None:
    """RFC 9701 5: inactive is said in a JWT too; whoever does not authenticate gets JSON and 401."""
    answer = await introspected(provider, "nonsense", "portal")
    token = await checked(provider, answer.text, "ES256")
    assert token.claims["token_introspection"] == {"active": False}
    assert token.header["typ"] == "token-introspection+jwt"
    async with provider.client() as client:
        headers = {"Accept": INTROSPECTION}
        refused = await client.post("/introspect", data={"token": "x", "client_id": "app"}, headers=headers)
    assert refused.status_code == 401
    assert refused.json()["error"] == "invalid_client"


@pytest.mark.attack
async def test_an_introspection_answer_is_no_access_token(provider: Provider) -> None:
    """RFC 9701 8.1 (cross-JWT confusion): presented as a token, hint or assertion it is refused."""
    tokens = await tokens_of(provider, "portal")
    answer = (await introspected(provider, tokens["access_token"], "portal")).text
    assert (await provider.userinfo(answer)).status_code == 401
    twice = await introspected(provider, answer, "portal")
    assert (await checked(provider, twice.text, "ES256")).claims["token_introspection"] == {"active": False}
    signed = await provider.userinfo((await tokens_of(provider, "signed"))["access_token"])
    assert (await provider.userinfo(signed.text)).status_code == 401


async def test_the_key_set_shows_where_to_encrypt_to(provider: Provider) -> None:
    """Core 10.2: keys with use enc, one for each algorithm; none of them verifies a signature."""
    async with provider.client() as client:
        listed = (await client.get("/jwks")).json()["keys"]
    encrypting = [key for key in listed if key["use"] == "enc"]
    assert sorted(key["alg"] for key in encrypting) == [
        "ECDH-ES",
        "ECDH-ES+A128KW",
        "ECDH-ES+A256KW",
        "RSA-OAEP-256",
    ]
    assert len({key["kid"] for key in listed}) == len(listed)


async def test_keys_at_the_clients_own_address(provider: Provider) -> None:
    """Core 10.2.1: fetched once for many answers, from the client's jwks_uri; its newest set decides."""
    body = json.dumps(JWKS).encode()
    async with serving(answering(body, kind="application/jwk-set+json"), None) as server:
        client = replace(
            SEALED, client_id="publishes", jwks=None, jwks_uri=f"http://127.0.0.1:{server.port}/jwks"
        )
        await provider.app.state.storage.clients.save(client)
        tokens = await tokens_of(provider, "publishes")
        assert opened(tokens["id_token"], RSA, "RSA-OAEP-256", "A256GCM").plaintext
        answer = await provider.userinfo(tokens["access_token"])
        assert opened(answer.text, EC, "ECDH-ES+A256KW", "A256CBC-HS512").plaintext
        assert len(server.seen) == 1


@pytest.mark.attack
async def test_a_client_whose_keys_cannot_be_had_gets_nothing_and_loses_nothing(provider: Provider) -> None:
    """No answer in the open while the keys are away; the code still works when they are back."""
    gone = replace(SEALED, client_id="away", jwks=None, jwks_uri="http://127.0.0.1:9/jwks")
    await provider.app.state.storage.clients.save(gone)
    code = await provider.browser().code(AN, "away")
    refused = await provider.redeem(code, "away")
    assert refused.status_code == 503
    assert refused.json()["error"] == "temporarily_unavailable"
    await provider.app.state.storage.clients.save(replace(gone, jwks=JWKS, jwks_uri=None))
    assert (await provider.redeem(code, "away")).status_code == 200

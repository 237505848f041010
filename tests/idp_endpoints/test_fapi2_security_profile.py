"""FAPI 2.0 Security Profile (final) over HTTP, as the OpenID Foundation's suite asks, good and bad."""

from __future__ import annotations

import asyncio
import time
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

from idp.protocol import fapi2_security_profile
from keys.proof import token_hash
from tests.idp_endpoints.fapi_client import SPOILED, FapiClient, fapi_portal
from tests.idp_endpoints.people import AN, SECRET
from tests.idp_endpoints.provider import ISSUER, Provider, basic
from tests.keys_proof.proofs import Sender

pytestmark = pytest.mark.engine


@pytest.fixture
async def client(provider: Provider) -> FapiClient:
    """A registered FAPI 2.0 client."""
    return await FapiClient.register(provider)


async def test_the_happy_flow(client: FapiClient) -> None:
    """5.3.2: private_key_jwt, PAR, PKCE, ``iss``, a DPoP-bound token, UserInfo with a proof."""
    said = await client.answer(AN)
    assert said["iss"] == ISSUER
    response = await client.redeem(said["code"])
    document = response.json()
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    assert document["token_type"] == "DPoP"
    assert document["refresh_token"]
    token = document["access_token"]
    assert (await userinfo(client, token)).json()["name"] == "Nguyễn Văn An"
    assert jws.extract_compact(document["id_token"].encode()).headers()["alg"] == "ES256"


async def userinfo(client: FapiClient, token: str, sender: Sender | None = None) -> Any:
    """UserInfo with a proof of this key."""
    holder = client if sender is None else client.holding(sender)
    for _ in range(2):
        proof = holder.proof("/userinfo", "GET", ath=token_hash(token))
        async with client.provider.client() as http:
            headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
            response = await http.get("/userinfo", headers=headers)
        holder.nonce = client.nonce = response.headers.get("dpop-nonce", client.nonce)
        if response.status_code != 401 or "use_dpop_nonce" not in response.headers["www-authenticate"]:
            break
    return response


async def test_requests_that_were_not_pushed_are_refused(client: FapiClient) -> None:
    """5.3.2.2: "shall reject authorization requests sent without" PAR."""
    async with client.provider.client() as http:
        answer = await http.get("/authorize?" + urlencode(client.wishes()))
    assert answer.status_code in {303, 400}
    assert "invalid_request" in answer.headers.get("location", "invalid_request")
    assert "code=" not in answer.headers.get("location", "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code_challenge": SPOILED, "code_challenge_method": SPOILED}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": SPOILED}, "invalid_request"),
        ({"redirect_uri": SPOILED}, "invalid_request"),
        ({"redirect_uri": "https://elsewhere.example/"}, "invalid_request"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": SPOILED}, "invalid_request"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"client_assertion": SPOILED, "client_assertion_type": SPOILED}, "invalid_client"),
    ],
)
async def test_pushed_requests_that_the_profile_refuses(
    client: FapiClient, changes: dict[str, Any], code: str
) -> None:
    """5.3.2.2: PKCE with S256, the redirect URI, the code flow and authentication are each required."""
    response = await client.push(**changes)
    assert response.status_code == (401 if code == "invalid_client" else 400), response.text
    found = response.json()["error"]
    assert found == code or (code == "unsupported_response_type" and found == "unauthorized_client")


@pytest.mark.parametrize(
    "audience",
    [
        [ISSUER],
        [ISSUER, "https://other.example"],
        ISSUER + "/token",
        ISSUER + "/par",
        ISSUER + "/",
        "x",
        None,
    ],
)
async def test_only_the_issuer_as_a_string_is_the_audience(client: FapiClient, audience: Any) -> None:
    """5.3.2.1: "shall accept its issuer identifier value ... as a string in the aud claim", and nothing else."""
    response = await client.push(client_assertion=client.assertion(aud=audience))
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("claim", ["iat", "nbf"])
async def test_clocks_may_differ_a_little(client: FapiClient, claim: str) -> None:
    """5.3.2.1: accepts iat and nbf "between 0 and 10 seconds in the future", rejects "greater than 60 seconds"."""
    soon = await client.push(client_assertion=client.assertion(**{claim: int(time.time()) + 8}))
    assert soon.status_code == 201
    late = await client.push(client_assertion=client.assertion(**{claim: int(time.time()) + 62}))
    assert (late.status_code, late.json()["error"]) == (401, "invalid_client")


async def test_an_assertion_works_once(client: FapiClient) -> None:
    """RFC 7523 section 3 (7), as the suite asks: a jti that comes again is refused."""
    assertion = client.assertion()
    assert (await client.push(client_assertion=assertion)).status_code == 201
    again = await client.push(client_assertion=assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


async def test_weak_algorithms_are_refused(provider: Provider) -> None:
    """5.4.1: PS256, ES256 or EdDSA; an RS256 assertion is refused even where the client registered RS256."""
    key = RSAKey.generate_key(2048, {"kid": "weak-1", "use": "sig"})
    client = await FapiClient.register(
        provider,
        jwks={"keys": [key.as_dict(private=False)]},
        token_endpoint_auth_signing_alg="RS256",
    )
    now = int(time.time())
    claims = {"iss": client.client_id, "sub": client.client_id, "aud": ISSUER, "iat": now, "exp": now + 60}
    weak = jwt.encode({"alg": "RS256", "kid": "weak-1"}, claims | {"jti": "j-1"}, key, algorithms=["RS256"])
    response = await client.push(client_assertion=weak)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


async def test_secrets_are_no_authentication(provider: Provider) -> None:
    """5.3.2.1: a client that slipped into the store with a secret still cannot authenticate with it."""
    secret = sha256(SECRET.encode()).digest()
    client = await FapiClient.register(
        provider, token_endpoint_auth_method="client_secret_basic", secret_hash=secret
    )
    async with provider.client() as http:
        response = await http.post("/par", data=client.wishes(), headers=basic(client.client_id))
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("slipped", "request_of_it"),
    [
        ({"require_pkce": False}, {"code_challenge": SPOILED, "code_challenge_method": SPOILED}),
        ({"redirect_uris": ("http://portal.example/cb",)}, {"redirect_uri": "http://portal.example/cb"}),
        ({"response_types": frozenset({"code", "code id_token"})}, {"response_type": "code id_token"}),
    ],
)
async def test_what_slipped_into_the_store_is_refused_all_the_same(
    provider: Provider, slipped: dict[str, Any], request_of_it: dict[str, Any]
) -> None:
    """5.3.2.2: the rules count at each request, not only when a client is registered."""
    client = await FapiClient.register(provider, **slipped)
    response = await client.push(**request_of_it)
    assert response.status_code == 400, response.text


async def test_no_plain_bearer_tokens(client: FapiClient) -> None:
    """5.3.2.1: "shall only issue sender-constrained access tokens"; without a proof there is none."""
    said = await client.answer(AN)
    bare = await client.redeem(said["code"], proof=False)
    assert (bare.status_code, bare.json()["error"]) == (400, "invalid_dpop_proof")


async def test_a_bound_token_needs_its_key(client: FapiClient) -> None:
    """RFC 9449 section 7: another key, or none, is refused; the token never works as a bearer token."""
    token = (await client.tokens(AN))["access_token"]
    assert (await userinfo(client, token)).status_code == 200
    assert (await userinfo(client, token, Sender())).status_code == 401
    bearer = await client.provider.userinfo(token)
    assert bearer.status_code == 401
    assert "invalid_token" in bearer.headers["www-authenticate"]


async def test_a_code_bound_by_dpop_jkt_needs_that_key(client: FapiClient) -> None:
    """RFC 9449 section 10: the thief of a code does not have the key it is bound to."""
    said = await client.answer(AN, dpop_jkt=client.sender.jkt)
    stolen = await client.holding(Sender()).redeem(said["code"])
    assert stolen.status_code == 400
    assert stolen.json()["error"] in {"invalid_grant", "invalid_dpop_proof"}


async def test_a_code_works_once_and_kills_what_it_gave(client: FapiClient) -> None:
    """RFC 6749 4.1.2, as the suite asks: the second use is refused and the token dies."""
    said = await client.answer(AN)
    token = (await client.redeem(said["code"])).json()["access_token"]
    again = await client.redeem(said["code"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await userinfo(client, token)).status_code == 401


async def test_a_code_of_another_client(client: FapiClient) -> None:
    """RFC 6749 5.2: the code of another FAPI client is invalid_grant (GHSA-xqxv-4jc2-x56x)."""
    said = await client.answer(AN)
    other = await FapiClient.register(client.provider)
    stolen = await other.redeem(said["code"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")


async def test_the_request_of_another_client(client: FapiClient) -> None:
    """RFC 9126 2.2: a request_uri is bound to the client that posted it."""
    pushed = (await client.push()).json()["request_uri"]
    other = await FapiClient.register(client.provider)
    async with client.provider.client() as http:
        query = urlencode({"client_id": other.client_id, "request_uri": pushed})
        answer = await http.get(f"/authorize?{query}")
    assert answer.status_code == 400


async def test_refresh_tokens_stay(client: FapiClient) -> None:
    """5.3.2.1: "shall not use refresh token rotation"; the same token goes on, also in parallel."""
    token = (await client.tokens(AN))["refresh_token"]
    first = await client.refresh(token)
    assert first.status_code == 200, first.text
    assert first.json()["refresh_token"] == token
    several = await asyncio.gather(*(client.refresh(token) for _ in range(5)))
    assert [each.status_code for each in several] == [200] * 5
    assert len({each.json()["access_token"] for each in several}) == 5


async def test_a_confidential_client_may_change_its_key_at_refresh(client: FapiClient) -> None:
    """RFC 9449 section 5: refresh tokens of confidential clients are bound by their authentication."""
    token = (await client.tokens(AN))["refresh_token"]
    other = Sender()
    answer = await client.holding(other).refresh(token)
    assert answer.status_code == 200
    fresh = answer.json()["access_token"]
    assert (await userinfo(client, fresh)).status_code == 401
    assert (await userinfo(client, fresh, other)).status_code == 200


async def test_long_nonces_and_states_come_back(client: FapiClient) -> None:
    """5.3.2.2: nonce values of 64 characters are supported; state returns byte for byte."""
    said = await client.answer(AN, state="s" * 300, nonce="n" * 64)
    assert said["state"] == "s" * 300
    document = (await client.redeem(said["code"])).json()
    payload = jws.extract_compact(document["id_token"].encode()).payload
    assert b"n" * 64 in payload


async def test_the_front_channel_has_no_cors(client: FapiClient) -> None:
    """5.3.2.2: "shall not support CORS for the Authorization Endpoint"; redirects are 303, never 307."""
    pushed = (await client.push()).json()["request_uri"]
    query = urlencode({"client_id": client.client_id, "request_uri": pushed})
    async with client.provider.client() as http:
        answer = await http.get(f"/authorize?{query}", headers={"Origin": "https://portal.example"})
    assert answer.status_code == 303
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({}, None),
        ({"fapi2_profile": "message_signing"}, None),
        ({"fapi2_profile": "advanced"}, "fapi2_profile"),
        ({"token_endpoint_auth_method": "client_secret_jwt"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "none"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "tls_client_auth"}, None),
        ({"id_token_signed_response_alg": "RS256"}, "id_token_signed_response_alg"),
        ({"request_object_signing_alg": "none"}, "request_object_signing_alg"),
        ({"response_types": frozenset({"code", "code id_token"})}, "response_types"),
        ({"grant_types": frozenset({"authorization_code", "implicit"})}, "grant_types"),
        ({"require_pkce": False}, "require_pkce"),
        ({"redirect_uris": ("http://portal.example/callback",)}, "redirect_uris"),
        ({"redirect_uris": ("http://127.0.0.1/cb",), "application_type": "native"}, None),
    ],
)
def test_who_can_be_a_fapi_client(changes: dict[str, Any], member: str | None) -> None:
    """5.3.2.1, 5.3.2.2 and 5.4.1: what a registration may not say."""
    key = ECKey.generate_key("P-256", {"kid": "k"})
    assert fapi2_security_profile.unfit(fapi_portal("x", key, **changes)) == member
    assert fapi2_security_profile.unfit(fapi_portal("x", key, **(changes | {"fapi2_profile": None}))) is None

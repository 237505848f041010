"""The modules of the FAPI 2.0 Security Profile and Message Signing (final) plans that no other file shows.

The rest: ``test_fapi2_security_profile.py`` and ``test_fapi2_message_signing.py``; ``docs/conformance.md`` lists all.
"""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

from keys import base64url
from tests.idp_endpoints.fapi_client import SPOILED, FapiClient, allowed
from tests.idp_endpoints.people import AN, CALLBACK
from tests.idp_endpoints.provider import FIELD, ISSUER, Provider, answer_of
from tests.idp_endpoints.test_fapi2_message_signing import SigningClient
from tests.keys_proof.proofs import Sender
from tests.tampering import altered

pytestmark = pytest.mark.engine


@pytest.fixture
async def client(provider: Provider) -> FapiClient:
    """A registered FAPI 2.0 client."""
    return await FapiClient.register(provider)


@pytest.fixture
async def signing(provider: Provider) -> SigningClient:
    """A registered client whose requests are signed."""
    made = await SigningClient.register(
        provider, fapi2_profile="message_signing", request_object_signing_alg="ES256"
    )
    assert isinstance(made, SigningClient)
    return made


async def test_a_key_named_at_the_push_is_the_only_one(client: FapiClient) -> None:
    """-ensure-mismatched-dpop-jkt-fails, -token-endpoint-fails-with-mismatched-…, -binding-success (RFC 9449 10)."""
    other = Sender()
    for _ in range(2):
        form = client.wishes() | {"dpop_jkt": other.jkt}
        refused = await client.post("/par", form)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_dpop_proof")
    for changes, proof in (({"dpop_jkt": client.sender.jkt}, False), ({}, True)):
        for spoil in (True, False):
            pushed = await client.post("/par", client.wishes() | changes, proof=proof)
            assert pushed.status_code == 201, pushed.text
            code = await code_of(client, pushed.json()["request_uri"])
            holder = client.holding(other) if spoil else client
            response = await holder.redeem(code)
            assert response.status_code == (400 if spoil else 200), response.text


async def code_of(client: FapiClient, request_uri: str) -> str:
    """Sign in and take the code of a pushed request."""
    browser = client.provider.browser()
    response = await browser.http.get(address(client.client_id, request_uri))
    response = await browser.sign_in(AN, response)
    if response.headers["location"].startswith("/consent"):
        response = await browser.http.get((await allowed(browser, response)).headers["location"])
    return answer_of(response)["code"]


def address(client_id: str, request_uri: str) -> str:
    """The authorization endpoint with nothing but what it needs (-par-without-duplicate-parameters)."""
    return "/authorize?" + urlencode({"client_id": client_id, "request_uri": request_uri})


async def test_a_person_says_no(client: FapiClient) -> None:
    """-user-rejects-authentication: access_denied with state and iss (RFC 6749 4.1.2.1, RFC 9207 2)."""
    pushed = (await client.push()).json()["request_uri"]
    browser = client.provider.browser()
    response = await browser.sign_in(AN, await browser.http.get(address(client.client_id, pushed)))
    page = await browser.http.get(response.headers["location"])
    form = dict(FIELD.findall(page.text)) | {"answer": "deny"}
    response = await browser.http.post("/consent", data=form)
    if response.headers["location"].startswith("/"):
        response = await browser.http.get(response.headers["location"])
    said = answer_of(response)
    assert (said["error"], said["state"], said["iss"]) == ("access_denied", "state-1", ISSUER)


@pytest.mark.parametrize(
    "changes", [{"state": SPOILED}, {"nonce": SPOILED}, {"scope": "offline_access profile openid"}]
)
async def test_requests_that_succeed(client: FapiClient, changes: dict[str, Any]) -> None:
    """-without-state-success, -without-nonce-success, -scope-order-succeeds: what was not sent does not come."""
    said = await client.answer(AN, **changes)
    assert ("state" in said) is ("state" not in changes)
    document = (await client.redeem(said["code"])).json()
    claims = json.loads(jws.extract_compact(document["id_token"].encode()).payload)
    assert ("nonce" in claims) is ("nonce" not in changes)


async def test_long_values_come_back_whole(client: FapiClient) -> None:
    """-long-state (1,000 characters), -long-nonce (384): "MUST NOT return the nonce corrupted or truncated"."""
    said = await client.answer(AN, state="s" * 1_000, nonce="n" * 384)
    assert said["state"] == "s" * 1_000
    document = (await client.redeem(said["code"])).json()
    claims = json.loads(jws.extract_compact(document["id_token"].encode()).payload)
    assert claims["nonce"] == "n" * 384


async def test_claims_by_name(client: FapiClient) -> None:
    """-test-claims-parameter-identity-claims: claims asked for by name; unknown ones harm nobody (Core 5.5)."""
    claims = json.dumps(
        {"id_token": {"name": {"essential": True}, "unheard_of": None}, "userinfo": {"birthdate": None}}
    )
    said = await client.answer(AN, claims=claims, scope="openid profile")
    document = (await client.redeem(said["code"])).json()
    inside = json.loads(jws.extract_compact(document["id_token"].encode()).payload)
    assert inside["name"] == AN.profile["name"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_assertion": SPOILED, "client_assertion_type": SPOILED}, {"invalid_client"}),
        ({"client_id": "another"}, {"invalid_client", "invalid_request", "invalid_grant"}),
        ({"assertion": {"exp": 1_790_000_000}}, {"invalid_client"}),
        ({"assertion": {"aud": "https://suite.example"}}, {"invalid_client"}),
        ({"assertion": {"sub": None}}, {"invalid_client"}),
        ({"code_verifier": SPOILED}, {"invalid_grant", "invalid_request"}),
        ({"code_verifier": "w" * 43}, {"invalid_grant"}),
        ({"redirect_uri": CALLBACK + "/other"}, {"invalid_grant"}),
    ],
)
async def test_token_requests_that_are_refused(
    client: FapiClient, changes: dict[str, Any], error: set[str]
) -> None:
    """-ensure-client-assertion-…, -client-id-in-token-endpoint, -pkce-code-verifier-required, -incorrect-…."""
    said = await client.answer(AN)
    if "assertion" in changes:
        changes = {"client_assertion": client.assertion(**changes["assertion"])}
    response = await client.redeem(said["code"], **changes)
    assert response.json()["error"] in error
    assert response.status_code == (401 if response.json()["error"] == "invalid_client" else 400)


async def test_a_pushed_request_before_and_after_it_is_answered(client: FapiClient) -> None:
    """-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds, -par-attempt-reuse-request_uri."""
    pushed = (await client.push()).json()["request_uri"]
    browser = client.provider.browser()
    await browser.http.get(address(client.client_id, pushed))
    response = await browser.sign_in(AN, await browser.http.get(address(client.client_id, pushed)))
    response = await browser.http.get((await allowed(browser, response)).headers["location"])
    assert "code" in answer_of(response)
    again = await browser.http.get(address(client.client_id, pushed))
    assert again.status_code == 400
    assert "location" not in again.headers


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_only_posts_are_pushed(client: FapiClient, method: str) -> None:
    """-par-endpoint-reject-invalid-http-verb (RFC 9126 2.3: 405)."""
    async with client.provider.client() as http:
        response = await http.request(method, "/par", params=client.wishes())
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_the_document_fits_the_profile(provider: Provider) -> None:
    """-discovery-end-point-verification: PS256, ES256 or EdDSA for each signature, private_key_jwt, S256, PAR."""
    async with provider.client() as http:
        document = (await http.get("/.well-known/openid-configuration")).json()
    for name in (
        "dpop_signing_alg_values_supported",
        "id_token_signing_alg_values_supported",
        "userinfo_signing_alg_values_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "authorization_signing_alg_values_supported",
        "request_object_signing_alg_values_supported",
    ):
        assert {"PS256", "ES256", "EdDSA"} & set(document[name]), name
        assert "none" not in document[name]
    assert "private_key_jwt" in document["token_endpoint_auth_methods_supported"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["pushed_authorization_request_endpoint"] == f"{ISSUER}/par"
    assert document["claims_parameter_supported"] is True


async def test_request_objects_that_are_accepted(signing: SigningClient) -> None:
    """-ensure-server-accepts-request-object-with-multiple-aud, -nbf-8-seconds-in-the-future (5.3.1)."""
    now = int(time.time())
    for changes in (
        {"aud": [ISSUER, "https://suite.example"]},
        {"nbf": now + 8, "exp": now + 300},
        {"state": SPOILED},
    ):
        assert (await signing.push(**changes)).status_code == 201, changes


async def test_signatures_of_request_objects(signing: SigningClient) -> None:
    """-signed-request-object-with-rs256-fails, -algorithm-is-not-none, -invalid-signature, -matching-key-in-…."""
    good = signing.request_object()
    _, body, _ = good.split(".")
    none = base64url.encode(b'{"alg":"none"}').decode()
    stranger = ECKey.generate_key("P-256", {"kid": "fapi-1"})
    weak = RSAKey.generate_key(2048, {"kid": "fapi-1"})
    claims = json.loads(base64url.decode(body.encode()))
    wrong = (
        f"{none}.{body}.",
        altered(good),
        jwt.encode({"alg": "ES256", "kid": "fapi-1"}, claims, stranger),
        jwt.encode({"alg": "RS256", "kid": "fapi-1"}, claims, weak, algorithms=["RS256"]),
    )
    for text in wrong:
        refused = await signing.post("/par", {"client_id": signing.client_id, "request": text}, proof=False)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request_object")
    missing = await signing.push(redirect_uri=SPOILED)
    assert (missing.status_code, missing.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("inside", [SPOILED, "inside"])
async def test_only_the_state_inside_comes_back(provider: Provider, inside: object) -> None:
    """-state-only-outside-request-object-not-used, -different-state-inside-and-outside, -different-nonce-…."""
    signed = {"require_signed_request_object": True, "request_object_signing_alg": "ES256"}
    client = await SigningClient.register(provider, **signed)
    assert isinstance(client, SigningClient)
    request = client.request_object(state=inside, response_mode=SPOILED, nonce="inside")
    form = {"client_id": client.client_id, "request": request, "state": "outside", "nonce": "outside"}
    pushed = await client.post("/par", form, proof=False)
    assert pushed.status_code == 201, pushed.text
    browser = provider.browser()
    query = {"client_id": client.client_id, "request_uri": pushed.json()["request_uri"]}
    visit = "/authorize?" + urlencode(query | {"state": "outside", "nonce": "outside"})
    response = await browser.sign_in(AN, await browser.http.get(visit))
    response = await browser.http.get((await allowed(browser, response)).headers["location"])
    said = answer_of(response)
    assert said.get("state") == (None if inside is SPOILED else inside)
    document = (await client.redeem(said["code"])).json()
    claims = json.loads(jws.extract_compact(document["id_token"].encode()).payload)
    assert claims["nonce"] == "inside"

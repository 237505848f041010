"""The DPoP modules of the FAPI 2.0 plans: every proof that a resource must refuse or accept, at UserInfo."""

from __future__ import annotations

import json
import re
import secrets
import time
from typing import Any

import httpx2
import pytest

from keys import base64url
from keys.proof import token_hash
from tests.idp_endpoints.fapi_client import FapiClient
from tests.idp_endpoints.people import AN
from tests.idp_endpoints.provider import ISSUER, Provider
from tests.keys_proof.proofs import Sender

pytestmark = pytest.mark.engine
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
async def client(provider: Provider) -> FapiClient:
    """A registered FAPI 2.0 client."""
    return await FapiClient.register(provider)


async def call(
    client: FapiClient, token: str, proof: str | None, *, scheme: str = "DPoP", **headers: str
) -> httpx2.Response:
    """UserInfo with this very proof."""
    sent = {"Authorization": f"{scheme} {token}"} | ({} if proof is None else {"DPoP": proof}) | headers
    async with client.provider.client() as http:
        response = await http.get("/userinfo", headers=sent)
    client.nonce = response.headers.get("dpop-nonce", client.nonce)
    return response


def resource_proof(client: FapiClient, token: str, **changes: Any) -> str:
    """A good proof for UserInfo, or one that a test spoils."""
    return client.proof("/userinfo", "GET", **({"ath": token_hash(token)} | changes))


def spoiled(proof: str, place: int, **members: Any) -> str:
    """A proof whose header (0) or claims (1) were changed after the signature."""
    parts = proof.split(".")
    text = json.loads(base64url.decode(parts[place].encode()))
    kept = {name: value for name, value in (text | members).items() if value is not None}
    parts[place] = base64url.encode(json.dumps(kept).encode()).decode()
    return ".".join(parts)


REFUSED: dict[str, dict[str, Any]] = {
    "jti missing": {"jti": None},
    "htm missing": {"htm": None},
    "htu missing": {"htu": None},
    "iat missing": {"iat": None},
    "ath missing": {"ath": None},
    "ath of another token": {"ath": token_hash("another")},
    "htm of another method": {"htm": "PUT"},
    "htu of another address": {"htu": "https://suite.example/userinfo"},
    "typ missing": {"header": {"typ": None}},
    "typ of another kind": {"header": {"typ": "JWT"}},
    "jwk missing": {"header": {"jwk": None}},
}


@pytest.mark.parametrize("name", REFUSED)
async def test_proofs_that_a_resource_refuses(client: FapiClient, name: str) -> None:
    """fapi2-security-profile-final-dpop-negative-tests: points 3 to 12 of RFC 9449 4.3; a good one still works."""
    token = (await client.tokens(AN))["access_token"]
    await call(client, token, resource_proof(client, token))
    changes = dict(REFUSED[name])
    header = changes.pop("header", None)
    claims = {"htm": "GET", "htu": ISSUER + "/userinfo", "iat": int(time.time()), "nonce": client.nonce}
    claims |= {"jti": secrets.token_urlsafe(16), "ath": token_hash(token)} | changes
    refused = await call(client, token, client.sender.proof(header, **claims))
    assert refused.status_code in {400, 401}, refused.text
    assert (await call(client, token, resource_proof(client, token))).status_code == 200


async def test_proofs_whose_signature_is_worth_nothing(client: FapiClient) -> None:
    """-dpop-negative-tests: alg missing, none, a broken signature, a private key, another key, no JWT, two proofs."""
    token = (await client.tokens(AN))["access_token"]
    await call(client, token, resource_proof(client, token))

    def good() -> str:
        return resource_proof(client, token)

    private = {**client.sender.jwk, "d": base64url.encode(b"\1" * 32).decode()}
    thief = client.holding(Sender())
    wrong = {
        "alg missing": spoiled(good(), 0, alg=None),
        "none": good().rpartition(".")[0].replace(good().split(".")[0], "eyJhbGciOiJub25lIn0") + ".",
        "signature": spoiled(good(), 1, extra=1),
        "private key": client.sender.proof(
            {"jwk": private},
            htm="GET",
            htu=ISSUER + "/userinfo",
            iat=int(time.time()),
            jti="p",
            nonce=client.nonce,
            ath=token_hash(token),
        ),
        "another key": resource_proof(thief, token),
        "no JWT": "not a proof",
    }
    for name, proof in wrong.items():
        assert (await call(client, token, proof)).status_code in {400, 401}, name
    async with client.provider.client() as http:
        several = [("Authorization", f"DPoP {token}"), ("DPoP", good()), ("DPoP", good())]
        assert (await http.get("/userinfo", headers=several)).status_code in {400, 401}
    assert (await call(client, token, None)).status_code == 401
    assert (await call(client, token, None, scheme="Bearer")).status_code == 401
    assert (await call(client, token, good())).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"htu": ISSUER + "/userinfo?query=1#fragment"},
        {"htu": ISSUER.upper() + "/userinfo"},
        {"htu": ISSUER + "/%75serinfo"},
        {"extra": "claim", "nbf": -1, "exp": 300},
        {"iat": -10},
        {"iat": 8},
    ],
)
async def test_proofs_that_a_resource_accepts(client: FapiClient, changes: dict[str, Any]) -> None:
    """-dpop-negative-tests (4.3 point 9, RFC 3986 6.2.2), -check-dpop-proof-nbf-exp, -iat-10-seconds-before/after."""
    token = (await client.tokens(AN))["access_token"]
    await call(client, token, resource_proof(client, token))
    now = int(time.time())
    claims = {name: value if isinstance(value, str) else now + value for name, value in changes.items()}
    assert (await call(client, token, resource_proof(client, token, **claims))).status_code == 200


async def test_a_proof_once(client: FapiClient) -> None:
    """-dpop-negative-tests: the second use of a jti (RFC 9449 11.1)."""
    token = (await client.tokens(AN))["access_token"]
    await call(client, token, resource_proof(client, token))
    proof = resource_proof(client, token, jti="only-once")
    assert (await call(client, token, proof)).status_code == 200
    assert (await call(client, token, proof)).status_code == 401


@pytest.mark.parametrize(("algorithm", "accepted"), [("PS256", True), ("EdDSA", True), ("RS256", False)])
async def test_algorithms_of_proofs(client: FapiClient, algorithm: str, accepted: bool) -> None:
    """-dpop-negative-tests, "signed using RS256" (5.4.1): at the token endpoint and at the resource."""
    client.sender = Sender(algorithm)
    said = await client.answer(AN)
    response = await client.redeem(said["code"])
    if not accepted:
        assert (response.status_code, response.json()["error"]) == (400, "invalid_dpop_proof")
        client.sender = Sender("PS256")
        good = client.sender
        token = (await client.tokens(AN))["access_token"]
        await call(client, token, resource_proof(client, token))
        weak = Sender(algorithm)
        # The same key, used with the other algorithm, as the suite does.
        weak.private, weak.jwk, weak.jkt = good.private, good.jwk, good.jkt
        assert (await call(client, token, resource_proof(client.holding(weak), token))).status_code == 401
        return
    token = response.json()["access_token"]
    assert (await call(client, token, resource_proof(client, token))).status_code == 200


@pytest.mark.parametrize("scheme", ["dpop", "DPOP", "dPoP"])
async def test_the_scheme_in_any_case(client: FapiClient, scheme: str) -> None:
    """-access-token-type-header-case-sensitivity (RFC 9110 11.1)."""
    token = (await client.tokens(AN))["access_token"]
    await call(client, token, resource_proof(client, token))
    assert (await call(client, token, resource_proof(client, token), scheme=scheme)).status_code == 200


async def test_an_interaction_is_named(client: FapiClient) -> None:
    """-happy-flow at the resource: x-fapi-interaction-id comes back, or one is made; refusals carry it too."""
    token = (await client.tokens(AN))["access_token"]
    await call(client, token, resource_proof(client, token))
    own = {"x-fapi-interaction-id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}
    said = await call(client, token, resource_proof(client, token), **own)
    assert said.headers["x-fapi-interaction-id"] == own["x-fapi-interaction-id"]
    for sent in ({}, {"x-fapi-interaction-id": "x" * 300}):
        made = await call(client, token, resource_proof(client, token), **sent)
        assert UUID.fullmatch(made.headers["x-fapi-interaction-id"])
    refused = await call(client, "broken", resource_proof(client, token), **own)
    assert refused.status_code == 401
    assert refused.headers["x-fapi-interaction-id"] == own["x-fapi-interaction-id"]
    plain = await client.provider.userinfo("broken")
    assert "x-fapi-interaction-id" not in plain.headers

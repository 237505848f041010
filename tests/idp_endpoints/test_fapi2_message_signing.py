"""FAPI 2.0 Message Signing (final) over HTTP: signed requests, signed answers, signed introspection."""

from __future__ import annotations

import secrets
import time
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.idp_endpoints.fapi_client import SPOILED, FapiClient
from tests.idp_endpoints.people import AN
from tests.idp_endpoints.provider import ISSUER, Provider

pytestmark = pytest.mark.engine


class SigningClient(FapiClient):
    """A client that signs what it asks."""

    def request_object(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """RFC 9101, with the times of FAPI 2.0 Message Signing 5.3."""
        now = int(time.time())
        claims = {
            **self.wishes(),
            "response_mode": "jwt",
            "iss": self.client_id,
            "aud": ISSUER,
            "nbf": now,
            "exp": now + 300,
            "jti": secrets.token_urlsafe(16),
        } | changes
        kept = {name: value for name, value in claims.items() if value is not SPOILED}
        head = {"alg": "ES256", "kid": "fapi-1", "typ": "oauth-authz-req+jwt"} | (header or {})
        return jwt.encode(head, kept, self.key)

    async def push(self, **changes: Any) -> httpx2.Response:
        """A signed request, pushed."""
        request = self.request_object(**changes)
        return await self.post("/par", {"client_id": self.client_id, "request": request}, proof=False)


@pytest.fixture
async def client(provider: Provider) -> SigningClient:
    """A registered client whose every message is signed."""
    changes = {
        "fapi2_profile": "message_signing",
        "request_object_signing_alg": "ES256",
        "authorization_signed_response_alg": "ES256",
        "introspection_signed_response_alg": "ES256",
    }
    made = await SigningClient.register(provider, **changes)
    assert isinstance(made, SigningClient)
    return made


async def keys(provider: Provider) -> KeySet:
    """The provider's public keys."""
    async with provider.client() as http:
        return KeySet.import_key_set((await http.get("/jwks")).json())


async def test_the_happy_flow(client: SigningClient) -> None:
    """5.3 and 5.4: a signed request object in PAR; one ``response`` comes back, signed, short-lived, for us alone."""
    said = await client.answer(AN)
    assert set(said) == {"response"}
    answer = jwt.decode(said["response"], await keys(client.provider), algorithms=["ES256"])
    claims = answer.claims
    assert claims["iss"] == ISSUER
    assert claims["aud"] == client.client_id
    assert claims["state"] == "state-1"
    assert 0 < claims["exp"] - time.time() <= 600
    response = await client.redeem(claims["code"])
    assert response.status_code == 200, response.text
    assert response.json()["token_type"] == "DPoP"


async def test_errors_are_signed_too(client: SigningClient) -> None:
    """JARM 2.1.2: an error is the same JWT."""
    said = await client.answer(AN, prompt="none")
    claims = jwt.decode(said["response"], await keys(client.provider), algorithms=["ES256"]).claims
    assert claims["error"] == "login_required"
    assert claims["state"] == "state-1"


async def test_an_unsigned_request_is_refused(client: SigningClient) -> None:
    """5.3: "shall require the use of signed request objects"."""
    plain = await client.post("/par", client.wishes() | {"response_mode": "jwt"}, proof=False)
    assert plain.status_code == 400
    assert plain.json()["error"] in {"invalid_request", "invalid_request_object"}


@pytest.mark.parametrize("mode", [SPOILED, "query", "fragment", "form_post"])
async def test_a_plain_answer_is_not_given(client: SigningClient, mode: Any) -> None:
    """5.4: responses are signed; a request for anything else is refused when it is pushed."""
    refused = await client.push(response_mode=mode)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"},
        {"aud": SPOILED},
        {"iss": "another"},
        {"exp": SPOILED},
        {"nbf": SPOILED},
        {"nbf": -4_000, "exp": 300},
        {"nbf": 0, "exp": 3_700},
        {"nbf": -600, "exp": -300},
        {"nbf": 90_000, "exp": 91_000},
        {"client_id": "another"},
        {"request_uri": "urn:ietf:params:oauth:request_uri:x"},
        {"header": {"typ": "logout+jwt"}},
        {"header": {"kid": "unknown"}},
    ],
)
async def test_request_objects_that_are_refused(client: SigningClient, changes: dict[str, Any]) -> None:
    """5.3.1: aud, nbf and exp are required and bounded; iss and client_id are the client's; typ is a request's.

    Times are seconds from now, the moment of the test and not that of its collection.
    """
    now = int(time.time())
    said = {name: now + value if isinstance(value, int) else value for name, value in changes.items()}
    refused = await client.push(**said)
    assert refused.status_code == 400, refused.text
    assert refused.json()["error"] in {"invalid_request_object", "invalid_request"}


@pytest.mark.attack
async def test_what_is_outside_the_object_counts_for_nothing(client: SigningClient) -> None:
    """5.3: unsigned parameters beside a signed object are ignored, never merged (attack 16)."""
    form = {
        "client_id": client.client_id,
        "request": client.request_object(state=SPOILED),
        "state": "injected",
        "response_mode": "query",
        "scope": "openid pid",
    }
    pushed = await client.post("/par", form, proof=False)
    assert pushed.status_code == 201, pushed.text


async def test_introspection_is_signed(client: SigningClient) -> None:
    """5.5: "shall sign token introspection responses" (RFC 9701), for the resource server that asks."""
    said = await client.answer(AN)
    code = jwt.decode(said["response"], await keys(client.provider), algorithms=["ES256"]).claims["code"]
    token = (await client.redeem(code)).json()["access_token"]
    form = {
        "token": token,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": client.assertion(),
    }
    async with client.provider.client() as http:
        response = await http.post("/introspect", data=form)
    assert response.headers["content-type"] == "application/token-introspection+jwt"
    answer = jwt.decode(response.text, await keys(client.provider), algorithms=["ES256"])
    assert answer.header["typ"] == "token-introspection+jwt"
    assert answer.claims["aud"] == client.client_id
    assert answer.claims["token_introspection"]["active"] is True
    assert answer.claims["token_introspection"]["cnf"] == {"jkt": client.sender.jkt}

"""RFC 9728 over HTTP: from a refusal to the document, and from the document to the server."""

from __future__ import annotations

import re

import pytest

from tests.idp_endpoints.provider import ISSUER, Provider

pytestmark = pytest.mark.engine
POINTER = re.compile(r'resource_metadata="([^"]+)"')


async def test_a_client_that_knows_only_the_resource_finds_the_server(provider: Provider) -> None:
    """Sections 3.2, 3.3 and 5.1: challenge, document, issuer, metadata; each names the one before it."""
    async with provider.client() as client:
        refused = await client.get("/userinfo")
        place = POINTER.findall(refused.headers["www-authenticate"])[0]
        answer = await client.get(place, headers={"Origin": "https://spa.example"})
        document = answer.json()
        server = (
            await client.get(document["authorization_servers"][0] + "/.well-known/openid-configuration")
        ).json()
    assert refused.status_code == 401
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert document["resource"] == f"{ISSUER}/userinfo" == server["userinfo_endpoint"]
    assert document["resource"] in server["protected_resources"]
    assert document["jwks_uri"] == server["jwks_uri"]


async def test_only_the_right_address_answers(provider: Provider) -> None:
    """Section 3.1: the issuer itself is no protected resource, and nothing but GET reads a document."""
    async with provider.client() as client:
        assert (await client.get("/.well-known/oauth-protected-resource")).status_code == 404
        assert (await client.post("/.well-known/oauth-protected-resource/userinfo")).status_code == 405

"""Attacks 21 to 25 at every address that reads a token: a rule kept on one path is not kept until it is on all."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey

from tests.idp_endpoints import forgeries
from tests.idp_endpoints.people import AN, SIGNED_OUT, assertion_keys, portal
from tests.idp_endpoints.provider import ISSUER, Provider, basic
from tests.idp_endpoints.test_pushed_requests import wishes

pytestmark = [pytest.mark.engine, pytest.mark.attack]
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEY = ECKey.generate_key("P-256", {"kid": "object-1", "use": "sig"})
OBJECTS = portal("forged-objects", jwks={"keys": [KEY.as_dict(private=False)]})


async def published(provider: Provider) -> Mapping[str, object]:
    """The provider's key set."""
    async with provider.client() as client:
        document: Mapping[str, object] = (await client.get("/jwks")).json()
    return document


def assertion_claims() -> dict[str, Any]:
    """Claims of a good client assertion, each used once."""
    now = int(time.time())
    return {
        "iss": "signer",
        "sub": "signer",
        "aud": ISSUER,
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + 60,
    }


async def assert_with(provider: Provider, path: str, token: str) -> httpx2.Response:
    """A client request that authenticates by this assertion."""
    forms = {
        "/token": {"grant_type": "refresh_token", "refresh_token": "nonsense"},
        "/introspect": {"token": "nonsense"},
        "/revoke": {"token": "nonsense"},
        "/par": wishes("signer"),
    }
    form = forms[path] | {"client_assertion": token, "client_assertion_type": ASSERTION}
    async with provider.client() as client:
        return await client.post(path, data=form)


@pytest.mark.parametrize(
    ("path", "good"), [("/token", 400), ("/introspect", 200), ("/revoke", 200), ("/par", 201)]
)
async def test_no_forged_assertion_authenticates(provider: Provider, path: str, good: int) -> None:
    """RFC 7523 section 3: 401 invalid_client for each forgery; the good one passes, so the rest was right."""
    header = {"alg": "ES256", "kid": "signer-1"}
    key, keys = assertion_keys(), await published(provider)
    passed = await assert_with(provider, path, forgeries.signed(key, header, assertion_claims()))
    assert passed.status_code == good, passed.text
    assert "invalid_client" not in passed.text
    for name, token in forgeries.of(key, header, assertion_claims(), keys).items():
        refused = await assert_with(provider, path, token)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), name


async def test_no_forged_request_object_is_taken(provider: Provider) -> None:
    """RFC 9101 section 6: invalid_request_object for each forgery, at the pushed request, and nothing is stored."""
    await provider.app.state.storage.clients.save(OBJECTS)
    now = int(time.time())
    claims = wishes("forged-objects") | {"iss": "forged-objects", "aud": ISSUER, "nbf": now, "exp": now + 300}
    header = {"alg": "ES256", "kid": "object-1", "typ": "oauth-authz-req+jwt"}

    async def push(token: str) -> httpx2.Response:
        form = {"client_id": "forged-objects", "request": token}
        async with provider.client() as client:
            return await client.post("/par", data=form, headers=basic("forged-objects"))

    assert (await push(forgeries.signed(KEY, header, claims))).status_code == 201
    for name, token in forgeries.of(KEY, header, claims, await published(provider)).items():
        refused = await push(token)
        assert refused.status_code == 400, name
        assert refused.json()["error"] == "invalid_request_object", name


async def test_no_forged_hint_ends_a_session_silently(provider: Provider) -> None:
    """RP-Initiated Logout 2: without a hint of ours nobody is redirected; the person is asked."""
    browser = provider.browser()
    tokens = (await provider.redeem(await browser.code(AN))).json()
    hint = {"alg": "ES256", "kid": "x", "typ": "JWT"}
    claims = {"iss": ISSUER, "aud": "portal", "sub": "x", "exp": int(time.time()) + 60}
    forged = forgeries.of(KEY, hint, claims, await published(provider))
    forged["an access token's text"] = tokens["access_token"]
    for name, token in forged.items():
        where = {"id_token_hint": token, "post_logout_redirect_uri": SIGNED_OUT}
        answer = await browser.http.post("/logout", data=where)
        assert answer.headers.get("location") != SIGNED_OUT, name
        assert answer.status_code < 500, name
    assert (await browser.authorize(prompt="none")).headers["location"].find("code=") > 0, "still signed in"


async def test_no_forged_access_token_is_one(provider: Provider) -> None:
    """RFC 9068 section 4 and RFC 7662 section 2.2: inactive, unrevoked and refused, without an accident."""
    tokens = (await provider.redeem(await provider.browser().code(AN))).json()
    grant_id = tokens["access_token"].partition(".")[0]
    claims = {
        "iss": ISSUER,
        "aud": "http://127.0.0.1:9",
        "sub": "x",
        "client_id": "portal",
        "exp": int(time.time()) + 200,
        "iat": int(time.time()),
        "jti": f"{grant_id}.x",
        "scope": "openid",
    }
    header = {"alg": "ES256", "kid": "x", "typ": "at+jwt"}
    for name, token in forgeries.of(KEY, header, claims, await published(provider)).items():
        async with provider.client() as client:
            asked = await client.post("/introspect", data={"token": token}, headers=basic("portal"))
            ended = await client.post("/revoke", data={"token": token}, headers=basic("portal"))
        assert asked.json() == {"active": False}, name
        assert ended.status_code == 200, name
        assert (await provider.userinfo(token)).status_code == 401, name
    assert (await provider.userinfo(tokens["access_token"])).status_code == 200, "nobody ended the grant"

"""Golden documents and exact headers: what other programs rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.idp_endpoints.people import AN, CALLBACK, REGISTRY
from tests.idp_endpoints.provider import FIELD, ISSUER, Provider, basic
from tests.idp_protocol import world

pytestmark = pytest.mark.engine
GOLDEN = Path(__file__).parent / "golden"
# One golden document of the metadata: what the rules say is what is served.
METADATA = GOLDEN.parents[1] / "idp_protocol" / "golden" / "openid-configuration.json"


def golden(name: str) -> Any:
    """A document as it must be."""
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def shape(document: dict[str, Any], fixed: set[str]) -> dict[str, Any]:
    """A document with what differs each time replaced by its type."""
    return {name: value if name in fixed else type(value).__name__ for name, value in document.items()}


async def verified(provider: Provider, token: str) -> Any:
    """A JWT under the published keys."""
    async with provider.client() as client:
        keys = KeySet.import_key_set((await client.get("/jwks")).json())
    return jwt.decode(token, keys, algorithms=["ES256", "RS256", "PS256", "EdDSA"])


async def test_discovery_is_served_at_both_addresses(provider: Provider) -> None:
    """OIDC Discovery 4, RFC 8414 3: the same bytes, cacheable, readable by scripts.

    Fetch standard, "CORS protocol and HTTP caches": what a cache keeps for everybody says ``*`` to everybody.
    """
    async with provider.client() as client:
        first = await client.get(
            "/.well-known/openid-configuration", headers={"Origin": "https://spa.example"}
        )
        second = await client.get("/.well-known/oauth-authorization-server")
    assert first.content == second.content
    assert first.json() == json.loads(
        METADATA.read_text(encoding="utf-8").replace(world.ISSUER, ISSUER).replace(world.REGISTRY, REGISTRY)
    )
    assert first.headers["content-type"] == "application/json"
    assert first.headers["cache-control"] == "public, max-age=300"
    assert first.headers["access-control-allow-origin"] == "*"
    assert second.headers["access-control-allow-origin"] == "*"
    assert first.headers.get_list("access-control-allow-origin") == ["*"]


async def test_the_key_set_holds_public_keys_with_unique_names(provider: Provider) -> None:
    """RFC 7517 5: no private or symmetric member, every kid once, RSA of at least 2,048 bits."""
    async with provider.client() as client:
        response = await client.get("/jwks")
    keys = response.json()["keys"]
    assert response.headers["content-type"] == "application/jwk-set+json"
    assert len({key["kid"] for key in keys}) == len(keys)
    for key in keys:
        assert key["kty"] != "oct"
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & key.keys()
        assert key["kty"] != "RSA" or len(key["n"]) >= 342


async def test_the_token_answer_and_the_id_token(provider: Provider) -> None:
    """RFC 6749 5.1 and OIDC Core 2: members, header, claims, at_hash; never stored by a cache."""
    code = await provider.browser().code(AN)
    response = await provider.redeem(code)
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["pragma"] == "no-cache"
    assert response.headers["content-type"] == "application/json"
    tokens = response.json()
    assert shape(tokens, {"token_type", "expires_in", "scope"}) == golden("token-answer")
    token = await verified(provider, tokens["id_token"])
    assert token.header["typ"] == "JWT"
    assert token.header["alg"] == "ES256"
    assert shape(token.claims, {"iss", "aud", "nonce", "acr", "amr"}) == golden("id-token")
    assert token.claims["sub"] == (await provider.userinfo(tokens["access_token"])).json()["sub"]


async def test_a_clients_algorithm_is_used(provider: Provider) -> None:
    """OIDC Registration 2: id_token_signed_response_alg RS256, with private_key_jwt at the token endpoint."""
    code = await provider.browser().code(AN, "signer")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": "v" * 43,
        "client_assertion": provider.assertion(),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    response = await provider.token(form)
    assert response.status_code == 200, response.text
    token = await verified(provider, response.json()["id_token"])
    assert token.header["alg"] == "RS256"


async def test_a_token_for_the_registry_is_a_jwt(provider: Provider) -> None:
    """RFC 9068 2: typ at+jwt, for the registry, five minutes; introspection knows it while its grant lives."""
    code = await provider.browser().code(AN, scope="openid pid", resource=REGISTRY)
    tokens = (await provider.redeem(code, resource=REGISTRY)).json()
    token = await verified(provider, tokens["access_token"])
    assert token.header["typ"] == "at+jwt"
    assert shape(
        token.claims, {"iss", "aud", "client_id", "scope", "party_kind", "agency_code", "acr", "pid"}
    ) == golden("jwt-access-token")
    assert token.claims["exp"] - token.claims["iat"] == 300
    assert (await introspected(provider, tokens["access_token"]))["active"] is True
    async with provider.client() as client:
        await client.post("/revoke", data={"token": tokens["refresh_token"]}, headers=basic("portal"))
    assert await introspected(provider, tokens["access_token"]) == {"active": False}
    assert (await provider.userinfo(tokens["access_token"])).status_code == 401


async def introspected(provider: Provider, token: str, client_id: str = "portal") -> dict[str, Any]:
    """What introspection says to a client."""
    async with provider.client() as client:
        response = await client.post("/introspect", data={"token": token}, headers=basic(client_id))
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


async def test_form_post_posts_itself_and_works_without_scripts(provider: Provider) -> None:
    """Form Post Response Mode 2: a form to the redirect URI, state escaped, script allowed by nonce only."""
    browser = provider.browser()
    await browser.code(AN)
    state = '"><script>alert(1)</script>é'
    page = await browser.authorize(response_mode="form_post", state=state)
    assert page.status_code == 200
    fields = dict(FIELD.findall(page.text))
    assert set(fields) == {"code", "state", "iss", "session_state"}
    assert "<script>alert" not in page.text
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' https://portal.example" in policy
    assert "'unsafe-inline'" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert (await provider.redeem(fields["code"])).status_code == 200


@pytest.mark.parametrize("name", ["portal", "poster", "app"])
async def test_each_registered_method_redeems(provider: Provider, name: str) -> None:
    """RFC 6749 2.3.1 and 2.1: Basic, post, none."""
    code = await provider.browser().code(AN, name)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": "v" * 43,
    }
    headers = {}
    if name == "portal":
        headers = basic(name)
    elif name == "poster":
        form |= {"client_id": name, "client_secret": "a-secret-of-a-portal"}
    else:
        form |= {"client_id": name}
    assert (await provider.token(form, headers=headers)).status_code == 200


async def test_a_machine_gets_its_own_token(provider: Provider) -> None:
    """RFC 6749 4.4: opaque by default, JWT for the registry."""
    form = {"grant_type": "client_credentials", "scope": "registry:verify"}
    opaque = (await provider.token(form, headers=basic("machine"))).json()
    assert set(opaque) == {"access_token", "token_type", "expires_in", "scope"}
    assert (await introspected(provider, opaque["access_token"], "machine"))["sub"] == "machine"
    jwt_form = form | {"resource": REGISTRY}
    token = await verified(
        provider, (await provider.token(jwt_form, headers=basic("machine"))).json()["access_token"]
    )
    assert token.claims["sub"] == token.claims["client_id"] == "machine"


async def test_errors_on_the_wire(provider: Provider) -> None:
    """RFC 6749 5.2: code and description; RFC 9110 15.5.2: every 401 has a challenge; never cached."""
    refused = await provider.token(
        {"grant_type": "refresh_token", "refresh_token": "x"}, headers=basic("portal", "no")
    )
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert refused.json() == golden("invalid-client")
    posted = await provider.token(
        {"grant_type": "refresh_token", "client_id": "poster", "client_secret": "no"}
    )
    assert posted.status_code == 401
    assert posted.headers["www-authenticate"].startswith("Basic ")
    bad = await provider.redeem("nonsense")
    assert bad.status_code == 400
    assert bad.json() == golden("invalid-grant")
    assert bad.headers["cache-control"] == "no-store"


async def test_methods_types_and_sizes(provider: Provider) -> None:
    """RFC 9110 15.5.6, RFC 6749 3.2: other methods, other media types, other encodings and huge bodies."""
    async with provider.client() as client:
        assert (await client.get("/token")).status_code == 405
        assert (await client.get("/token")).headers["allow"] == "POST"
        assert (await client.put("/userinfo")).status_code == 405
        assert (await client.head("/authorize")).status_code == 405, "a visit may issue a code"
        assert (await client.head("/logout")).status_code == 405, "a sign-out is no look"
        wrong = await client.post(
            "/token", json={"grant_type": "authorization_code"}, headers=basic("portal")
        )
        assert wrong.json()["error"] == "invalid_request"
        huge = await client.post("/token", data={"grant_type": "x" * 70_000})
        assert huge.status_code == 413
        latin = {"content-type": "application/x-www-form-urlencoded; charset=latin-1"}
        assert (await client.post("/token", content=b"a=b", headers=latin)).json()[
            "error"
        ] == "invalid_request"
        preflight = {"origin": "https://spa.example", "access-control-request-method": "POST"}
        allowed = await client.options("/token", headers=preflight)
        assert allowed.status_code == 204
        assert allowed.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in allowed.headers
        assert (await client.options("/introspect", headers=preflight)).status_code == 405


async def test_a_person_meets_pages_a_machine_meets_json(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9110 15.6.1 and 15.6.4: failures at the browser's addresses are pages; no text from inside leaves."""
    services = provider.app.state.services

    async def broken(*_: Any) -> Any:
        raise RuntimeError("a text from inside")

    monkeypatch.setattr(services.loop.loading, "load", broken)
    page = await provider.browser().authorize()
    assert page.status_code == 500
    assert page.headers["content-type"].startswith("text/html")
    answer = await provider.redeem("x")
    assert answer.status_code == 500
    assert answer.json()["error"] == "server_error"
    assert "inside" not in page.text + answer.text
    async with provider.client() as client:
        large = {"x": "y" * 70_000}
        huge = await client.post("/authorize", data=large, headers={"Accept": "text/html"})
    assert huge.status_code == 413
    assert huge.headers["content-type"].startswith("text/html")


async def test_userinfo_by_post_and_challenge(provider: Provider) -> None:
    """OIDC Core 5.3.1 and RFC 6750 3."""
    tokens = (await provider.redeem(await provider.browser().code(AN))).json()
    async with provider.client() as client:
        posted = await client.post("/userinfo", data={"access_token": tokens["access_token"]})
        assert posted.status_code == 200
        assert posted.headers["cache-control"] == "no-store"
        bare = await client.get("/userinfo")
        assert bare.status_code == 401
        assert bare.headers["www-authenticate"].startswith('Bearer realm="dinhdanh", resource_metadata="')
        assert '", DPoP algs="ES256 ' in bare.headers["www-authenticate"]
        query = await client.get("/userinfo", params={"access_token": tokens["access_token"]})
        assert query.status_code == 400

"""Request objects over HTTP: by value, encrypted, by reference, inside a push (RFC 9101, RFC 9126 section 3)."""

from __future__ import annotations

import functools
import time
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey

from idp.egress.request_objects import hash_of
from keys import Recipient
from tests.idp_egress.servers import answering, serving
from tests.idp_endpoints.people import BINH, CALLBACK, portal
from tests.idp_endpoints.provider import ISSUER, Browser, Provider, answer_of, basic
from tests.idp_endpoints.test_pushed_requests import visit, wishes
from tests.tampering import altered

pytestmark = pytest.mark.engine
KIND = "application/oauth-authz-req+jwt"


@functools.cache
def key() -> ECKey:
    """The key that the clients of these tests sign with."""
    return ECKey.generate_key("P-256", {"kid": "object-1", "use": "sig"})


async def client_of(provider: Provider, client_id: str, **changes: Any) -> None:
    """Register a client that signs."""
    jwks = {"keys": [key().as_dict(private=False)]}
    await provider.app.state.storage.clients.save(portal(client_id, jwks=jwks, **changes))


def signed(client_id: str, **changes: Any) -> str:
    """A request object of now."""
    now = int(time.time())
    claims = wishes(client_id) | {"iss": client_id, "aud": ISSUER, "nbf": now, "iat": now, "exp": now + 300}
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode({"alg": "ES256", "kid": "object-1", "typ": "oauth-authz-req+jwt"}, claims, key())


async def bring(provider: Provider, browser: Browser, client_id: str, **values: str) -> httpx2.Response:
    """A signed-in browser comes with an object."""
    await browser.code(BINH)
    return await browser.http.post("/authorize", data={"client_id": client_id} | values)


async def encrypted(provider: Provider, text: str, alg: str, enc: str = "A256GCM") -> str:
    """The object encrypted to the provider's published key."""
    async with provider.client() as client:
        document = (await client.get("/jwks")).json()
    return Recipient.of(document, alg).encrypt(text, enc, cty="JWT")


async def test_by_value_and_encrypted(provider: Provider) -> None:
    """RFC 9101 sections 5.1 and 6.1: open, and nested in a JWE to each published way of the provider."""
    await client_of(provider, "objects")
    browser = provider.browser()
    answer = answer_of(await bring(provider, browser, "objects", request=signed("objects")))
    assert answer["state"] == "pushed-state"
    assert (await provider.redeem(answer["code"], "objects")).status_code == 200
    for alg in ("RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"):
        text = await encrypted(provider, signed("objects"), alg)
        assert "code" in answer_of(await bring(provider, browser, "objects", request=text))


async def test_an_encrypted_object_is_judged_by_metadata(provider: Provider) -> None:
    """OIDC Registration 2: another way than the registered one, or a foreign key, is invalid_request_object."""
    await client_of(provider, "encrypts", request_object_encryption_alg="ECDH-ES")
    browser = provider.browser()
    good = await encrypted(provider, signed("encrypts"), "ECDH-ES", "A128CBC-HS256")
    assert "code" in answer_of(await bring(provider, browser, "encrypts", request=good))
    other_way = await encrypted(provider, signed("encrypts"), "RSA-OAEP-256", "A128CBC-HS256")
    unsigned = await encrypted(provider, "no token", "ECDH-ES", "A128CBC-HS256")
    broken = altered(good)
    for text in (other_way, unsigned, broken):
        answer = await bring(provider, browser, "encrypts", request=text, redirect_uri=CALLBACK)
        assert answer_of(answer)["error"] == "invalid_request_object"


@pytest.mark.attack
async def test_inside_a_push(provider: Provider) -> None:
    """RFC 9126 section 3: the object is all of the request; 16 kB fit into the form, not more (attack 24)."""
    await client_of(provider, "pushes-objects", require_signed_request_object=True)
    browser = provider.browser()
    await browser.code(BINH)
    large = signed("pushes-objects", filler="x" * 11_500)
    assert 15_000 < len(large) < 16_384
    async with provider.client() as client:
        for text in (large, await encrypted(provider, signed("pushes-objects"), "ECDH-ES")):
            response = await client.post("/par", data={"request": text}, headers=basic("pushes-objects"))
            assert response.status_code == 201, response.text
            answer = await visit(browser, response.json()["request_uri"], "pushes-objects")
            assert "code" in answer_of(answer)
        for filler in (13_000, 40_000):
            beyond = {"request": signed("pushes-objects", filler="x" * filler)}
            refused = await client.post("/par", data=beyond, headers=basic("pushes-objects"))
            assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request_object")
        plain = await client.post("/par", data=wishes("pushes-objects"), headers=basic("pushes-objects"))
        assert (plain.status_code, plain.json()["error"]) == (400, "invalid_request")
        nested = {"request": signed("pushes-objects", request_uri="https://x.example")}
        refused = await client.post("/par", data=nested, headers=basic("pushes-objects"))
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request_object")


async def test_a_strict_client_hears_of_errors_by_a_page(provider: Provider) -> None:
    """RFC 9101 section 6.3: nothing outside counts, so nothing outside may say where the error goes."""
    await client_of(provider, "strict-objects", require_signed_request_object=True)
    browser = provider.browser()
    broken = signed("strict-objects", aud="https://elsewhere.example")
    answer = await bring(provider, browser, "strict-objects", request=broken, redirect_uri=CALLBACK)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "invalid_request_object" in answer.text


@pytest.mark.attack
async def test_a_signed_request_is_not_completed_twice(provider: Provider) -> None:
    """Attack 16: a request object with a jti that was seen in a history or a log gets no second code."""
    await client_of(provider, "once-objects", require_signed_request_object=True)
    browser, text = provider.browser(), signed("once-objects", jti="only-once")
    assert "code" in answer_of(await bring(provider, browser, "once-objects", request=text))
    again = await bring(provider, browser, "once-objects", request=text)
    assert answer_of(again)["error"] == "invalid_request_object"


async def test_by_registered_reference(provider: Provider) -> None:
    """RFC 9101 section 5.2, Core 6.2: fetched from the registered address, checked against the hash it names."""
    text = signed("references")
    named = hash_of(text.encode())
    async with serving(answering(text.encode(), kind=KIND), None) as server:
        here = f"http://127.0.0.1:{server.port}"
        uris = (f"{here}/object.jwt", f"{here}/object.jwt#{named}", f"{here}/object.jwt#{'x' * 43}")
        await client_of(provider, "references", request_uris=uris)
        browser = provider.browser()
        for uri in uris[:2]:
            response = await bring(provider, browser, "references", request_uri=uri)
            assert "code" in answer_of(response)
        assert len(server.seen) == 2
        assert b"#" not in server.seen[1]
        for uri in (uris[2], f"{here}/other.jwt"):
            response = await bring(provider, browser, "references", request_uri=uri, redirect_uri=CALLBACK)
            assert answer_of(response)["error"] == "invalid_request_uri"
        assert len(server.seen) == 3


@pytest.mark.attack
async def test_nothing_is_fetched_for_strangers(provider: Provider) -> None:
    """Attack 33, CVE-2020-10770: an unregistered address, another client's, and an unknown client's fetch nothing."""
    async with serving(answering(b"a.b.c", kind=KIND), None) as server:
        here = f"http://127.0.0.1:{server.port}/object.jwt"
        await client_of(provider, "fetches", request_uris=(here,))
        browser = provider.browser()
        for client_id in ("portal", "nobody", "disabled"):
            response = await bring(provider, browser, client_id, request_uri=here)
            assert response.status_code == 400
            assert "location" not in response.headers
        assert server.seen == []


@pytest.mark.attack
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.binary(max_size=300).map(lambda data: data.decode("latin-1")),
        st.text(alphabet="abcAZ09-_.=", max_size=300),
        st.lists(st.sampled_from(["e30", "", "eyJhbGciOiJFUzI1NiJ9", "AAAA"]), max_size=6).map(".".join),
    )
)
async def test_any_bytes_in_request_get_an_answer(provider: Provider, text: str) -> None:
    """Attack 24: whatever stands in ``request``, at both doors: 303 or 400, well formed, never an exception."""
    if not text:
        return
    await client_of(provider, "objects")
    async with provider.client() as client:
        response = await client.post("/par", data={"request": text}, headers=basic("objects"))
        assert response.status_code == 400
        assert response.json()["error"] in {"invalid_request", "invalid_request_object"}
        query = {"client_id": "objects", "scope": "openid", "request": text, "redirect_uri": CALLBACK}
        response = await client.get("/authorize", params=query)
        errors = {"invalid_request_object", "request_not_supported", "invalid_request"}
        assert answer_of(response)["error"] in errors

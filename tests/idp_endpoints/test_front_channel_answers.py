"""Signed answers and tokens in the front channel, over HTTP, judged by another library than their maker."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from idp.protocol.oidc_core.flows import HYBRID_TYPES, IMPLICIT_TYPES
from idp.protocol.oidc_id_token import half_hash
from idp.storage.redis import keys
from tests.idp_endpoints.people import AN, CALLBACK, REGISTRY, portal
from tests.idp_endpoints.provider import FIELD, ISSUER, Browser, Provider

pytestmark = pytest.mark.engine

OLD = portal(
    "old-portal",
    response_types=frozenset({"code", *HYBRID_TYPES, *IMPLICIT_TYPES}),
    grant_types=frozenset({"authorization_code", "refresh_token", "implicit"}),
)
SIGNED = portal("signed-portal", authorization_signed_response_alg="PS256")


@pytest.fixture
async def browser(provider: Provider) -> Browser:
    """A browser in which somebody is signed in, and the clients of this file."""
    for client in (OLD, SIGNED):
        await provider.app.state.storage.clients.save(client)
    made = provider.browser()
    await made.code(AN)
    return made


async def published(provider: Provider) -> KeySet:
    """The published keys."""
    async with provider.client() as client:
        return KeySet.import_key_set((await client.get("/jwks")).json())


def fragment(response: httpx2.Response) -> dict[str, str]:
    """The parameters in the fragment."""
    assert response.status_code == 303, response.text
    parts = urlsplit(response.headers["location"])
    assert parts.query == ""
    return dict(parse_qsl(parts.fragment, strict_parsing=True))


async def read(provider: Provider, token: str, algorithm: str) -> dict[str, Any]:
    """The claims of a token of ours."""
    return jwt.decode(token, await published(provider), algorithms=[algorithm]).claims


async def test_the_hashes_are_of_what_came_beside_them(provider: Provider, browser: Browser) -> None:
    """OIDC Core 3.3.2.11: c_hash and at_hash; the signature is that of a published key; the code works too."""
    answer = fragment(await browser.authorize(OLD.client_id, response_type="code id_token token"))
    claims = await read(provider, answer["id_token"], "ES256")
    assert claims["c_hash"] == half_hash(answer["code"], "ES256")
    assert claims["at_hash"] == half_hash(answer["access_token"], "ES256")
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, OLD.client_id, "nonce-1")
    assert (answer["token_type"], answer["state"], answer["iss"]) == ("Bearer", "state-1", ISSUER)
    assert int(answer["expires_in"]) <= 900
    tokens = (await provider.redeem(answer["code"], OLD.client_id)).json()
    later = await read(provider, tokens["id_token"], "ES256")
    # 3.3.3.6: "the iss and sub Claim Values MUST be identical in the ID Tokens returned from both endpoints".
    assert (later["iss"], later["sub"], later["nonce"]) == (claims["iss"], claims["sub"], claims["nonce"])
    for token in (answer["access_token"], tokens["access_token"]):
        assert (await provider.userinfo(token)).json()["sub"] == claims["sub"]


@pytest.mark.attack
async def test_a_replayed_code_takes_the_front_channel_token_along(
    provider: Provider, browser: Browser
) -> None:
    """RFC 6749 4.1.2: everything that came of the grant dies, the token beside the code included."""
    answer = fragment(await browser.authorize(OLD.client_id, response_type="code token"))
    assert (await provider.redeem(answer["code"], OLD.client_id)).status_code == 200
    assert (await provider.userinfo(answer["access_token"])).status_code == 200
    assert (await provider.redeem(answer["code"], OLD.client_id)).json()["error"] == "invalid_grant"
    assert (await provider.userinfo(answer["access_token"])).status_code == 401


async def test_the_token_beside_a_code_outlives_the_code(provider: Provider, browser: Browser) -> None:
    """OIDC Core 3.3.2.5: the access token's own life counts, whether the code is redeemed or not."""
    answer = fragment(await browser.authorize(OLD.client_id, response_type="code token"))
    redis = provider.app.state.storage.redis
    left, *_ = await redis.execute(("PTTL", keys.grant(answer["code"].partition(".")[0])))
    assert left > 800_000


async def test_the_implicit_flow_of_a_signed_in_person(provider: Provider, browser: Browser) -> None:
    """OIDC Core 3.2 and 5.4: an ID token alone carries the claims; with an access token UserInfo has them."""
    alone = fragment(await browser.authorize(OLD.client_id, response_type="id_token"))
    assert set(alone) == {"id_token", "state", "iss", "session_state"}
    assert (await read(provider, alone["id_token"], "ES256"))["name"] == "Nguyễn Văn An"
    both = fragment(await browser.authorize(OLD.client_id, response_type="id_token token", resource=REGISTRY))
    claims = await read(provider, both["id_token"], "ES256")
    assert "name" not in claims
    assert claims["at_hash"] == half_hash(both["access_token"], "ES256")
    access = jwt.decode(both["access_token"], await published(provider), algorithms=["ES256"])
    assert access.header["typ"] == "at+jwt"
    assert access.claims["aud"] == REGISTRY


async def test_a_sign_in_in_between(provider: Provider, browser: Browser) -> None:
    """OIDC Core 3.3.2.3: the answer after the pages is that of the request, in its mode."""
    fresh = provider.browser()
    at = await fresh.authorize(OLD.client_id, response_type="code id_token", response_mode="form_post")
    page = await fresh.sign_in(AN, at)
    fields = dict(FIELD.findall(page.text))
    assert {"code", "id_token", "state", "iss", "session_state"} == set(fields)
    assert f'action="{CALLBACK}"' in page.text


@pytest.mark.usefixtures("browser")
async def test_the_resource_is_kept_on_the_way_through_the_pages(provider: Provider) -> None:
    """RFC 8707 2.1: the access token of an implicit answer is for the resource, with a sign-in in between too."""
    fresh = provider.browser()
    at = await fresh.authorize(OLD.client_id, response_type="id_token token", resource=REGISTRY)
    answer = fragment(await fresh.sign_in(AN, at))
    access = jwt.decode(answer["access_token"], await published(provider), algorithms=["ES256"])
    assert access.claims["aud"] == REGISTRY


async def test_a_signed_answer(provider: Provider, browser: Browser) -> None:
    """JARM 2.1 and 2.3: one parameter, signed as registered; state, code, iss, aud and exp are inside."""
    response = await browser.authorize(SIGNED.client_id, response_mode="jwt")
    answer = dict(parse_qsl(urlsplit(response.headers["location"]).query, strict_parsing=True))
    assert set(answer) == {"response"}
    token = jwt.decode(answer["response"], await published(provider), algorithms=["PS256"])
    assert token.header["kid"]
    assert set(token.claims) == {"iss", "aud", "exp", "code", "state", "session_state"}
    assert (token.claims["iss"], token.claims["aud"]) == (ISSUER, SIGNED.client_id)
    assert time.time() < token.claims["exp"] <= time.time() + 600
    assert (await provider.redeem(token.claims["code"], SIGNED.client_id)).status_code == 200


@pytest.mark.usefixtures("browser")
async def test_a_signed_error(provider: Provider) -> None:
    """JARM 2.1: error, description, state; in the fragment where asked."""
    await provider.app.state.storage.clients.save(SIGNED)
    response = await provider.browser().authorize(
        SIGNED.client_id, response_mode="fragment.jwt", prompt="none"
    )
    claims = await read(provider, fragment(response)["response"], "PS256")
    assert claims["error"] == "login_required"
    assert claims["state"] == "state-1"
    assert "code" not in claims


async def test_a_signed_answer_in_a_form(provider: Provider, browser: Browser) -> None:
    """JARM 2.3.3: the form posts the one parameter, to the registered address only."""
    page = await browser.authorize(SIGNED.client_id, response_mode="form_post.jwt", state='"><script>')
    fields = dict(FIELD.findall(page.text))
    assert set(fields) == {"response"}
    assert (await read(provider, fields["response"], "PS256"))["state"] == '"><script>'
    assert "script>" not in fields["response"]
    assert (
        f"form-action 'self' {urlsplit(CALLBACK).scheme}://{urlsplit(CALLBACK).netloc};"
        in (page.headers["content-security-policy"])
    )


@pytest.mark.attack
async def test_a_signed_answer_is_no_id_token(provider: Provider, browser: Browser) -> None:
    """RFC 8725 3.11 and 3.12: another key signs it, so it never passes as a hint (attack 21)."""
    response = await browser.authorize(SIGNED.client_id, response_mode="jwt")
    answer = dict(parse_qsl(urlsplit(response.headers["location"]).query))
    refused = await browser.authorize(SIGNED.client_id, id_token_hint=answer["response"])
    assert "error=invalid_request" in refused.headers["location"]

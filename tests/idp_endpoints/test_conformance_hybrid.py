"""The modules of the OpenID Foundation's Hybrid OP plan, once for each of its three response types.

Each docstring names its modules. The form_post variant of the same plan is ``test_conformance_formpost.py``.
"""

from __future__ import annotations

import time

import pytest

from idp.protocol.oidc_core.flows import HYBRID_TYPES
from idp.protocol.oidc_id_token import half_hash
from tests.idp_endpoints.certified import FRONT, MAI, NO_PKCE, PHONE, Suite, enrolled
from tests.idp_endpoints.people import CALLBACK
from tests.idp_endpoints.provider import ISSUER, Provider, basic

pytestmark = [pytest.mark.engine, pytest.mark.parametrize("kind", HYBRID_TYPES)]


@pytest.fixture
async def suite(provider: Provider) -> Suite:
    """The suite in front of the provider."""
    return await enrolled(provider)


async def test_a_whole_flow(suite: Suite, kind: str) -> None:
    """oidcc-server, oidcc-idtoken-signature, -userinfo-get: what comes, its hashes, both ID tokens (Core 3.3)."""
    said = await suite.front(suite.browser(), response_type=kind)
    expected = {"code", "state", "iss", "session_state"}
    expected |= {"id_token"} if "id_token" in kind else set()
    expected |= {"access_token", "token_type", "expires_in"} if kind.endswith(" token") else set()
    assert set(said) == expected
    assert (said["state"], said["iss"]) == ("state-1", ISSUER)
    tokens = await suite.redeemed(said["code"], FRONT)
    claims = await suite.id_token(tokens["id_token"])
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, FRONT, "nonce-1")
    assert claims["exp"] > time.time() >= claims["iat"] - 1
    # Core 3.3.3.6 and 3.1.3.8: at_hash is OPTIONAL here; when it is there it is right.
    assert claims["at_hash"] == half_hash(tokens["access_token"], "RS256")
    if "id_token" in said:
        front = await suite.id_token(said["id_token"])
        assert front["c_hash"] == half_hash(said["code"], "RS256")
        assert ("at_hash" in front) is ("access_token" in said)
        # Core 3.3.3.6: the "iss and sub Claim Values MUST be identical in the ID Tokens returned from both".
        assert [front[name] for name in ("iss", "sub", "aud", "nonce")] == [
            claims[name] for name in ("iss", "sub", "aud", "nonce")
        ]
    for token in [tokens, *([said] if "access_token" in said else [])]:
        assert token["token_type"] == "Bearer"
        assert (await suite.claims(token))["sub"] == claims["sub"]


async def test_a_missing_nonce(suite: Suite, kind: str) -> None:
    """oidcc-ensure-request-without-nonce-fails; -succeeds-for-code-flow with "code token" (Core 3.3.2.11)."""
    said = await suite.front(suite.browser(), response_type=kind, nonce=None)
    if "id_token" in kind:
        assert (said["error"], said["state"], said["iss"]) == ("invalid_request", "state-1", ISSUER)
        assert not said.keys() & {"code", "id_token", "access_token"}
    else:
        claims = await suite.id_token((await suite.redeemed(said["code"], FRONT))["id_token"])
        assert "nonce" not in claims


async def test_silence_and_hints(suite: Suite, kind: str) -> None:
    """oidcc-prompt-none-not-logged-in, -logged-in, oidcc-id-token-hint: the error's place; same sub and auth_time."""
    browser = suite.browser()
    refused = await suite.front(browser, response_type=kind, prompt="none")
    assert refused["error"] == "login_required"
    assert set(refused) <= {"error", "error_description", "state", "iss"}
    first = await suite.redeemed((await suite.front(browser, response_type=kind))["code"], FRONT)
    before = await suite.id_token(first["id_token"])
    for hint in ({}, {"id_token_hint": first["id_token"]}):
        said = await suite.front(browser, response_type=kind, prompt="none", **hint)
        after = await suite.id_token((await suite.redeemed(said["code"], FRONT))["id_token"])
        assert (after["sub"], after["auth_time"]) == (before["sub"], before["auth_time"])


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "0"}])
async def test_signing_in_again(suite: Suite, kind: str, changes: dict[str, str]) -> None:
    """oidcc-prompt-login, oidcc-max-age-1: really asked; auth_time is in every ID token (Core 2)."""
    began, browser = int(time.time()), suite.browser()
    await suite.front(browser, response_type=kind)
    again = await browser.authorize(FRONT, **NO_PKCE, response_type=kind, **changes)
    assert again.headers["location"].startswith("/sign-in")
    said = await suite.front(browser, response_type=kind, **changes)
    assert (await suite.id_token((await suite.redeemed(said["code"], FRONT))["id_token"]))["auth_time"]
    if "id_token" in said:
        assert (await suite.id_token(said["id_token"]))["auth_time"] >= began


async def test_an_old_enough_wish_asks_nothing(suite: Suite, kind: str) -> None:
    """oidcc-max-age-10000: the session is good enough, auth_time stays and is there (Core 3.1.2.1)."""
    browser = suite.browser()
    times = set()
    for max_age in ("15000", "10000"):
        said = await suite.front(browser, response_type=kind, max_age=max_age)
        times.add(
            (await suite.id_token((await suite.redeemed(said["code"], FRONT))["id_token"]))["auth_time"]
        )
    assert len(times) == 1


async def test_scopes_bring_their_claims(suite: Suite, kind: str) -> None:
    """oidcc-scope-all, -profile, -email, -address, -phone: at UserInfo, for each access token (Core 5.4)."""
    said = await suite.front(suite.browser(), response_type=kind, scope="openid profile email address phone")
    for tokens in [await suite.redeemed(said["code"], FRONT), *([said] if "access_token" in said else [])]:
        claims = await suite.claims(tokens)
        assert claims.items() >= {**MAI.profile, "email": MAI.email, "phone_number": PHONE}.items()


async def test_a_code_once(suite: Suite, kind: str) -> None:
    """oidcc-codereuse, -codereuse-30seconds: invalid_grant, and every token of the flow is dead (RFC 6749 4.1.2)."""
    said = await suite.front(suite.browser(), response_type=kind)
    first = await suite.redeemed(said["code"], FRONT)
    assert (await suite.redeemed(said["code"], FRONT))["error"] == "invalid_grant"
    for tokens in [first, *([said] if "access_token" in said else [])]:
        assert (await suite.provider.userinfo(tokens["access_token"])).status_code == 401


async def test_an_unregistered_address_gets_nothing(suite: Suite, kind: str) -> None:
    """oidcc-ensure-registered-redirect-uri: a page of ours, no redirect (Core 3.1.2.1)."""
    answer = await suite.browser().authorize(
        FRONT, **NO_PKCE, response_type=kind, redirect_uri=CALLBACK + "/other"
    )
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_refresh(suite: Suite, kind: str) -> None:
    """oidcc-refresh-token: same iss, sub, aud and auth_time, no nonce, bound to its client (Core 12.2)."""
    said = await suite.front(suite.browser(), response_type=kind)
    first = await suite.redeemed(said["code"], FRONT)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = (await suite.provider.token(form, headers=basic(FRONT))).json()
    old, new = await suite.id_token(first["id_token"]), await suite.id_token(second["id_token"])
    assert [old[name] for name in ("iss", "sub", "aud", "auth_time")] == [
        new[name] for name in ("iss", "sub", "aud", "auth_time")
    ]
    assert not new.keys() & {"nonce", "c_hash"}


async def test_the_order_of_the_words_does_not_matter(suite: Suite, kind: str) -> None:
    """oidcc-server with the words turned round (OAuth 2.0 Multiple Response Types 3)."""
    turned = " ".join(reversed(kind.split()))
    said = await suite.front(suite.browser(), response_type=turned)
    assert "code" in said
    assert ("id_token" in said) is ("id_token" in kind)


async def test_a_query_mode_is_refused(suite: Suite, kind: str) -> None:
    """OAuth 2.0 Multiple Response Types 5: tokens are never returned in a query."""
    answer = await suite.browser().authorize(FRONT, **NO_PKCE, response_type=kind, response_mode="query")
    assert "token=" not in answer.headers.get("location", "")
    assert "invalid_request" in answer.headers["location"]

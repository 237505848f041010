"""The modules of the OpenID Foundation's Implicit OP plan, once for each of its two response types.

Each docstring names its modules. The form_post variant of the same plan is ``test_conformance_formpost.py``.
"""

from __future__ import annotations

import time

import pytest

from idp.protocol.oidc_core.flows import IMPLICIT_TYPES
from idp.protocol.oidc_id_token import half_hash
from tests.idp_endpoints.certified import FRONT, MAI, NO_PKCE, PHONE, Suite, enrolled
from tests.idp_endpoints.people import CALLBACK
from tests.idp_endpoints.provider import ISSUER, Provider

pytestmark = [pytest.mark.engine, pytest.mark.parametrize("kind", IMPLICIT_TYPES)]


@pytest.fixture
async def suite(provider: Provider) -> Suite:
    """The suite in front of the provider."""
    return await enrolled(provider)


async def test_a_whole_flow(suite: Suite, kind: str) -> None:
    """oidcc-server, oidcc-idtoken-signature: no code, no refresh token; at_hash with a token (Core 3.2.2.5, .10)."""
    said = await suite.front(suite.browser(), response_type=kind, scope="openid offline_access")
    expected = {"id_token", "state", "iss", "session_state"}
    expected |= {"access_token", "token_type", "expires_in"} if " token" in kind else set()
    assert set(said) == expected
    claims = await suite.id_token(said["id_token"])
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, FRONT, "nonce-1")
    assert claims["exp"] > time.time() >= claims["iat"] - 1
    assert "c_hash" not in claims
    assert ("at_hash" in claims) is ("access_token" in said)
    if "access_token" in said:
        assert claims["at_hash"] == half_hash(said["access_token"], "RS256")
        assert (await suite.claims(said))["sub"] == claims["sub"]


async def test_a_missing_nonce(suite: Suite, kind: str) -> None:
    """oidcc-ensure-request-without-nonce-fails: invalid_request in the fragment (Core 3.2.2.1: REQUIRED)."""
    said = await suite.front(suite.browser(), response_type=kind, nonce=None)
    assert (said["error"], said["state"], said["iss"]) == ("invalid_request", "state-1", ISSUER)
    assert not said.keys() & {"id_token", "access_token"}


async def test_silence_and_hints(suite: Suite, kind: str) -> None:
    """oidcc-prompt-none-not-logged-in, -logged-in, oidcc-id-token-hint: same sub and auth_time."""
    browser = suite.browser()
    assert (await suite.front(browser, response_type=kind, prompt="none"))["error"] == "login_required"
    first = (await suite.front(browser, response_type=kind))["id_token"]
    before = await suite.id_token(first)
    for hint in ({}, {"id_token_hint": first}):
        said = await suite.front(browser, response_type=kind, prompt="none", **hint)
        after = await suite.id_token(said["id_token"])
        assert (after["sub"], after["auth_time"]) == (before["sub"], before["auth_time"])


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "0"}])
async def test_signing_in_again(suite: Suite, kind: str, changes: dict[str, str]) -> None:
    """oidcc-prompt-login, oidcc-max-age-1: really asked for, and auth_time is there (Core 2)."""
    began, browser = int(time.time()), suite.browser()
    await suite.front(browser, response_type=kind)
    again = await browser.authorize(FRONT, **NO_PKCE, response_type=kind, **changes)
    assert again.headers["location"].startswith("/sign-in")
    said = await suite.front(browser, response_type=kind, **changes)
    assert (await suite.id_token(said["id_token"]))["auth_time"] >= began


async def test_an_old_enough_wish_asks_nothing(suite: Suite, kind: str) -> None:
    """oidcc-max-age-10000: the session is good enough, auth_time stays (Core 3.1.2.1)."""
    browser = suite.browser()
    answers = [
        await suite.front(browser, response_type=kind, max_age=max_age) for max_age in ("15000", "10000")
    ]
    assert len({(await suite.id_token(said["id_token"]))["auth_time"] for said in answers}) == 1


@pytest.mark.parametrize("scope", ["profile", "email", "address", "phone", "profile email address phone"])
async def test_scopes_bring_their_claims(suite: Suite, kind: str, scope: str) -> None:
    """oidcc-scope-*: at UserInfo; in the ID token where no access token comes (Core 5.4)."""
    said = await suite.front(suite.browser(), response_type=kind, scope=f"openid {scope}")
    wanted = {
        "profile": {name: value for name, value in MAI.profile.items() if name != "address"},
        "email": {"email": MAI.email, "email_verified": True},
        "address": {"address": MAI.profile["address"]},
        "phone": {"phone_number": PHONE, "phone_number_verified": True},
    }
    asked = {name: value for word in scope.split() for name, value in wanted[word].items()}
    inside = await suite.id_token(said["id_token"])
    if "access_token" in said:
        assert (await suite.claims(said)).items() >= asked.items()
        assert not inside.keys() & asked.keys()
    else:
        assert inside.items() >= asked.items()


async def test_an_essential_claim(suite: Suite, kind: str) -> None:
    """oidcc-claims-essential: name, asked for by name only, where this response type has room for it (Core 5.5)."""
    place = "userinfo" if " token" in kind else "id_token"
    claims = f'{{"{place}":{{"name":{{"essential":true}}}}}}'
    said = await suite.front(suite.browser(), response_type=kind, scope="openid", claims=claims)
    found = await suite.claims(said) if " token" in kind else await suite.id_token(said["id_token"])
    assert found["name"] == MAI.profile["name"]


async def test_an_unregistered_address_gets_nothing(suite: Suite, kind: str) -> None:
    """oidcc-ensure-registered-redirect-uri: a page of ours, no redirect (Core 3.2.2.1)."""
    answer = await suite.browser().authorize(
        FRONT, **NO_PKCE, response_type=kind, redirect_uri=CALLBACK + "/other"
    )
    assert answer.status_code == 400
    assert "location" not in answer.headers

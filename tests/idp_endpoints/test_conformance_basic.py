"""The modules of the OpenID Foundation's Basic, Config and Form Post OP plans, as far as they judge an answer.

Each docstring names its modules; the suite itself needs the network and is not run here.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from keys import KeyPurpose
from tests.idp_endpoints.certified import BASIC, MAI, NO_PKCE, OTHER, PHONE, POST, SCOPES, Suite, enrolled
from tests.idp_endpoints.people import CALLBACK, SECRET
from tests.idp_endpoints.provider import FIELD, ISSUER, VERIFIER, Provider, answer_of, basic, challenge

pytestmark = pytest.mark.engine


@pytest.fixture
async def suite(provider: Provider) -> Suite:
    """The suite in front of the provider."""
    return await enrolled(provider)


async def id_token(suite: Suite, tokens: dict[str, str]) -> Any:
    """A verified ID token, by RS256 alone."""
    async with suite.provider.client() as client:
        keys = KeySet.import_key_set((await client.get("/jwks")).json())
    return jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])


async def test_a_whole_flow(suite: Suite) -> None:
    """oidcc-server, oidcc-idtoken-signature: RS256 with kid; iss, sub, aud, exp, iat, nonce (Core 2, 15.1)."""
    tokens = await suite.tokens(suite.browser(), nonce="n-1")
    token = await id_token(suite, tokens)
    assert token.header["kid"]
    claims = token.claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, BASIC, "n-1")
    assert claims["exp"] > time.time() >= claims["iat"] - 1
    assert claims["sub"] == (await suite.claims(tokens))["sub"]
    assert len(claims["sub"]) <= 255
    assert claims["sub"].isascii()
    assert tokens["token_type"] == "Bearer"


async def test_no_nonce_none_back(suite: Suite) -> None:
    """oidcc-ensure-request-without-nonce-succeeds-for-code-flow (Core 3.1.2.1: nonce is OPTIONAL)."""
    tokens = await suite.tokens(suite.browser(), nonce=None)
    assert "nonce" not in (await id_token(suite, tokens)).claims


async def test_three_ways_to_userinfo(suite: Suite) -> None:
    """oidcc-userinfo-get, -post-header, -post-body (Core 5.3.1, RFC 6750 2.1 and 2.2)."""
    token = (await suite.tokens(suite.browser()))["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    async with suite.provider.client() as client:
        answers = [
            await client.get("/userinfo", headers=header),
            await client.post("/userinfo", headers=header),
            await client.post("/userinfo", data={"access_token": token}),
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.text for answer in answers}) == 1
    assert {answer.headers["content-type"] for answer in answers} == {"application/json"}


CLAIMS: dict[str, dict[str, object]] = {
    "profile": {name: value for name, value in MAI.profile.items() if name != "address"},
    "email": {"email": MAI.email, "email_verified": True},
    "address": {"address": MAI.profile["address"]},
    "phone": {"phone_number": PHONE, "phone_number_verified": True},
}


@pytest.mark.parametrize(
    "scope",
    [
        "openid profile",
        "openid email",
        "openid address",
        "openid phone",
        "phone address email profile openid",
    ],
)
async def test_scopes_bring_their_claims(suite: Suite, scope: str) -> None:
    """oidcc-scope-profile, -email, -address, -phone, -all, -ensure-other-scope-order-succeeds (Core 5.1, 5.4)."""
    claims = await suite.claims(await suite.tokens(suite.browser(), scope=scope))
    asked = {name: value for each in scope.split() for name, value in CLAIMS.get(each, {}).items()}
    own = {"sub", "vn_account_level", "vn_auth_level", "vn_account_type"}
    assert {name: value for name, value in claims.items() if name not in own} == asked
    assert None not in claims.values()


@pytest.mark.parametrize(
    "changes",
    [
        *({"display": value} for value in ("page", "popup")),
        {"extra": "foobar"},
        {"login_hint": MAI.number},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"acr_values": "1 2"},
        {"code_challenge": challenge(), "code_challenge_method": "S256"},
    ],
)
async def test_a_request_with_more_succeeds(suite: Suite, changes: dict[str, str]) -> None:
    """Core 3.1.2.1: what is not understood or not needed does no harm.

    oidcc-display-page, -display-popup, -ensure-request-with-unknown-parameter-succeeds, -login-hint, -ui-locales,
    -claims-locales, -ensure-request-with-acr-values-succeeds, -ensure-request-with-valid-pkce-succeeds.
    """
    code = await suite.code(suite.browser(), **changes)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    if "code_challenge" in changes:
        form["code_verifier"] = VERIFIER
    answer = await suite.provider.token(form, headers=basic(BASIC))
    assert answer.status_code == 200, answer.text
    assert (await id_token(suite, answer.json())).claims["acr"].startswith("urn:example:vn:acr:")


async def test_a_level_among_those_that_were_asked_for(suite: Suite) -> None:
    """oidcc-ensure-request-with-acr-values-succeeds: all of acr_values_supported; any other acr is a warning."""
    async with suite.provider.client() as client:
        document = (await client.get("/.well-known/openid-configuration")).json()
    asked = document["acr_values_supported"]
    for order in (asked, asked[::-1]):
        tokens = await suite.tokens(suite.browser(), acr_values=" ".join(order))
        assert (await id_token(suite, tokens)).claims["acr"] in asked


async def test_silence_and_hints(suite: Suite) -> None:
    """oidcc-prompt-none-not-logged-in, -prompt-none-logged-in, -id-token-hint: same sub and auth_time."""
    browser = suite.browser()
    silent = await browser.authorize(BASIC, **NO_PKCE, prompt="none")
    assert answer_of(silent).items() >= {"error": "login_required", "state": "state-1", "iss": ISSUER}.items()
    first = await suite.tokens(browser)
    before = (await id_token(suite, first)).claims
    for changes in ({}, {"id_token_hint": first["id_token"]}):
        silent = await browser.authorize(BASIC, **NO_PKCE, prompt="none", **changes)
        after = (await id_token(suite, await suite.redeemed(answer_of(silent)["code"]))).claims
        assert (after["sub"], after["auth_time"]) == (before["sub"], before["auth_time"])


async def test_an_old_hint_is_a_hint(suite: Suite) -> None:
    """Core 3.1.2.1: a hint is an ID Token "previously issued", whatever its age; and it names one person."""
    browser = suite.browser()
    claims = (await id_token(suite, await suite.tokens(browser))).claims
    signer = suite.provider.app.state.services.ring.signer(KeyPurpose.ID_TOKEN, "RS256")
    for subject, result in ((claims["sub"], "code"), ("somebody-else", "error")):
        old = signer.sign({**claims, "sub": subject, "iat": 1_500_000_000, "exp": 1_500_000_600})
        silent = await browser.authorize(BASIC, **NO_PKCE, prompt="none", id_token_hint=old)
        assert result in answer_of(silent)


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "0"}])
async def test_signing_in_again(suite: Suite, changes: dict[str, str]) -> None:
    """oidcc-prompt-login, oidcc-max-age-1: a second sign-in is really asked for, and auth_time is there (Core 2)."""
    began, browser = int(time.time()), suite.browser()
    await suite.tokens(browser)
    again = await browser.authorize(BASIC, **NO_PKCE, **changes)
    assert again.headers["location"].startswith("/sign-in")
    code = answer_of(await browser.sign_in(MAI, again))["code"]
    assert (await id_token(suite, await suite.redeemed(code))).claims["auth_time"] >= began


async def test_an_old_enough_wish_asks_nothing(suite: Suite) -> None:
    """oidcc-max-age-10000: the session is good enough, auth_time stays (Core 3.1.2.1)."""
    browser = suite.browser()
    one = (await id_token(suite, await suite.tokens(browser, max_age="15000"))).claims
    answer = answer_of(await browser.authorize(BASIC, **NO_PKCE, max_age="10000"))
    two = (await id_token(suite, await suite.redeemed(answer["code"]))).claims
    assert two["auth_time"] == one["auth_time"]


async def test_a_code_once(suite: Suite) -> None:
    """oidcc-codereuse, -codereuse-30seconds: invalid_grant, and the first token is dead (RFC 6749 4.1.2)."""
    code = await suite.code(suite.browser())
    first = await suite.redeemed(code)
    assert (await suite.redeemed(code))["error"] == "invalid_grant"
    assert (await suite.provider.userinfo(first["access_token"])).status_code == 401


async def test_an_unregistered_address_gets_nothing(suite: Suite) -> None:
    """oidcc-ensure-registered-redirect-uri: a page of ours, no redirect (RFC 6749 4.1.2.1)."""
    answer = await suite.browser().authorize(BASIC, **NO_PKCE, redirect_uri=CALLBACK + "/other")
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://suite.example/r"}, "request_uri_not_supported"),
    ],
)
async def test_what_we_do_not_do_is_said_in_the_right_words(
    suite: Suite, changes: dict[str, Any], error: str
) -> None:
    """oidcc-response-type-missing, -unsigned-request-object-…, -request-uri-unsigned-… (Core 6.1, 6.2)."""
    answer = answer_of(await suite.browser().authorize(BASIC, **(NO_PKCE | changes)))
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "state-1", ISSUER)


async def test_a_posted_request(suite: Suite) -> None:
    """oidcc-ensure-post-request-succeeds (Core 3.1.2.1)."""
    browser = suite.browser()
    form = dict(parse_qsl(urlsplit(browser.url(BASIC, **NO_PKCE)).query))
    answer = await browser.http.post("/authorize", data=form)
    assert "access_token" in await suite.redeemed(answer_of(await browser.sign_in(MAI, answer))["code"])


async def test_a_secret_in_the_form(suite: Suite) -> None:
    """oidcc-server-client-secret-post (RFC 6749 2.3.1)."""
    code = await suite.browser().code(MAI, POST, **NO_PKCE)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answer = await suite.provider.token(form | {"client_id": POST, "client_secret": SECRET})
    assert answer.status_code == 200, answer.text


async def test_an_essential_claim(suite: Suite) -> None:
    """oidcc-claims-essential: name, asked for by name only, is at UserInfo (Core 5.5)."""
    claims = '{"userinfo":{"name":{"essential":true}}}'
    tokens = await suite.tokens(suite.browser(), scope="openid", claims=claims)
    assert (await suite.claims(tokens))["name"] == MAI.profile["name"]


async def test_a_refresh(suite: Suite) -> None:
    """oidcc-refresh-token: same iss, sub, aud, auth_time, a new token, no nonce; bound to its client (Core 12.2)."""
    first = await suite.tokens(suite.browser())
    second = (await suite.provider.refresh(first["refresh_token"], BASIC)).json()
    old, new = (await id_token(suite, first)).claims, (await id_token(suite, second)).claims
    assert [new[name] for name in ("iss", "sub", "aud", "auth_time")] == [
        old[name] for name in ("iss", "sub", "aud", "auth_time")
    ]
    assert "nonce" not in new
    assert new["at_hash"] != old["at_hash"]
    assert second["access_token"] != first["access_token"]
    stolen = await suite.provider.refresh(second["refresh_token"], OTHER)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("prompt", [None, "none"])
async def test_answers_and_errors_by_form(suite: Suite, prompt: str | None) -> None:
    """oidcc-formpost-basic: code or error, state and iss in a form to the redirect URI (Form Post 2)."""
    browser = suite.browser()
    if prompt is None:
        await suite.code(browser)
    page = await browser.authorize(BASIC, **NO_PKCE, prompt=prompt, response_mode="form_post")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    fields = dict(FIELD.findall(page.text))
    assert fields["state"] == "state-1"
    assert set(fields) - {"state", "iss", "session_state"} == (
        {"code"} if prompt is None else {"error", "error_description"}
    )
    assert f'action="{CALLBACK}"' in page.text


async def test_the_document_is_true(suite: Suite) -> None:
    """oidcc-discovery-endpoint-verification: required members, our addresses, RS256 (Discovery 3)."""
    async with suite.provider.client() as client:
        document = (await client.get("/.well-known/openid-configuration")).json()
        for name, value in document.items():
            if name.endswith("_endpoint") or name == "jwks_uri":
                assert value.startswith(ISSUER)
                assert (await client.get(value.removeprefix(ISSUER))).status_code != 404
    assert document["issuer"] == ISSUER
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert "none" not in document["id_token_signing_alg_values_supported"]
    assert document["request_parameter_supported"] is document["request_uri_parameter_supported"] is True
    assert "none" not in document["request_object_signing_alg_values_supported"]
    assert set(document["scopes_supported"]) >= SCOPES
    said = {name for claims in CLAIMS.values() for name in claims} | {"sub", "iss", "acr", "auth_time"}
    assert set(document["claims_supported"]) >= said
    for listed in (value for value in document.values() if isinstance(value, list)):
        assert listed, "RFC 8414 2: no empty lists"
        assert len(set(listed)) == len(listed)

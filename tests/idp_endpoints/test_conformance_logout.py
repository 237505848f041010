"""The modules of the OpenID Foundation's RP-Initiated and Back-Channel Logout OP plans, as far as they judge."""

from __future__ import annotations

import time
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select

from idp.domain.writes import NotifyLogout
from idp.endpoints.notices import logout_signer
from idp.storage.postgres.tables import LOGOUT_DELIVERY
from tests.idp_endpoints.certified import BASIC, NO_PKCE, Suite, enrolled
from tests.idp_endpoints.people import SIGNED_OUT
from tests.idp_endpoints.provider import FIELD, ISSUER, Browser, Provider, answer_of
from tests.tampering import altered

pytestmark = pytest.mark.engine


@pytest.fixture
async def suite(provider: Provider) -> Suite:
    """The suite in front of the provider."""
    return await enrolled(provider)


async def signed_in(browser: Browser) -> bool:
    """Whether prompt=none still brings a code: every module ends with this question."""
    answer = answer_of(await browser.authorize(BASIC, **NO_PKCE, prompt="none"))
    assert ("code" in answer) != (answer.get("error") == "login_required")
    return "code" in answer


async def left(suite: Suite, **changes: Any) -> tuple[Browser, httpx2.Response]:
    """A person signs in and is sent to the end_session_endpoint; None leaves a parameter out."""
    browser = suite.browser()
    tokens = await suite.tokens(browser)
    values = {
        "id_token_hint": tokens["id_token"],
        "post_logout_redirect_uri": SIGNED_OUT,
        "state": "s-1",
    } | changes
    if "modified" in changes:
        values |= {"id_token_hint": altered(tokens["id_token"]), "modified": None}
    params = {name: value for name, value in values.items() if value is not None}
    return browser, await browser.http.get("/logout", params=params)


@pytest.mark.parametrize("state", ["s-1", None])
async def test_a_hint_and_a_registered_address(suite: Suite, state: str | None) -> None:
    """oidcc-rp-initiated-logout, -no-state: back with the state as it came, or without (RP-Initiated Logout 2, 3)."""
    browser, answer = await left(suite, state=state)
    assert answer.status_code == 303
    assert answer.headers["location"] == (SIGNED_OUT if state is None else f"{SIGNED_OUT}?state=s-1")
    assert not await signed_in(browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"post_logout_redirect_uri": "https://portal.example/elsewhere"},
        {"post_logout_redirect_uri": SIGNED_OUT + "?foo=bar"},
        {"post_logout_redirect_uri": None},
    ],
)
async def test_an_address_that_is_not_registered(suite: Suite, changes: dict[str, Any]) -> None:
    """-bad-post-logout-redirect-uri, -query-added-…, -no-post-logout-redirect-uri: our page; it is over (3)."""
    browser, answer = await left(suite, **changes)
    assert answer.headers["location"] == "/signed-out"
    assert (await browser.http.get("/signed-out")).status_code == 200
    assert not await signed_in(browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"id_token_hint": None},
        {"id_token_hint": None, "post_logout_redirect_uri": None},
        {"id_token_hint": None, "post_logout_redirect_uri": None, "state": None},
        {"id_token_hint": "not.a.token"},
        {"modified": True},
    ],
)
async def test_without_a_good_hint_the_person_is_asked(suite: Suite, changes: dict[str, Any]) -> None:
    """-no-id-token-hint, -only-state, -no-params, -bad-id-token-hint, -modified-id-token-hint.

    RP-Initiated Logout 2: "the OP MUST ask the End-User"; 3: whoever is not proven gets nobody redirected.
    """
    browser, page = await left(suite, **changes)
    assert page.status_code == 200
    assert await signed_in(browser)
    done = await browser.http.post("/logout", data=dict(FIELD.findall(page.text)))
    assert done.headers["location"] == "/signed-out"
    assert not await signed_in(browser)


async def test_a_client_that_is_named_but_not_meant(suite: Suite) -> None:
    """2: "the OP MUST verify that the Client Identifier matches the one used when issuing the ID Token"."""
    browser, page = await left(suite, client_id="portal")
    assert page.status_code == 200
    assert await signed_in(browser)


async def test_the_logout_token(suite: Suite) -> None:
    """oidcc-backchannel-rp-initiated-logout: sid and sub of the ID token, the event, no nonce (Back-Channel 2.4)."""
    provider = suite.provider
    browser = suite.browser()
    tokens = await suite.tokens(browser)
    await browser.http.get("/logout", params={"id_token_hint": tokens["id_token"]})
    async with provider.app.state.storage.engine.connect() as connection:
        rows = (await connection.execute(select(LOGOUT_DELIVERY))).mappings().all()
    services = provider.app.state.services
    sign = logout_signer(services.ring, services.policy, provider.app.state.storage.clients.__getitem__)
    async with provider.client() as client:
        keys = KeySet.import_key_set((await client.get("/jwks")).json())
    mine = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    row = next(
        row
        for row in rows
        if (row["client_id"], row["subject"], row["sid"]) == (BASIC, mine["sub"], mine["sid"])
    )
    token = jwt.decode(
        await sign(NotifyLogout(row["client_id"], row["uri"], row["subject"], row["sid"])),
        keys,
        algorithms=["RS256"],
    )
    assert token.header["typ"] == "logout+jwt"
    assert token.header["kid"]
    claims = token.claims
    assert (claims["iss"], claims["aud"]) == (ISSUER, BASIC)
    assert (claims["sub"], claims["sid"]) == (mine["sub"], mine["sid"])
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert claims["iat"] <= time.time() < claims["exp"] <= time.time() + 120
    assert claims["jti"]
    assert "nonce" not in claims


async def test_the_document_says_so(suite: Suite) -> None:
    """-logout-discovery-endpoint-verification, oidcc-backchannel-logout-discovery-endpoint-verification."""
    async with suite.provider.client() as client:
        document = (await client.get("/.well-known/openid-configuration")).json()
    assert document["end_session_endpoint"] == f"{ISSUER}/logout"
    assert document["backchannel_logout_supported"] is True
    assert document["backchannel_logout_session_supported"] is True

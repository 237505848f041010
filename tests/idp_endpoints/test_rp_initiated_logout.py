"""RP-Initiated Logout 1.0 over HTTP, sentence by sentence, and the logout tokens of Back-Channel Logout 1.0."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet

from idp.domain.errors import ProtocolError
from idp.domain.writes import NotifyLogout
from idp.endpoints.notices import logout_signer
from keys import KEY_MANAGEMENT, KeyPurpose, Recipient
from tests.idp_endpoints.people import AN, CLIENTS, LAN, SIGNED_OUT, portal
from tests.idp_endpoints.provider import FIELD, Browser, Provider, answer_of
from tests.tampering import altered

pytestmark = pytest.mark.engine
READER = ECKey.generate_key("P-256", {"kid": "reader-1", "use": "enc"})


async def entered(provider: Provider, person: Any = AN, client_id: str = "portal") -> tuple[Browser, str]:
    """A browser in which somebody signed in, and the client's ID token."""
    browser = provider.browser()
    tokens = (await provider.redeem(await browser.code(person, client_id), client_id)).json()
    return browser, tokens["id_token"]


async def signed_in(browser: Browser) -> bool:
    """Whether prompt=none still brings a code."""
    return "code" in answer_of(await browser.authorize(prompt="none"))


async def leave(browser: Browser, **params: str) -> httpx2.Response:
    """Go to the logout endpoint."""
    return await browser.http.get("/logout", params=params)


def signed_by_us(provider: Provider, claims: dict[str, object]) -> str:
    """An ID token of ours with these claims."""
    ring = provider.app.state.services.ring
    return str(ring.signer(KeyPurpose.ID_TOKEN, "ES256").sign(claims))


@pytest.mark.parametrize("method", ["get", "post"])
async def test_both_methods_do_the_same(provider: Provider, method: str) -> None:
    """2: "OpenID Providers MUST support the use of the HTTP GET and POST methods"."""
    browser, hint = await entered(provider)
    values = {"id_token_hint": hint, "post_logout_redirect_uri": SIGNED_OUT, "state": "é &=#?"}
    if method == "get":
        answer = await leave(browser, **values)
    else:
        headers = {"Origin": "https://portal.example"}
        answer = await browser.http.post("/logout", data=values, headers=headers)
        if answer.headers["location"].startswith("/logout"):
            # Another site's form comes without the session's cookie; the same visit comes again by itself.
            answer = await browser.http.get(answer.headers["location"])
    assert answer.headers["location"] == f"{SIGNED_OUT}?state=%C3%A9+%26%3D%23%3F"
    assert not await signed_in(browser)


async def test_a_hint_of_any_age_is_a_hint(provider: Provider) -> None:
    """2: "SHOULD accept ID Tokens ... even when the exp time has passed"."""
    browser, hint = await entered(provider)
    claims = jwt.decode(hint, await published(provider), algorithms=["ES256"]).claims
    old = signed_by_us(provider, {**claims, "iat": 1_500_000_000, "exp": 1_500_000_600})
    answer = await leave(browser, id_token_hint=old, post_logout_redirect_uri=SIGNED_OUT)
    assert answer.headers["location"] == SIGNED_OUT
    assert not await signed_in(browser)


async def published(provider: Provider) -> KeySet:
    """The keys that sign."""
    async with provider.client() as client:
        listed = (await client.get("/jwks")).json()["keys"]
    return KeySet.import_key_set({"keys": [key for key in listed if key["use"] == "sig"]})


@pytest.mark.parametrize("algorithm", KEY_MANAGEMENT)
async def test_an_encrypted_hint_is_opened(provider: Provider, algorithm: str) -> None:
    """OIDC Core 3.1.2.1: "The Client MAY re-encrypt the signed ID token to the Authentication Server"."""
    browser, hint = await entered(provider)
    async with provider.client() as client:
        document = (await client.get("/jwks")).json()
    sealed = Recipient.of(document, algorithm).encrypt(hint, "A256GCM", cty="JWT")
    assert answer_of(await browser.authorize(prompt="none", id_token_hint=sealed))["code"]
    answer = await leave(browser, id_token_hint=sealed, post_logout_redirect_uri=SIGNED_OUT)
    assert answer.headers["location"] == SIGNED_OUT
    assert not await signed_in(browser)


@pytest.mark.attack
async def test_what_is_encrypted_to_us_is_not_therefore_ours(provider: Provider) -> None:
    """2: "MUST validate that it was the issuer": the signature inside counts, and only ours (attacks 21 to 24)."""
    browser, hint = await entered(provider)
    async with provider.client() as client:
        document = (await client.get("/jwks")).json()
    to_us = Recipient.of(document, "ECDH-ES")
    claims = jwt.decode(hint, await published(provider), algorithms=["ES256"]).claims
    forged = jwt.encode({"alg": "ES256"}, claims, ECKey.generate_key("P-256"))
    for inside in (forged, "{}", "a.b.c", to_us.encrypt(hint, "A256GCM", cty="JWT")):
        sealed = to_us.encrypt(inside, "A256GCM", cty="JWT")
        page = await leave(browser, id_token_hint=sealed, post_logout_redirect_uri=SIGNED_OUT)
        assert page.status_code == 200
    for broken in ("....", "a.b.c.d.e", altered(sealed), "." * 4 + "A" * 20_000):
        assert (await leave(browser, id_token_hint=broken)).status_code in {200, 400}
    assert await signed_in(browser)


async def test_a_hint_about_another_session_is_suspect(provider: Provider) -> None:
    """2: "If the ID Token's sid claim does not correspond to the RP's current session": the person is asked."""
    browser, _ = await entered(provider)
    _, elsewhere = await entered(provider)
    page = await leave(browser, id_token_hint=elsewhere, post_logout_redirect_uri=SIGNED_OUT)
    assert page.status_code == 200
    assert await signed_in(browser)
    _, of_lan = await entered(provider, LAN)
    assert (await leave(browser, id_token_hint=of_lan)).status_code == 200
    assert await signed_in(browser)


async def test_client_id_beside_a_hint_must_be_that_of_the_hint(provider: Provider) -> None:
    """2: "the OP MUST verify that the Client Identifier matches the one used when issuing the ID Token"."""
    browser, hint = await entered(provider)
    for other in ("other", "nobody"):
        page = await leave(browser, id_token_hint=hint, client_id=other, post_logout_redirect_uri=SIGNED_OUT)
        assert page.status_code == 200
        done = await browser.http.post("/logout", data=dict(FIELD.findall(page.text)) | {"act": "x"})
        assert done.headers["location"] == "/signed-out"
        browser, hint = await entered(provider)
    answer = await leave(browser, id_token_hint=hint, client_id="portal", post_logout_redirect_uri=SIGNED_OUT)
    assert answer.headers["location"] == SIGNED_OUT


async def test_the_question_carries_everything_on(provider: Provider) -> None:
    """2 and 6: after the yes the person is where the client wanted them, with the state; a no changes nothing."""
    browser, _ = await entered(provider)
    values = {
        "client_id": "portal",
        "post_logout_redirect_uri": SIGNED_OUT,
        "state": 's"1',
        "logout_hint": "an@example.vn",
        "ui_locales": "fr en vi",
    }
    page = await leave(browser, **values)
    fields = dict(FIELD.findall(page.text))
    assert {"logout_hint", "ui_locales", "client_id", "state", "post_logout_redirect_uri"} <= set(fields)
    assert await signed_in(browser)
    fields["state"] = 's"1'
    done = await browser.http.post("/logout", data=fields)
    assert done.headers["location"] == f"{SIGNED_OUT}?state=s%221"
    assert not await signed_in(browser)


@pytest.mark.parametrize(
    ("locales", "language"), [("en", "en"), ("fr-CA en-US", "en"), ("vi", "vi"), ("fr", "vi")]
)
async def test_the_question_is_in_the_language_that_the_client_prefers(
    provider: Provider, locales: str, language: str
) -> None:
    """2: ui_locales: "End-User's preferred languages ... ordered by preference"; an unknown one is no error."""
    browser, _ = await entered(provider)
    browser.http.headers["accept-language"] = "vi"
    page = await leave(browser, ui_locales=locales)
    assert page.headers["content-language"] == language
    assert re.search(f'<html[^>]* lang="{language}"', page.text)


async def test_who_is_signed_out_already_just_goes_back(provider: Provider) -> None:
    """4: "it is explicitly not an error for an RP to request that an End-User be logged out" who is not logged in."""
    browser, hint = await entered(provider)
    for _ in range(2):
        answer = await leave(browser, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT)
        assert answer.headers["location"] == SIGNED_OUT


@pytest.mark.attack
async def test_nothing_of_the_old_session_works_afterwards(provider: Provider) -> None:
    """Keycloak CVE-2025-12390, Hydra #753: cookies kept from before are dead, and a new sign-in has new ones."""
    browser, hint = await entered(provider)
    settings = provider.app.state.services.settings
    before = {
        name: browser.http.cookies[name] for name in (settings.session_cookie, settings.interaction_cookie)
    }
    (domain,) = {each.domain for each in browser.http.cookies.jar if each.name == settings.session_cookie}
    begun = await browser.authorize(prompt="login")
    await leave(browser, id_token_hint=hint)
    assert settings.session_cookie not in browser.http.cookies
    assert settings.interaction_cookie not in browser.http.cookies
    thief = provider.browser()
    thief.http.cookies.set(settings.session_cookie, before[settings.session_cookie])
    assert not await signed_in(thief)
    # An interaction of before goes on in no browser that lost its cookie.
    assert (await browser.http.get(begun.headers["location"])).status_code in {403, 410}
    # Whoever planted the old cookie gets nothing of the next sign-in (fixation).
    browser.http.cookies.set(
        settings.session_cookie, before[settings.session_cookie], domain=domain, path="/"
    )
    response = await browser.sign_in(LAN, await browser.authorize())
    assert "code" in answer_of(response)
    assert browser.http.cookies[settings.session_cookie] != before[settings.session_cookie]
    assert not await signed_in(thief)


@pytest.mark.attack
async def test_another_sites_yes_is_no_yes(provider: Provider) -> None:
    """Attack 43: the confirmation needs the token of our own page; a forged one ends nothing."""
    browser, _ = await entered(provider)
    for token in ("", "forged", "a" * 64):
        data = {"csrf_token": token, "client_id": "portal"}
        answer = await browser.http.post("/logout", data=data, headers={"Origin": "https://evil.example"})
        assert answer.status_code in {200, 303, 403}
        assert answer.headers.get("location", "/logout").startswith("/logout")
    assert await signed_in(browser)


async def test_logout_tokens_are_encrypted_where_id_tokens_are(provider: Provider) -> None:
    """Back-Channel Logout 2.4 and 2.6 (1): nested as the ID token; without a key nothing goes out in the open."""
    services = provider.app.state.services
    reader = portal(
        "reader",
        jwks={"keys": [READER.as_dict(private=False)]},
        id_token_signed_response_alg="RS256",
        id_token_encrypted_response_alg="ECDH-ES+A128KW",
        id_token_encrypted_response_enc="A128GCM",
    )
    known = {"reader": reader, "lost": replace(reader, client_id="lost", jwks={"keys": []}), **CLIENTS}
    sign = logout_signer(services.ring, services.policy, known.get)
    token = await sign(NotifyLogout("reader", "https://reader.example/out", "s", "sid"))
    opened = jwe.decrypt_compact(token, READER, algorithms=["ECDH-ES+A128KW", "A128GCM"])
    assert opened.protected["cty"] == "JWT"
    inside = jwt.decode(opened.plaintext, await published(provider), algorithms=["RS256"])
    assert inside.header["typ"] == "logout+jwt"
    assert inside.claims["aud"] == "reader"
    with pytest.raises(ProtocolError):
        await sign(NotifyLogout("lost", "https://reader.example/out", "s", "sid"))
    plain = await sign(NotifyLogout("portal", "https://portal.example/out", "s", "sid"))
    assert jwt.decode(plain, await published(provider), algorithms=["ES256"]).claims["aud"] == "portal"

"""Attacks 1 to 10 through the browser: where answers go, what pages say, and whose name stands on them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from idp.domain.client import Client
from tests.idp_endpoints.people import AN, CALLBACK, SIGNED_OUT, portal
from tests.idp_endpoints.provider import FIELD, ISSUER, Provider, answer_of, basic, challenge

pytestmark = [pytest.mark.engine, pytest.mark.attack]
LOOPBACK = "http://127.0.0.1:4000/callback?kept=1"
NATIVE = portal(
    "native-app",
    application_type="native",
    redirect_uris=(LOOPBACK, "http://[::1]/callback"),
    token_endpoint_auth_method="none",
    secret_hash=None,
)
WEB_LOOPBACK = portal("web-loopback", redirect_uris=(LOOPBACK,))
ADDRESSLESS = portal("addressless", redirect_uris=())
NASTY = (
    "</script><script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "</form><form action=https://evil.example>",
    "<!--<script>",
    "&quot;&#62;&lt;script&gt;",
    "{{7*7}}{% raw %}",
    "\u202ejavascript:alert(1)\u2066",
    "]]>\r\n<meta http-equiv=refresh content=0;url=//evil.example>",
    "+ADw-script+AD4-",
)
EVIL = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "444",
    "X-Forwarded-Prefix": "/evil",
    "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil",
    "X-Host": "evil.example",
    "Forwarded": "for=1.2.3.4;host=evil.example;proto=https",
}


async def registered(provider: Provider, *clients: Client) -> None:
    """More clients."""
    for client in clients:
        await provider.app.state.storage.clients.save(client)


class Page(HTMLParser):
    """What a browser would find: every element by name, and the hidden fields of forms."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.actions: list[str | None] = []
        self.fields: dict[str, str] = {}
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        values = dict(attrs)
        self.elements.append(tag)
        self.handlers += [name for name in values if name.startswith("on")]
        if tag == "form":
            self.actions.append(values.get("action"))
        if tag == "input" and values.get("type") == "hidden":
            self.fields[str(values["name"])] = str(values["value"])


@pytest.mark.parametrize("port", ["", ":1", ":4000", ":65535"])
async def test_of_a_loopback_address_the_port_may_vary(provider: Provider, port: str) -> None:
    """RFC 8252 7.3, for a native application only."""
    await registered(provider, NATIVE, WEB_LOOPBACK)
    browser, uri = provider.browser(), f"http://127.0.0.1{port}/callback?kept=1"
    assert (await browser.authorize("native-app", redirect_uri=uri)).status_code == 303
    assert (await browser.authorize("web-loopback", redirect_uri=uri)).status_code == (
        303 if uri == LOOPBACK else 400
    )


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:4000/callback",
        "http://127.0.0.1:4000/callback?kept=2",
        "http://127.0.0.1:4000/callback?kept=1&x=1",
        "http://127.0.0.1:4000/Callback?kept=1",
        "HTTP://127.0.0.1:4000/callback?kept=1",
        "http://127.0.0.1:4000/callback/?kept=1",
        "http://localhost:4000/callback?kept=1",
        "http://127.0.0.2:4000/callback?kept=1",
        "http://127.1:4000/callback?kept=1",
        "http://2130706433:4000/callback?kept=1",
        "http://127.0.0.1.evil.example:4000/callback?kept=1",
        "http://127.0.0.1:4000@evil.example/callback?kept=1",
        "http://127.0.0.1:@evil.example/callback?kept=1",
        "http://127.0.0.1:65536/callback?kept=1",
        "http://127.0.0.1:0/callback?kept=1",
        "http://127.0.0.1:4000\\@evil.example/callback?kept=1",
        "http://127.0.0.1:4000/callback?kept=1#x",
        "https://127.0.0.1:4000/callback?kept=1",
        "http://[::1%25lo]/callback",
        "http://[::ffff:127.0.0.1]/callback",
    ],
)
async def test_of_a_loopback_address_nothing_else_may_vary(provider: Provider, uri: str) -> None:
    """Keycloak CVE-2024-8883, fosite CVE-2020-15233 (the query was ignored) and CVE-2020-15234 (its case)."""
    await registered(provider, NATIVE)
    response = await provider.browser().authorize("native-app", redirect_uri=uri)
    assert response.status_code == 400
    assert "location" not in response.headers


async def test_no_address_is_ever_learnt(provider: Provider) -> None:
    """Attack 8 (CVE-2024-52289): a client without addresses does not get the first one that somebody names."""
    await registered(provider, ADDRESSLESS)
    browser = provider.browser()
    await browser.code(AN)
    for _ in range(2):
        response = await browser.authorize("addressless", redirect_uri="https://evil.example/")
        assert response.status_code == 400
    clients = await provider.app.state.services.records.clients()
    assert clients["addressless"].redirect_uris == ()


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post", "jwt", "form_post.jwt", "fragment.jwt"])
@pytest.mark.parametrize(
    "changes",
    [
        {"response_type": "nonsense"},
        {"response_type": "code id_token"},
        {"scope": "nonsense"},
        {"prompt": "none"},
        {"code_challenge": None},
        {"request": "x.y.z"},
        {},
    ],
)
async def test_in_no_mode_does_an_error_leave_for_an_unproven_address(
    provider: Provider, mode: str, changes: dict[str, Any]
) -> None:
    """Authlib 2026-04-13 and 2026-05-04, doorkeeper-openid_connect#61, GHSA-9vm7-v8wj-3fqw (form_post.jwt)."""
    for uri in ("https://evil.example/", f"{CALLBACK}@evil.example", None):
        response = await provider.browser().authorize(redirect_uri=uri, response_mode=mode, **changes)
        assert response.status_code == 400
        assert "location" not in response.headers
        page = Page(response.text)
        assert "evil.example" not in str(page.actions)
        assert "evil.example" not in response.headers["content-security-policy"]


@pytest.mark.parametrize("text", NASTY)
async def test_whatever_the_state_is_the_page_is_the_same(provider: Provider, text: str) -> None:
    """Authentik CVE-2026-42849: state in the form_post page, on success and error; a parser finds no new element."""
    browser = provider.browser()
    await browser.code(AN)
    for changes in ({}, {"prompt": "none", "max_age": "0"}, {"scope": text}):
        plain = Page((await browser.authorize(response_mode="form_post", **changes)).text)
        response = await browser.authorize(response_mode="form_post", state=text, **changes)
        page = Page(response.text)
        assert page.fields.pop("state") == text
        assert page.elements == plain.elements
        assert page.actions == plain.actions
        assert CALLBACK in page.actions
        assert page.handlers == []
        policy = response.headers["content-security-policy"]
        assert "script-src 'nonce-" in policy
        assert "unsafe" not in policy
        assert f"form-action 'self' https://{urlsplit(CALLBACK).netloc};" in policy


@pytest.mark.parametrize("text", NASTY)
async def test_a_refusal_of_ours_never_repeats_the_strangers_words(provider: Provider, text: str) -> None:
    """Attacks 5 and 6: problem pages, and the descriptions that go back, are our own constants."""
    browser = provider.browser()
    page = await browser.authorize(redirect_uri=text, client_id=text, state=text)
    assert page.status_code == 400
    assert text not in page.text
    answer = answer_of(await browser.authorize(scope=text, ui_locales=text))
    assert set(answer) == {"error", "error_description", "state", "iss"}
    assert answer["error_description"].isascii()
    out = await browser.http.get(
        f"/logout?client_id={quote(text)}&state={quote(text)}&id_token_hint={quote(text)}"
    )
    assert out.status_code in {200, 303}
    assert text not in out.text


async def test_a_whole_login_with_foreign_host_headers(provider: Provider) -> None:
    """Zitadel GHSA-93m4-mfpg-c3xf and GHSA-pfrf-9r5f-73f5, doorkeeper#1924: issuer and links are configuration.

    From the pushed request to the signed tokens and the way out: no header of a request names us.
    """
    async with provider.client() as client:
        form = {
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        }
        pushed = await client.post("/par", data=form, headers=basic("portal") | EVIL)
        assert pushed.status_code == 201
        assert "evil." not in pushed.text
        keys = KeySet.import_key_set(
            {"keys": [key for key in (await client.get("/jwks")).json()["keys"] if key["use"] == "sig"]}
        )
    browser = provider.browser()
    browser.http.headers.update({name: value for name, value in EVIL.items() if name != "Host"})
    visited = await browser.http.get(
        f"/authorize?client_id=portal&request_uri={pushed.json()['request_uri']}",
        headers={"Host": "evil.example"},
    )
    assert visited.headers["location"].startswith("/sign-in")
    shown = await browser.http.get(visited.headers["location"], headers={"Host": "evil.example"})
    assert "evil." not in shown.text
    assert "evil." not in str(shown.headers)
    answer = answer_of(await browser.sign_in(AN, visited))
    assert answer["iss"] == ISSUER
    response = await provider.token(
        {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": CALLBACK,
            "code_verifier": "v" * 43,
        },
        headers=basic("portal") | EVIL,
    )
    tokens = response.json()
    assert jwt.decode(tokens["id_token"], keys, algorithms=["ES256"]).claims["iss"] == ISSUER
    out = await browser.http.get(
        "/logout",
        params={"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": SIGNED_OUT},
        headers={"Host": "evil.example"},
    )
    assert out.headers["location"] == SIGNED_OUT


async def test_no_cookie_of_ours_goes_to_whoever_names_another_host(provider: Provider) -> None:
    """Attack 10: cookies carry no Domain, and only the browser state may be read by scripts."""
    browser = provider.browser()
    at = await browser.authorize()
    page = await browser.http.get(at.headers["location"])
    form = dict(FIELD.findall(page.text)) | {
        "personal_number": AN.number,
        "password": "mat-khau-dung",
        "act": "sign-in",
    }
    answer = await browser.http.post("/sign-in", data=form)
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) >= 2
    for cookie in cookies:
        assert "domain" not in cookie.lower()
        assert "samesite=lax" in cookie.lower()
        assert ("httponly" in cookie.lower()) is ("browser_state" not in cookie)


async def test_the_response_type_is_the_pushed_ones(provider: Provider) -> None:
    """Keycloak CVE-2026-7571: nothing that a browser adds turns a code request into an implicit one."""
    browser = provider.browser()
    await browser.code(AN)
    async with provider.client() as client:
        form = {
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        }
        pushed = (await client.post("/par", data=form, headers=basic("portal"))).json()
    response = await browser.http.get(
        "/authorize",
        params={
            "client_id": "portal",
            "request_uri": pushed["request_uri"],
            "response_type": "id_token token",
            "response_mode": "fragment",
            "nonce": "n",
            "redirect_uri": "https://evil.example/",
        },
    )
    assert response.headers["location"].startswith(f"{CALLBACK}?code=")
    assert "id_token" not in response.headers["location"]

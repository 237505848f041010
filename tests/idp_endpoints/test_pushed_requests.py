"""PAR over HTTP: what a client and a browser see (RFC 9126)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from idp.storage import Storage
from tests.idp_endpoints.people import AN, BINH, CALLBACK, CLIENTS
from tests.idp_endpoints.provider import Browser, Provider, answer_of, basic, challenge

pytestmark = pytest.mark.engine
URN = "urn:ietf:params:oauth:request_uri:"


def wishes(client_id: str = "portal", **changes: Any) -> dict[str, Any]:
    """A good authorization request."""
    values = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": CALLBACK,
        "scope": "openid profile",
        "state": "pushed-state",
        "nonce": "nonce-1",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    } | changes
    return {name: value for name, value in values.items() if value is not None}


async def push(provider: Provider, client_id: str = "portal", **changes: Any) -> httpx2.Response:
    """Push it with Basic authentication."""
    async with provider.client() as client:
        return await client.post("/par", data=wishes(client_id, **changes), headers=basic(client_id))


async def pushed_uri(provider: Provider, client_id: str = "portal", **changes: Any) -> str:
    """The name of a pushed request."""
    response = await push(provider, client_id, **changes)
    assert response.status_code == 201, response.text
    name: str = response.json()["request_uri"]
    return name


async def visit(browser: Browser, uri: str, client_id: str = "portal", **more: str) -> httpx2.Response:
    """A browser follows the name."""
    query = urlencode({"client_id": client_id, "request_uri": uri} | more)
    return await browser.http.get(f"/authorize?{query}")


async def signed_in(provider: Provider) -> Browser:
    """A browser with a session."""
    browser = provider.browser()
    await browser.code(BINH)
    return browser


async def test_the_answer_of_the_endpoint(provider: Provider) -> None:
    """RFC 9126 section 2.2: 201, the name, its life in seconds, never stored by a cache."""
    response = await push(provider)
    assert response.status_code == 201
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-type"] == "application/json"
    document = response.json()
    assert set(document) == {"request_uri", "expires_in"}
    assert 60 <= document["expires_in"] <= 90
    assert document["request_uri"].startswith(URN)
    assert len(document["request_uri"]) == len(URN) + 43


async def test_refusals_are_json_with_their_status(provider: Provider) -> None:
    """RFC 9126 section 2.3: 400, 401 with a challenge, 405, 413; never a page, never a redirect."""
    unregistered = await push(provider, redirect_uri="https://evil.example/")
    assert (unregistered.status_code, unregistered.json()["error"]) == (400, "invalid_request")
    nested = await push(provider, request_uri=URN + "x" * 43)
    assert (nested.status_code, nested.json()["error"]) == (400, "invalid_request")
    async with provider.client() as client:
        nobody = await client.post("/par", data=wishes(), headers=basic("portal", "wrong"))
        assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
        assert nobody.headers["www-authenticate"].startswith("Basic")
        looked = await client.get("/par")
        assert (looked.status_code, looked.headers["allow"]) == (405, "POST")
        huge = await client.post("/par", data={"x": "y" * 70_000}, headers=basic("portal"))
        assert (huge.status_code, huge.json()["error"]) == (413, "invalid_request")
        kind = {**basic("portal"), "Content-Type": "application/json"}
        other_kind = await client.post("/par", content=b"{}", headers=kind)
        assert (other_kind.status_code, other_kind.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("client_id", ["poster", "app", "signer"])
async def test_each_way_to_authenticate_works(provider: Provider, client_id: str) -> None:
    """RFC 9126 section 2: as at the token endpoint: a secret in the form, none at all, a signed assertion."""
    form = wishes(client_id)
    if client_id == "poster":
        form["client_secret"] = "a-secret-of-a-portal"
    if client_id == "signer":
        form["client_assertion"] = provider.assertion()
        form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    async with provider.client() as client:
        response = await client.post("/par", data=form)
        assert response.status_code == 201, response.text
        if client_id == "signer":
            again = await client.post("/par", data=form)
            assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


async def test_a_person_signs_in_with_a_pushed_request(provider: Provider) -> None:
    """RFC 9126 section 4: only the name travels; the page may be loaded again; then it is spent."""
    uri = await pushed_uri(provider)
    browser = provider.browser()
    assert (await visit(browser, uri)).status_code == 303
    waiting = await visit(browser, uri)
    assert waiting.headers["location"].startswith("/sign-in")
    answer = answer_of(await browser.sign_in(BINH, waiting))
    assert answer["state"] == "pushed-state"
    assert (await provider.redeem(answer["code"])).status_code == 200
    again = await visit(browser, uri)
    assert again.status_code == 400
    assert "location" not in again.headers
    assert "invalid_request_uri" in again.text


async def test_two_tabs_of_one_pushed_request_have_one_code(provider: Provider) -> None:
    """RFC 9126 section 7.3: the tab that comes second goes back with invalid_request_uri."""
    uri = await pushed_uri(provider)
    browser = provider.browser()
    tabs = [await visit(browser, uri), await visit(browser, uri)]
    first = answer_of(await browser.sign_in(BINH, tabs[0]))
    assert "code" in first
    query = tabs[1].headers["location"].partition("?")[2]
    # The session is there now; the second tab has nothing left to ask and comes to its end.
    second = await browser.sign_in(BINH, tabs[1])
    assert query.startswith("i=")
    assert answer_of(second)["error"] == "invalid_request_uri"
    assert "code" not in answer_of(second)


@pytest.mark.attack
async def test_two_hundred_visits_at_once_have_one_code(provider: Provider) -> None:
    """Attack 15: signed in, nothing to ask, 200 visits raced over HTTP: one code, 199 pages."""
    browser = await signed_in(provider)
    uri = await pushed_uri(provider)
    answers = await asyncio.gather(*(visit(browser, uri) for _ in range(200)))
    codes = [each for each in answers if each.status_code == 303]
    assert len(codes) == 1
    assert "code" in answer_of(codes[0])
    assert {each.status_code for each in answers} == {303, 400}


@pytest.mark.attack
async def test_a_stolen_name_is_worth_nothing_to_another_client(provider: Provider) -> None:
    """Attack 15: another client's request_uri is refused by a page; the owner can still use it."""
    browser = await signed_in(provider)
    uri = await pushed_uri(provider)
    assert (await visit(browser, uri, "other")).status_code == 400
    assert "code" in answer_of(await visit(browser, uri))


@pytest.mark.attack
async def test_the_browser_cannot_widen_what_was_pushed(provider: Provider) -> None:
    """Attacks 9 and 15, Keycloak CVE-2026-7571: response type, scope and address are fixed when they are pushed."""
    browser = await signed_in(provider)
    uri = await pushed_uri(provider)
    more = {"response_type": "token", "redirect_uri": "https://evil.example/", "scope": "openid pid"}
    response = await visit(browser, uri, **more)
    assert response.headers["location"].startswith(CALLBACK)
    tokens = (await provider.redeem(answer_of(response)["code"])).json()
    assert tokens["scope"] == "openid profile"


async def test_a_client_that_must_push_cannot_do_without(provider: Provider) -> None:
    """RFC 9126 section 6: the plain request goes back with invalid_request."""
    storage: Storage = provider.app.state.storage
    strict = replace(CLIENTS["portal"], client_id="pusher", require_pushed_authorization_requests=True)
    await storage.clients.save(strict)
    browser = await signed_in(provider)
    assert answer_of(await browser.authorize("pusher"))["error"] == "invalid_request"
    assert "code" in answer_of(await visit(browser, await pushed_uri(provider, "pusher"), "pusher"))


async def test_a_request_of_another_sites_form_finds_its_way(provider: Provider) -> None:
    """OIDC Core 3.1.2.1: POST works like GET, for a pushed request too."""
    browser = provider.browser()
    form = {"client_id": "portal", "request_uri": await pushed_uri(provider)}
    response = await browser.http.post("/authorize", data=form)
    answer = answer_of(await browser.sign_in(AN, response, None)) if response.status_code == 303 else {}
    assert "code" in answer

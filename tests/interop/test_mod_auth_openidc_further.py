"""What else Apache's mod_auth_openidc speaks: hybrid, signed requests, refresh, registration, the session's end."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx2
import pytest
from playwright.async_api import Browser

from tests.browser import opened
from tests.idp_endpoints.people import AN, SECRET
from tests.idp_endpoints.provider import FIELD, PASSWORD
from tests.interop.apache import apache, basics, is_an, own_key, registered
from tests.interop.conftest import Running
from tests.interop.person import Person
from tests.ports import free_port

pytestmark = pytest.mark.engine
FRAME = re.compile(r'<iframe hidden src="([^"]+)"')
PLAIN = {"OIDCClientSecret": SECRET}
SIGNED = {
    "request_object_type": "request",
    "copy_from_request": ["client_id", "response_type", "scope"],
    "copy_and_remove_from_request": [
        *("redirect_uri", "state", "nonce", "code_challenge", "code_challenge_method"),
    ],
    "crypto": {"sign_alg": "RS256"},
}


@pytest.mark.parametrize("mode", ["form_post", "fragment"])
async def test_an_id_token_comes_with_the_code(
    running: Running, person: Person, browser: Browser, folder: Path, mode: str
) -> None:
    """OIDC Core 3.3: ``code id_token``, whose c_hash the module checks; the fragment is read by its own script."""
    port = free_port()
    types = {"response_types": frozenset({"code id_token"})}
    grants = {"grant_types": frozenset({"authorization_code", "implicit"})}
    client_id = await registered(running, port, **types, **grants)
    more = {"OIDCResponseType": "code id_token", "OIDCResponseMode": mode}
    async with apache(folder, port, basics(running, client_id) | PLAIN | more) as site:
        if mode == "form_post":
            is_an(await person.visit(f"{site.url}/secret/"), running)
            return
        async with opened(browser, 1280, 900) as page:
            await page.goto(f"{site.url}/secret/")
            await page.fill('input[name="personal_number"]', AN.number)
            await page.fill('input[name="password"]', PASSWORD)
            await page.click('button[value="sign-in"]')
            await page.wait_for_url(f"{site.url}/secret/")
            assert "only for those who signed in" in await page.content()


async def test_its_requests_are_signed(running: Running, person: Person, folder: Path) -> None:
    """RFC 9101 by value: what is asked for stands in a request object, signed with the module's key."""
    port = free_port()
    key, files = own_key(folder)
    client_id = await registered(
        running,
        port,
        jwks={"keys": [key.as_dict(private=False)]},
        request_object_signing_alg="RS256",  # not required of it: it gives its objects no exp
    )
    more = files | {"OIDCRequestObject": json.dumps(SIGNED).replace('"', '\\"')}
    async with apache(folder, port, basics(running, client_id) | PLAIN | more) as site:
        asked = await person.http.get(f"{site.url}/secret/")
        assert "request=" in asked.headers["location"]
        assert "state=" not in asked.headers["location"]
        is_an(await person.visit(f"{site.url}/secret/"), running)


async def test_it_renews_its_token(running: Running, person: Person, folder: Path) -> None:
    """RFC 6749 6: a page of the site asks for a fresh token; the old and the new one differ, the session goes on."""
    port = free_port()
    client_id = await registered(running, port)
    more = {"OIDCInfoHook": "access_token"}
    async with apache(folder, port, basics(running, client_id) | PLAIN | more) as site:
        is_an(await person.visit(f"{site.url}/secret/"), running)

        async def token() -> str:
            held: str = (await person.http.get(f"{site.callback}?info=json")).json()["access_token"]
            return held

        first = await token()
        asked = {"refresh": f"{site.url}/secret/", "access_token": first}
        renewed = await person.http.get(f"{site.callback}?{urlencode(asked)}")
        assert renewed.headers["location"] == f"{site.url}/secret/"
        assert await token() not in {first, ""}
        is_an(await person.visit(f"{site.url}/secret/"), running)


async def test_a_frame_tells_it_of_a_sign_out(running: Running, person: Person, folder: Path) -> None:
    """Front-Channel Logout 1.0: loading the provider's last page ends the session behind Apache, by iss and sid."""
    port = free_port()
    uri = f"http://localhost:{port}/secret/redirect_uri?logout=get"
    client_id = await registered(running, port, backchannel_logout_uri=None, frontchannel_logout_uri=uri)
    async with apache(folder, port, basics(running, client_id) | PLAIN) as site:
        is_an(await person.visit(f"{site.url}/secret/"), running)
        said = await person.leave(running.issuer)
        is_an(await person.visit(f"{site.url}/secret/"), running)
        frames = [unescape(each) for each in FRAME.findall(said.text)]
        assert [each.split("&")[0] for each in frames] == [uri]
        async with httpx2.AsyncClient() as without_cookies:  # as a browser that hides them in frames loads it
            await without_cookies.get(frames[0])
        assert (await person.http.get(f"{site.url}/secret/")).is_redirect


async def test_its_page_watches_the_session(running: Running, browser: Browser, folder: Path) -> None:
    """Session Management 1.0, section 3, as the module does it: two frames, and a sign-out elsewhere is noticed."""
    port = free_port()
    client_id = await registered(running, port, backchannel_logout_uri=None)
    async with (
        apache(folder, port, basics(running, client_id) | PLAIN) as site,
        opened(browser, 1280, 900) as page,
    ):
        async with page.expect_console_message(lambda line: "receiveMessage: unchanged" in line.text):
            await page.goto(f"{site.url}/secret/watched.html")
            await page.fill('input[name="personal_number"]', AN.number)
            await page.fill('input[name="password"]', PASSWORD)
            await page.click('button[value="sign-in"]')
            await page.wait_for_url(f"{site.url}/secret/watched.html")
        tab = await page.context.new_page()
        await tab.goto(f"{running.issuer}/logout")
        await tab.click("main form button")
        await page.wait_for_url(f"{running.issuer}/sign-in*")


async def test_it_registers_itself(running: Running, person: Person, folder: Path) -> None:
    """Discovery 1.0 and Dynamic Registration 1.0: all that Apache is told is where metadata may be kept."""
    port = free_port()
    told = {"OIDCMetadataDir": f"{folder}/metadata", "OIDCClientName": "Trang của tôi"}
    async with apache(folder, port, told | {"OIDCPKCEMethod": "S256", "OIDCScope": "openid profile"}) as site:
        choice = (await person.visit(f"{site.url}/secret/")).text
        assert "OpenID Connect Provider" in choice, "the module asks which provider"
        chosen = {"iss": running.issuer} | {name: unescape(value) for name, value in FIELD.findall(choice)}
        is_an(await person.visit(f"{site.callback}?{urlencode(chosen)}"), running)
        name = quote(running.issuer.removeprefix("http://"), safe="")
        made = json.loads((folder / "metadata" / f"{name}.client").read_text("utf-8"))
    clients = await running.provider.app.state.services.records.clients()
    client = clients[made["client_id"]]
    assert client.frontchannel_logout_uri == f"{site.callback}?logout=get"
    assert client.backchannel_logout_uri == f"{site.callback}?logout=backchannel"

"""Apache's mod_auth_openidc signs people in unchanged, and hears of their sign-out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.idp_endpoints.people import SECRET
from tests.interop.apache import Apache, apache, basics, is_an, own_key, registered
from tests.interop.conftest import Running
from tests.interop.person import Person
from tests.ports import free_port

pytestmark = pytest.mark.engine


async def test_a_page_behind_a_sign_in(running: Running, person: Person, folder: Path) -> None:
    """Discovery, code flow with PKCE, client_secret_basic, UserInfo; then a logout that comes back."""
    port = free_port()
    client_id = await registered(running, port)
    secrets = {"OIDCClientSecret": SECRET, "OIDCProviderTokenEndpointAuth": "client_secret_basic"}
    async with apache(folder, port, basics(running, client_id) | secrets) as site:
        is_an(await person.visit(f"{site.url}/secret/"), running)
        gone = await person.visit(f"{site.callback}?logout={site.url}/bye.html")
        assert gone.text == "signed out"
        asked = await person.http.get(f"{site.url}/secret/")
        assert (
            "personal_number"
            in (await person.http.get(asked.headers["location"], follow_redirects=True)).text
        )


async def test_private_key_jwt(running: Running, person: Person, folder: Path) -> None:
    """The module signs its own assertion (RFC 7523) with an RSA key that we know by ``jwks``."""
    port = free_port()
    key, files = own_key(folder)
    client_id = await registered(
        running,
        port,
        token_endpoint_auth_method="private_key_jwt",
        secret_hash=None,
        jwks={"keys": [key.as_dict(private=False)]},
        id_token_signed_response_alg="PS256",
    )
    # the module takes the method only below its keys
    keys = files | {"OIDCProviderTokenEndpointAuth": "private_key_jwt"}
    async with apache(folder, port, basics(running, client_id) | keys) as site:
        is_an(await person.visit(f"{site.url}/secret/"), running)


async def test_answers_by_form_post(running: Running, person: Person, folder: Path) -> None:
    """OAuth 2.0 Form Post Response Mode: the code comes in a body."""
    port = free_port()
    client_id = await registered(running, port)
    more = {"OIDCClientSecret": SECRET, "OIDCResponseMode": "form_post"}
    async with apache(folder, port, basics(running, client_id) | more) as site:
        is_an(await person.visit(f"{site.url}/secret/"), running)


async def test_it_hears_of_a_sign_out_elsewhere(running: Running, person: Person, folder: Path) -> None:
    """Back-Channel Logout 1.0: whoever signs out at the provider is signed out behind Apache."""
    port = running.allowed_port
    client_id = await registered(running, port)
    async with apache(folder, port, basics(running, client_id) | {"OIDCClientSecret": SECRET}) as site:
        is_an(await person.visit(f"{site.url}/secret/"), running)
        await person.leave(running.issuer)
        assert await ends(person, site)


async def ends(person: Person, site: Apache) -> bool:
    """Whether the page asks for a sign-in again, soon."""
    for _ in range(3_000):
        if (await person.http.get(f"{site.url}/secret/")).is_redirect:
            return True
        await asyncio.sleep(0.1)
    return False

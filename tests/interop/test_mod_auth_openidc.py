"""Apache's mod_auth_openidc signs people in unchanged, and hears of their sign-out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import pytest
from joserfc.jwk import RSAKey

from tests.idp_endpoints.people import AN, SECRET, portal
from tests.idp_endpoints.provider import FIELD
from tests.interop.apache import Apache, apache
from tests.interop.conftest import Running, free_port
from tests.interop.person import Person

pytestmark = pytest.mark.engine


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that another user may enter, as none below pytest's own may be."""
    with TemporaryDirectory(prefix="dinhdanh-apache-") as made:
        yield Path(made)


async def registered(running: Running, port: int, **changes: object) -> str:
    """Register a client for an Apache on this port; its id."""
    client_id = f"apache-{port}"
    origin = f"http://localhost:{port}"
    await running.register(
        portal(
            client_id,
            redirect_uris=(f"{origin}/secret/redirect_uri",),
            post_logout_redirect_uris=(f"{origin}/bye.html",),
            backchannel_logout_uri=f"{origin}/secret/redirect_uri?logout=backchannel",
            **changes,
        )
    )
    return client_id


def basics(running: Running, client_id: str) -> dict[str, str]:
    """What every configuration says."""
    return {
        "OIDCProviderMetadataURL": f"{running.issuer}/.well-known/openid-configuration",
        "OIDCClientID": client_id,
        "OIDCScope": "openid profile",
        "OIDCPKCEMethod": "S256",
    }


def is_an(response: httpx2.Response, running: Running) -> None:
    """The page behind the sign-in, with the claims of Nguyễn Văn An."""
    assert response.status_code == 200, response.text
    assert response.text == "only for those who signed in"
    assert response.headers["x-claim-iss"] == running.issuer
    assert response.headers["x-claim-name"] == AN.profile["name"]


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
    key = RSAKey.generate_key(2048, {"kid": "apache-1", "use": "sig", "alg": "RS256"})
    (folder / "client.key").write_bytes(key.as_pem(private=True))
    (folder / "client.pub").write_bytes(key.as_pem(private=False))
    client_id = await registered(
        running,
        port,
        token_endpoint_auth_method="private_key_jwt",
        secret_hash=None,
        jwks={"keys": [key.as_dict(private=False)]},
        id_token_signed_response_alg="PS256",
    )
    keys = {
        "OIDCPrivateKeyFiles": f"apache-1#{folder}/client.key",
        "OIDCPublicKeyFiles": f"apache-1#{folder}/client.pub",
        "OIDCProviderTokenEndpointAuth": "private_key_jwt",  # the module takes it only below its keys
    }
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
        await signed_out_at_the_provider(person, running)
        assert await ends(person, site)


async def signed_out_at_the_provider(person: Person, running: Running) -> None:
    """The person's own wish, on the provider's own page."""
    page = await person.http.get(f"{running.issuer}/logout")
    form = dict(FIELD.findall(page.text)) | {"act": "sign-out"}
    _, answer = await person.walk(await person.http.post(f"{running.issuer}/logout", data=form), None)
    assert answer.status_code == 200, answer.text


async def ends(person: Person, site: Apache) -> bool:
    """Whether the page asks for a sign-in again, soon."""
    for _ in range(100):
        if (await person.http.get(f"{site.url}/secret/")).is_redirect:
            return True
        await asyncio.sleep(0.1)
    return False

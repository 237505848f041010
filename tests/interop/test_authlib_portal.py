"""The portal of ``docs/examples/authlib_portal.py``: Authlib's Starlette integration as it stands."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from tests.browser import serving
from tests.idp_endpoints.people import SECRET, portal
from tests.interop.conftest import Running
from tests.interop.person import Person
from tests.ports import free_port

pytestmark = pytest.mark.engine
FILE = Path(__file__).parents[2] / "docs" / "examples" / "authlib_portal.py"


@pytest.fixture
async def portal_url(running: Running, monkeypatch: pytest.MonkeyPatch):
    """The running portal."""
    port = free_port()
    here = f"http://localhost:{port}"
    client = portal(
        f"authlib-portal-{port}",
        redirect_uris=(f"{here}/callback",),
        post_logout_redirect_uris=(f"{here}/signed-out",),
        token_endpoint_auth_method="client_secret_basic",
    )
    await running.register(client)
    told = {"ISSUER": running.issuer, "PUBLIC_URL": here}
    for name, value in (told | {"CLIENT_ID": client.client_id, "CLIENT_SECRET": SECRET}).items():
        monkeypatch.setenv(name, value)
    async with serving(runpy.run_path(str(FILE))["app"], port=port) as url:
        yield url


async def test_a_person_comes_and_goes(portal_url: str, person: Person) -> None:
    """Discovery, PKCE, nonce, ID token, UserInfo; then RP-initiated logout with hint and state."""
    assert "/sign-in" in (await person.visit(portal_url)).text
    assert "Xin chào Nguyễn Văn An" in (await person.visit(f"{portal_url}/sign-in")).text
    assert "Đã đăng xuất" in (await person.visit(f"{portal_url}/sign-out")).text
    asked = await person.http.get(f"{portal_url}/sign-in", follow_redirects=True)
    assert 'name="personal_number"' in asked.text


async def test_a_refusal_is_understood(portal_url: str, person: Person) -> None:
    """RFC 6749 4.1.2.1: the portal shows the code of an error that came back to it."""
    begun = await person.http.get(f"{portal_url}/sign-in")
    refused = await person.visit(begun.headers["location"] + "&prompt=none")
    assert refused.status_code == 403
    assert "login_required" in refused.text

"""Ordinary client libraries sign in unchanged."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.idp_endpoints.people import AN, CALLBACK, SECRET
from tests.idp_endpoints.provider import PASSWORD

pytestmark = pytest.mark.engine
HERE = Path(__file__).parent
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


async def signed_in(url: str) -> str:
    """A person follows the address, signs in, and is sent back: the address they end at."""
    parts = urlsplit(url)
    async with httpx2.AsyncClient(base_url=f"{parts.scheme}://{parts.netloc}") as browser:
        response = await browser.get(url)
        page = await browser.get(response.headers["location"])
        form = dict(FIELD.findall(page.text)) | {
            "personal_number": AN.number,
            "password": PASSWORD,
            "act": "sign-in",
        }
        response = await browser.post("/sign-in", data=form)
        response = await browser.get(response.headers["location"])
        location: str = response.headers["location"]
        assert location.startswith(CALLBACK), location
        return location


async def fetched(url: str) -> Any:
    """A public document."""
    async with httpx2.AsyncClient() as client:
        return (await client.get(url)).json()


async def test_authlib_signs_in(issuer: str) -> None:
    """Authlib's own HTTP client: discovery, PKCE, code, ID token, UserInfo, refresh."""
    async with AsyncOAuth2Client(
        "portal", SECRET, scope="openid profile", redirect_uri=CALLBACK, code_challenge_method="S256"
    ) as client:
        metadata = await fetched(f"{issuer}/.well-known/openid-configuration")
        verifier = "authlib-" * 8
        url, state = client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier, nonce="n-authlib"
        )
        back = await signed_in(url)
        token = await client.fetch_token(
            metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
        )
        keys = KeySet.import_key_set(await fetched(metadata["jwks_uri"]))
        decoded = jwt.decode(token["id_token"], keys, algorithms=["ES256"])
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": metadata["issuer"]},
                "aud": {"essential": True, "value": "portal"},
                "nonce": {"value": "n-authlib"},
            },
            {"access_token": token["access_token"], "client_id": "portal"},
        )
        claims.validate()
        userinfo = (await client.get(metadata["userinfo_endpoint"])).json()
        assert userinfo["sub"] == decoded.claims["sub"]
        assert userinfo["name"] == "Nguyễn Văn An"
        again = await client.refresh_token(metadata["token_endpoint"])
        assert again["access_token"] != token["access_token"]


@pytest.fixture(scope="session")
def node_modules() -> None:
    """The packages of the lock file; the test is skipped where Node or the packages cannot be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node is not installed")
    if not (HERE / "node_modules" / "openid-client").exists():
        done = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, capture_output=True, check=False
        )
        if done.returncode != 0:
            pytest.skip("npm ci failed: no package registry")


@pytest.mark.usefixtures("node_modules")
async def test_openid_client_signs_in(issuer: str) -> None:
    """The npm package openid-client: discovery, code flow, UserInfo, refresh, introspection, revocation."""
    process = await asyncio.create_subprocess_exec(
        *("node", "openid_client.mjs", issuer, "portal", SECRET, CALLBACK),
        cwd=HERE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    first = await process.stdout.readline()
    assert first, (await process.stderr.read()).decode()
    back = await signed_in(json.loads(first)["url"])
    process.stdin.write((back + "\n").encode())
    await process.stdin.drain()
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    said = json.loads(output)
    assert said["userinfo"]["sub"] == said["claims"]["sub"]
    assert said["claims"]["iss"] == issuer
    assert said["living"] is True
    assert said["dead"] is False
    assert said["logout"].startswith(f"{issuer}/logout?")

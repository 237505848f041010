"""Authlib's own client signs in unchanged."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.idp_endpoints.people import CALLBACK, SECRET
from tests.interop.person import Person

pytestmark = pytest.mark.engine


async def fetched(url: str) -> Any:
    """A public document."""
    async with httpx2.AsyncClient() as client:
        return (await client.get(url)).json()


async def test_authlib_signs_in(issuer: str, person: Person) -> None:
    """Authlib's own HTTP client: discovery, PKCE, code, ID token, UserInfo, refresh."""
    async with AsyncOAuth2Client(
        "portal", SECRET, scope="openid profile", redirect_uri=CALLBACK, code_challenge_method="S256"
    ) as client:
        metadata = await fetched(f"{issuer}/.well-known/openid-configuration")
        verifier = "authlib-" * 8
        url, state = client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier, nonce="n-authlib"
        )
        back = await person.answer(url, CALLBACK)
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

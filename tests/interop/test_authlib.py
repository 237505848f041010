"""Authlib's own client signs in unchanged."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from tests.idp_endpoints.people import CALLBACK, SECRET, portal
from tests.interop.conftest import Running
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


SHARED = "a secret of at least thirty-two octets"
KEY = ECKey.generate_key("P-256", {"kid": "authlib-1", "use": "sig", "alg": "ES256"})
METHODS = {
    "private_key_jwt": (PrivateKeyJWT(alg="ES256"), KEY, {"jwks": {"keys": [KEY.as_dict(private=False)]}}),
    "client_secret_jwt": (ClientSecretJWT(), SHARED, {"shared_secret": SHARED.encode()}),
}


@pytest.mark.parametrize("method", METHODS)
async def test_authlib_signs_its_assertions(running: Running, person: Person, method: str) -> None:
    """RFC 7523 at the token, introspection and revocation endpoints, with Authlib's own defaults."""
    signing, secret, registered = METHODS[method]
    client_id = f"authlib-{method}"
    await running.register(
        portal(client_id, token_endpoint_auth_method=method, secret_hash=None, **registered)
    )
    metadata = await fetched(f"{running.issuer}/.well-known/openid-configuration")
    async with AsyncOAuth2Client(
        client_id,
        secret,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,  # by itself the library would send the secret
        scope="openid",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
    ) as client:
        client.register_client_auth_method(signing)
        verifier = "authlib-" * 8
        url, state = client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier
        )
        token = await client.fetch_token(
            metadata["token_endpoint"],
            authorization_response=await person.answer(url, CALLBACK),
            state=state,
            code_verifier=verifier,
        )

        async def alive() -> bool:
            answer = await client.introspect_token(metadata["introspection_endpoint"], token["access_token"])
            assert answer.status_code == 200, answer.text
            return bool(answer.json()["active"])

        assert await alive()
        revoked = await client.revoke_token(metadata["revocation_endpoint"], token["refresh_token"])
        assert revoked.status_code == 200, revoked.text
        assert not await alive()

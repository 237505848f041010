"""Npm openid-client over real mutual TLS, with a provider that serves https itself and asks for certificates."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from keys import Algorithm
from keys.material import public_jwk
from tests.certificates import Certified
from tests.idp_endpoints.people import CALLBACK, portal
from tests.interop.conftest import Running
from tests.interop.node import program
from tests.interop.person import Person
from tests.interop.secure import Secure

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("node_modules")]


async def told(
    secure: Secure, person: Person, client_id: str, own: Certified, **settings: Any
) -> dict[str, Any]:
    """What the client says at the end."""
    other = Certified("other", signer=secure.authority)
    asked = {
        "issuer": secure.issuer,
        "clientId": client_id,
        "redirectUri": CALLBACK,
        "ca": str(secure.anchors),
        "own": [str(path) for path in own.write(secure.folder, client_id)],
        "other": [str(path) for path in other.write(secure.folder, f"{client_id}-other")],
        **settings,
    }
    async with program("mutual_tls.mjs", json.dumps(asked)) as talking:
        await talking.say(await person.answer((await talking.hear())["url"], CALLBACK))
        said: dict[str, Any] = await talking.hear()
    return said


def is_bound(said: dict[str, Any], secure: Secure, *, stolen_refresh: list[Any]) -> None:
    """RFC 8705 section 3: the tokens serve whoever has the certificate, and nobody else."""
    assert said["name"] == "Nguyễn Văn An"
    assert said["userinfo"] == f"{secure.aliases}/userinfo"
    # 3: "If they do not match, the resource access attempt MUST be rejected with an error, per [RFC6750], using an
    # HTTP 401 status code and the "invalid_token" error code."
    assert [status for status, *_ in said["thefts"]] == [401, 401]
    assert all('error="invalid_token"' in challenge for _, challenge, *_ in said["thefts"])
    assert [theft[2:] for theft in said["thefts"]] == stolen_refresh


def is_alive_until_revoked(said: dict[str, Any], own: Certified) -> None:
    """RFC 8705 3.2: introspection names the certificate; afterwards it says no more than that it is over."""
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(own.der).digest()).rstrip(b"=").decode()
    assert said["living"]["cnf"] == {"x5t#S256": thumbprint}
    assert said["dead"] == {"active": False}


async def test_a_certificate_of_an_authority(running: Running, secure: Secure, browsing: Person) -> None:
    """RFC 8705 2.1 and 3: the subject's name authenticates, tokens are bound, aliases are used."""
    own = Certified("portal.example", signer=secure.authority)
    await running.register(
        portal(
            "mtls-pki",
            token_endpoint_auth_method="tls_client_auth",
            secret_hash=None,
            tls_client_auth_subject_dn="CN=portal.example",
            tls_client_certificate_bound_access_tokens=True,
        )
    )
    said = await told(secure, browsing, "mtls-pki", own, method="tls_client_auth")
    is_bound(said, secure, stolen_refresh=[[401, "invalid_client"]] * 2)
    is_alive_until_revoked(said, own)


async def test_a_certificate_of_ones_own(running: Running, secure: Secure, browsing: Person) -> None:
    """RFC 8705 2.2: nobody vouches for it but the client's registered keys."""
    own = Certified("portal.example")
    await running.register(
        portal(
            "mtls-own",
            token_endpoint_auth_method="self_signed_tls_client_auth",
            secret_hash=None,
            jwks={"keys": [public_jwk(own.key.public_key(), Algorithm.ES256)]},
            tls_client_certificate_bound_access_tokens=True,
        )
    )
    said = await told(secure, browsing, "mtls-own", own, method="tls_client_auth")
    is_bound(said, secure, stolen_refresh=[[401, "invalid_client"]] * 2)
    is_alive_until_revoked(said, own)


async def test_a_public_clients_certificate(running: Running, secure: Secure, browsing: Person) -> None:
    """RFC 8705 section 4: a public client proves nothing but binds access and refresh token to its certificate."""
    own = Certified("app")
    await running.register(
        portal(
            "mtls-app",
            token_endpoint_auth_method="none",
            secret_hash=None,
            tls_client_certificate_bound_access_tokens=True,
        )
    )
    said = await told(secure, browsing, "mtls-app", own, method="none")
    is_bound(said, secure, stolen_refresh=[[400, "invalid_grant"]] * 2)


async def test_fapi2_with_certificates(running: Running, secure: Secure, browsing: Person) -> None:
    """FAPI 2.0 Security Profile 5.3.2.1: PAR, mTLS client authentication and mTLS sender constraint together."""
    own = Certified("bank.example", signer=secure.authority)
    await running.register(
        portal(
            "mtls-fapi2",
            fapi2_profile="security",
            token_endpoint_auth_method="tls_client_auth",
            secret_hash=None,
            tls_client_auth_subject_dn="CN=bank.example",
            tls_client_certificate_bound_access_tokens=True,
        )
    )
    said = await told(secure, browsing, "mtls-fapi2", own, method="tls_client_auth", pushed=True)
    is_bound(said, secure, stolen_refresh=[[401, "invalid_client"]] * 2)
    is_alive_until_revoked(said, own)
